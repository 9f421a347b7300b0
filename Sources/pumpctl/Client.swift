// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import LocalTransport
import Messages
import ServiceAPI
import Units

/// Why pumpctl ends without having done what it was asked; each has its own exit code.
enum Failure: Error {
  /// Exit code 1: the pump does not do it, and says why.
  case refused(String)
  /// Exit code 1: it is done at the pump and never over a network.
  case notThere(String)
  /// Exit code 2: what was typed cannot be meant.
  case badInput(String)
  /// Exit code 3: nobody answers.
  case unreachable(String)
  /// Exit code 3: what answers is not the pump that it should be, or speaks what no pump speaks.
  case notThePump(String)
  /// Exit code 4: somebody has to sign in, or give their secret again.
  case needsSignIn(String)

  var text: String {
    switch self {
    case .refused(let text), .notThere(let text), .badInput(let text), .unreachable(let text),
      .notThePump(let text), .needsSignIn(let text):
      text
    }
  }

  var code: Int32 {
    switch self {
    case .refused, .notThere: 1
    case .badInput: 2
    case .unreachable, .notThePump: 3
    case .needsSignIn: 4
    }
  }
}

/// What the pump says of itself, heard at the service's socket; what is asked goes to its socket for people.
struct Client {
  private let connection: Connection
  private let folder: String
  private(set) var control: ControlStatus?
  private(set) var safety: SafetyStatus?

  init(run folder: String) throws(Failure) {
    self.folder = folder
    connection = try Self.connect(folder + "/service.sock")
  }

  static func connect(_ path: String) throws(Failure) -> Connection {
    // On a device the service runs under a user of its own; nobody else is taken for it.
    var policy = PeerPolicy.sameUser
    if let service = PeerPolicy.user("pump-service") { policy = policy.adding([service]) }
    do { return try Connection(to: path, allowing: policy) } catch {
      throw .unreachable("cannot reach the pump at \(path): \(error)")
    }
  }

  /// Waits up to two seconds for what the controller says of itself.
  mutating func status() throws(Failure) -> ControlStatus {
    var found: ControlStatus?
    try hear(for: 2) { frame in
      if case .control(let status) = frame { found = status }
      return found != nil
    }
    guard let found else {
      throw .unreachable("the service answers, but it hears no controller")
    }
    return found
  }

  /// Waits a moment longer for the monitor's status, which may be absent.
  mutating func safetyStatus() throws(Failure) -> SafetyStatus? {
    if safety == nil {
      try hear(for: 0.3) { if case .safety = $0 { true } else { false } }
    }
    return safety
  }

  /// Asks under the name of whoever is signed in, and waits up to two seconds for the controller's answer.
  mutating func ask(
    _ kind: CommandKind, draft: PrescriptionDraft? = nil, emergency: Bool = false
  ) throws(Failure) -> ControlStatus {
    try ask { number in
      .command(
        kind, number: number, draft: draft, session: SessionFile.read(), emergency: emergency)
    }
  }

  /// Asks for something that the controller answers under the number that the request gets.
  mutating func ask(_ request: (UInt32) -> ServiceRequest) throws(Failure) -> ControlStatus {
    _ = try status()
    // Random, so that two callers do not take each other's answers.
    let number = UInt32.random(in: 1...UInt32.max)
    _ = try PeopleClient(run: folder).ask(request(number))
    var answer: (status: ControlStatus, reply: Reply)?
    try hear(for: 2) { frame in
      guard case .control(let status) = frame, let reply = status.reply, reply.number == number
      else { return false }
      answer = (status, reply)
      return true
    }
    guard let answer else {
      throw .unreachable("the controller does not answer; look at the pump itself")
    }
    if let refusal = answer.reply.refusal {
      throw .refused(refusal.advice(detail: answer.reply.detail))
    }
    return answer.status
  }

  /// Hears frames until one is what is waited for, or the (real) seconds are over.
  mutating func hear(for seconds: Double, until wanted: (Frame) -> Bool) throws(Failure) {
    let end = Date().addingTimeInterval(seconds)
    while Date() < end {
      switch connection.receive() {
      case .nothing: _ = connection.wait(upTo: .milliseconds(50))
      case .closed: throw .unreachable("the service has ended")
      case .tooLong: break
      case .frame(let bytes):
        // A frame that cannot be read is skipped: the next one says everything anew.
        guard let (_, frame) = try? decode(bytes) else { continue }
        if case .control(let status) = frame { control = status }
        if case .safety(let status) = frame { safety = status }
        if wanted(frame) { return }
      }
    }
  }
}
