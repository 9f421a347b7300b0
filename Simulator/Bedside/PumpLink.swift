// SPDX-License-Identifier: Apache-2.0

public import Domain
import Foundation
import LocalTransport
import Messages
public import Panel
import Synchronization
public import Units

/// The bedside's ear and mouth on the pump's sockets.
///
/// It hears what controller and monitor broadcast and asks through the service, as any client does;
/// it can do nothing that `pumpctl` cannot.
public final class PumpLink: Sendable {
  public struct Statuses: Sendable {
    public var control: ControlStatus?
    public var safety: SafetyStatus?
    public var history = PanelHistory()
    var controlAt = Instant.zero
    var safetyAt = Instant.zero
  }

  private struct Contents {
    var statuses = Statuses()
    var running = true
    // Begins at the time of the start, so that two askers do not take each other's answers.
    var number = UInt32(truncatingIfNeeded: MonotonicSource.machine.nanoseconds &>> 10)
    var outbox: [Command] = []
    var replies: [UInt32: Reply] = [:]
  }

  private let contents = Mutex(Contents())
  private let folder: String
  private let clock: @Sendable () -> Instant

  public init(run folder: String, clock: @escaping @Sendable () -> Instant) {
    self.folder = folder
    self.clock = clock
  }

  /// The newest statuses; one that is older than a second is not given as if it were the present.
  public func statuses() -> Statuses {
    let now = clock()
    return contents.withLock { contents in
      var fresh = contents.statuses
      if now - fresh.controlAt > .seconds(1) { fresh.control = nil }
      if now - fresh.safetyAt > .seconds(1) { fresh.safety = nil }
      return fresh
    }
  }

  /// Asks the service and waits up to two seconds for the controller's reply.
  public func ask(_ kind: CommandKind, draft: PrescriptionDraft? = nil) async -> Reply? {
    let number = contents.withLock { contents in
      contents.number &+= 1
      contents.outbox.append(Command(kind, from: .service, number: contents.number, draft: draft))
      return contents.number
    }
    for _ in 0..<200 {
      try? await Task.sleep(for: .milliseconds(10))
      if let reply = contents.withLock({ $0.replies.removeValue(forKey: number) }) { return reply }
    }
    // Too late is not at all: a request nobody waits for must not be carried out.
    contents.withLock { $0.outbox.removeAll { $0.number == number } }
    return nil
  }

  /// Starts the thread that hears and speaks.
  public func start() {
    let thread = Thread { [self] in
      var control = Subscription(to: "\(folder)/control.sock")
      var safety = Subscription(to: "\(folder)/safety.sock")
      var service = Subscription(to: "\(folder)/service.sock")
      while contents.withLock({ $0.running }) {
        let now = clock()
        while let frame = control.receive(at: now) { hear(frame, at: now) }
        while let frame = safety.receive(at: now) { hear(frame, at: now) }
        for command in takeOutbox() where service.send(.command(command), at: now) != .sent {
          // The service is starting: the asker's own patience says when to give up.
          contents.withLock { $0.outbox.append(command) }
        }
        while let frame = service.receive(at: now) { hearAnswer(frame) }
        Thread.sleep(forTimeInterval: 0.005)
      }
    }
    thread.name = "pump-link"
    thread.start()
  }

  public func stop() { contents.withLock { $0.running = false } }

  private func takeOutbox() -> [Command] {
    contents.withLock { contents in
      defer { contents.outbox = [] }
      return contents.outbox
    }
  }

  private func hear(_ frame: Frame, at now: Instant) {
    contents.withLock { contents in
      switch frame {
      case .control(let status):
        contents.statuses.control = status
        contents.statuses.controlAt = now
      case .safety(let status):
        contents.statuses.safety = status
        contents.statuses.safetyAt = now
      case .event(let event): contents.statuses.history.append(event)
      case .command, .busRequest, .busReply, .updateNotice, .updateAnswer, .updateRefusal: break
      }
    }
  }

  /// The service answers a command with the status that carries the reply, under the asker's number.
  private func hearAnswer(_ frame: Frame) {
    guard case .control(let status) = frame, let reply = status.reply else { return }
    contents.withLock { $0.replies[reply.number] = reply }
  }
}
