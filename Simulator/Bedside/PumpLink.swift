// SPDX-License-Identifier: Apache-2.0

public import Domain
import Foundation
import LocalTransport
import Messages
import Synchronization
public import Units

/// The bedside's ear and mouth: it hears what controller and monitor broadcast and asks through the
/// service, as any client does. It can do nothing that `pumpctl` cannot.
public final class PumpLink: Sendable {
  public struct Statuses: Sendable {
    public var control: ControlStatus?
    public var safety: SafetyStatus?
    var controlAt = Instant.zero
    var safetyAt = Instant.zero
  }

  private struct Contents {
    var statuses = Statuses()
    var running = true
    var number: UInt32 = 0
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
      contents.outbox.append(
        Command(kind, from: .service, number: contents.number, draft: draft))
      return contents.number
    }
    for _ in 0..<200 {
      try? await Task.sleep(for: .milliseconds(10))
      if let reply = contents.withLock({ $0.replies.removeValue(forKey: number) }) { return reply }
    }
    return nil
  }

  public func start() {
    listen(to: "control.sock", name: "hear-control")
    listen(to: "safety.sock", name: "hear-safety")
    listen(to: "service.sock", name: "ask-service")
  }

  public func stop() { contents.withLock { $0.running = false } }

  private func listen(to socket: String, name: String) {
    let thread = Thread { [self] in
      var connection: Connection?
      while contents.withLock({ $0.running }) {
        if connection == nil { connection = try? Connection(to: "\(folder)/\(socket)") }
        let alive = exchange(&connection, asks: socket == "service.sock")
        Thread.sleep(forTimeInterval: alive ? 0.005 : 0.1)
      }
    }
    thread.name = name
    thread.start()
  }

  /// Sends what waits and takes in what came; `false`, and no connection, when the far end is gone.
  private func exchange(_ connection: inout Connection?, asks: Bool) -> Bool {
    guard connection != nil else { return false }
    do {
      if asks {
        for command in contents.withLock({ contents in
          let waiting = contents.outbox
          contents.outbox = []
          return waiting
        }) {
          try connection?.send(.command(command), at: clock())
        }
      }
      while let frame = try connection?.receive() { take(frame, fromService: asks) }
      return true
    } catch {
      connection = nil
      return false
    }
  }

  private func take(_ frame: Frame, fromService: Bool) {
    let now = clock()
    contents.withLock { contents in
      switch frame {
      case .control(let status) where fromService:
        if let reply = status.reply { contents.replies[reply.number] = reply }
      case .control(let status):
        contents.statuses.control = status
        contents.statuses.controlAt = now
      case .safety(let status):
        contents.statuses.safety = status
        contents.statuses.safetyAt = now
      case .command, .event, .busRequest, .busReply: break
      }
    }
  }
}
