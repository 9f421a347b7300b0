// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import Foundation
import GatewayClient
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
    let progress = Progress("waiting for the service")
    defer { progress.end() }
    while Date() < end {
      switch connection.receiveText() {
      case .nothing:
        progress.tick()
        _ = connection.wait(upTo: .milliseconds(50))
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
    case .keyUsed: self = .refused("another order or bundle came with this key")
    case .uploadBusy: self = .refused("another bundle comes or is being verified")
    case .noSpace: self = .refused("there is no room for it")
    case .noUpdater: self = .refused("the process for updates does not answer")
    case .noProposal: self = .refused("no such proposal waits; see 'pumpctl proposals list'")
    case .proposalEnded: self = .refused("the proposal waits no more")
    case .notAName:
      self = .badInput("expected a DNS name of 1 to 64 letters, digits, '-' and '.', in lower case")
    case .notACertificate: self = .refused(refusal.detail ?? "it is not taken")
    case .beyondEmergencyLimits:
      self = .refused("beyond the emergency limits of 100 mL/h and 50 mL; sign in")
    }
  }
}

/// Where pumpctl keeps the session between two calls: a file of its user's alone, one for each pump.
enum SessionFile {
  private static func place(_ profile: Profile?) -> (folder: String, name: String) {
    let environment = ProcessInfo.processInfo.environment
    let suffix = profile.map { "-\($0.name)" } ?? ""
    if let path = environment["PUMP_SESSION"] {
      let url = URL(fileURLWithPath: path)
      return (url.deletingLastPathComponent().path, url.lastPathComponent + suffix)
    }
    if let folder = environment["XDG_RUNTIME_DIR"] { return (folder, "pumpctl-session" + suffix) }
    return (NSHomeDirectory(), ".pumpctl-session" + suffix)
  }

  // SEC-439: a session goes to the pump that gave it: one of another address or name is none.
  static func read(_ profile: Profile? = nil) -> String? {
    let (folder, name) = place(profile)
    guard
      let bytes = try? PosixFolder(path: folder, access: .reading).contents(of: name, limit: 600)
    else { return nil }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    guard let token = lines.first, token.utf8.count == 64,
      token.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }),
      Array(lines.dropFirst()) == (profile.map { [$0.place] } ?? [])
    else { return nil }
    return token
  }

  static func need(_ profile: Profile? = nil) throws(Failure) -> String {
    guard let session = read(profile) else {
      let words = profile.map { " --profile \($0.name)" } ?? ""
      throw .needsSignIn("nobody is signed in; use 'pumpctl sign-in\(words)'")
    }
    return session
  }

  // SEC-335: the file has mode 0600, and a link in its place is not followed.
  static func write(_ session: String, _ profile: Profile? = nil) throws(Failure) {
    let (folder, name) = place(profile)
    let text = session + "\n" + (profile.map { $0.place + "\n" } ?? "")
    do throws(StorageError) {
      try PosixFolder(path: folder).replace(name, with: Array(text.utf8))
    } catch {
      throw .badInput("the session cannot be kept in '\(folder)/\(name)': \(error)")
    }
  }

  static func remove(_ profile: Profile? = nil) {
    let (folder, name) = place(profile)
    try? PosixFolder(path: folder).remove(name)
  }
}

// SEC-440: no option takes a secret.
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
