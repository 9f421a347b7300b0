// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import Foundation
import Glibc
import LocalTransport
import ServiceAPI
import Units

/// A conversation with the service's socket for people.
struct PeopleClient {
  /// Hashing takes its turn behind others that ask at the same time.
  private static let patience: TimeInterval = 15

  private let connection: Connection

  init(run folder: String) throws(Failure) {
    connection = try Client.connect(folder + "/people.sock")
  }

  /// Asks, and gives the answer; a refusal is thrown with what to do next.
  func ask(_ request: ServiceRequest) throws(Failure) -> ServiceAnswer {
    guard connection.send(text: request.bytes) == .sent else {
      throw .unreachable("the service does not take the request")
    }
    let end = Date().addingTimeInterval(Self.patience)
    while Date() < end {
      switch connection.receiveText() {
      case .nothing: _ = connection.wait(upTo: .milliseconds(50))
      case .closed: throw .unreachable("the service closes the connection; ask again")
      case .tooLong: throw .unreachable("the service's answer cannot be read")
      case .text(let bytes):
        let answer: ServiceAnswer
        do throws(NotUnderstood) { answer = try ServiceAnswer(bytes) } catch {
          throw .unreachable("the service's answer cannot be read: \(error.reason)")
        }
        if case .refused(let refusal) = answer { throw Failure(refusal) }
        return answer
      }
    }
    throw .unreachable("the service does not answer")
  }
}

extension Failure {
  init(_ refusal: ServiceRefusal) {
    switch refusal.reason {
    case .notUnderstood: self = .badInput(refusal.detail ?? "the service does not understand it")
    case .notSignedIn: self = .needsSignIn("nobody is signed in; use 'pumpctl sign-in'")
    case .needsStepUp:
      self = .needsSignIn("this needs the secret again; use 'pumpctl step-up'")
    case .notPermitted: self = .refused("the role may not, or not while the pump does what it does")
    case .needsSecondPerson: self = .refused("noted; another person has to do the same")
    case .wrongSecret: self = .refused("login and secret do not belong together")
    case .wait:
      let seconds = ((refusal.milliseconds ?? 0) + 999) / 1_000
      self = .refused("too many mistakes; wait \(seconds) s")
    case .busy: self = .refused("the service is busy; ask again")
    case .unavailable:
      self = .refused("people cannot be read now; in an emergency use --emergency")
    case .loginTaken: self = .refused("another person has this login")
    case .badgeTaken: self = .refused("another person's PIN belongs to this badge")
    case .notABadge: self = .refused("a badge has a number of 1 to 64 bytes in hexadecimal")
    case .notALogin: self = .refused("a login has 1 to 64 printable ASCII characters, no spaces")
    case .secretTooShort:
      self = .refused("too short: a password has at least 15 characters, a PIN 6 digits")
    case .secretTooLong:
      self = .refused("too long: a password has at most 128 bytes, a PIN 12 digits")
    case .secretNotDigits: self = .refused("a PIN has digits only")
    case .secretGuessable: self = .refused("others would guess this; choose another")
    case .nobody: self = .refused("there is no such person")
    case .noSuchRole:
      self = .refused("roles: clinician, pharmacist, service, administrator, auditor, gateway")
    case .lastAdministrator: self = .refused("the pump would have no administrator")
    case .wrongCode: self = .refused("the code is not this one, was used, or is too old")
    case .notAnOrder:
      self = .refused("the order is outside the limits: \(refusal.detail ?? "")")
    case .keyUsed: self = .refused("another order was proposed with this key")
    case .noProposal: self = .refused("no such proposal waits; see 'pumpctl proposals list'")
    case .notAName:
      self = .badInput("expected a DNS name of 1 to 64 letters, digits, '-' and '.', in lower case")
    case .notACertificate: self = .refused(refusal.detail ?? "it is not taken")
    case .beyondEmergencyLimits:
      self = .refused("beyond the emergency limits of 100 mL/h and 50 mL; sign in")
    }
  }
}

/// Where pumpctl keeps the session between two calls: a file of its user's alone.
enum SessionFile {
  private static var place: (folder: String, name: String) {
    let environment = ProcessInfo.processInfo.environment
    if let path = environment["PUMP_SESSION"] {
      let url = URL(fileURLWithPath: path)
      return (url.deletingLastPathComponent().path, url.lastPathComponent)
    }
    if let folder = environment["XDG_RUNTIME_DIR"] { return (folder, "pumpctl-session") }
    return (NSHomeDirectory(), ".pumpctl-session")
  }

  static func read() -> String? {
    let (folder, name) = place
    guard
      let bytes = try? PosixFolder(path: folder, access: .reading).contents(of: name, limit: 200)
    else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    return text.utf8.count == 64 ? text : nil
  }

  static func need() throws(Failure) -> String {
    guard let session = read() else {
      throw .needsSignIn("nobody is signed in; use 'pumpctl sign-in'")
    }
    return session
  }

  // SEC-335: the file has mode 0600, and a link in its place is not followed.
  static func write(_ session: String) throws(Failure) {
    let (folder, name) = place
    do throws(StorageError) {
      try PosixFolder(path: folder).replace(name, with: Array((session + "\n").utf8))
    } catch {
      throw .badInput("the session cannot be kept in '\(folder)/\(name)': \(error)")
    }
  }

  static func remove() {
    let (folder, name) = place
    try? PosixFolder(path: folder).remove(name)
  }
}

/// Secrets come from the terminal, unseen, or one a line from standard input; never from the command line,
/// where every user of the machine reads them.
enum SecretInput {
  static func read(_ prompt: String) throws(Failure) -> String {
    let isTerminal = isatty(0) == 1
    if isTerminal {
      FileHandle.standardError.write(Data("\(prompt): ".utf8))
      echo(false)
    }
    defer {
      if isTerminal {
        echo(true)
        FileHandle.standardError.write(Data("\n".utf8))
      }
    }
    guard let line = readLine(strippingNewline: true) else {
      throw .badInput("\(prompt): nothing was given")
    }
    return line
  }

  private static func echo(_ on: Bool) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/stty")
    process.arguments = [on ? "echo" : "-echo"]
    try? process.run()
    process.waitUntilExit()
  }
}
