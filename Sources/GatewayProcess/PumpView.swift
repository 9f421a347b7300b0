// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import LocalTransport
import Messages
import Synchronization
import Units

/// The pump as it says it is, heard on a thread of its own; nothing is said there.
final class PumpView: Sendable {
  /// Events that a client that was away can still have.
  static let capacity = 1_024
  /// A status older than this is none.
  static let lifetime = Interval.seconds(2)

  /// An event with its number in this gateway's life.
  struct Heard: Sendable {
    let number: UInt64
    let event: PumpEvent
  }

  private struct Contents {
    var control: ControlStatus?
    var safety: SafetyStatus?
    var controlAt = Instant.min
    var safetyAt = Instant.min
    var update: UpdateNotice?
    var updateAt = Instant.min
    var events: [Heard] = []
    var next: UInt64 = 1
  }

  private let contents = Mutex(Contents())
  private let path: String
  private let service: PeerPolicy
  private let clock: MonotonicSource
  /// Tells this life of the gateway from others in the numbers of events.
  let life = String(UInt32.random(in: 1...UInt32.max), radix: 36)

  init(path: String, service: PeerPolicy, clock: MonotonicSource) {
    self.path = path
    self.service = service
    self.clock = clock
  }

  func start() {
    let thread = Thread { [self] in hear() }
    thread.name = "pump"
    thread.start()
  }

  private func hear() {
    var subscription = Subscription(to: path, allowing: service)
    while true {
      let now = clock.now()
      while let frame = subscription.receive(at: now) { take(frame, at: now) }
      if let descriptor = subscription.descriptor {
        _ = waitForInput(on: [descriptor], upTo: .milliseconds(100))
      } else {
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
  }

  private func take(_ frame: Frame, at now: Instant) {
    contents.withLock { contents in
      switch frame {
      case .control(let status): (contents.control, contents.controlAt) = (status, now)
      case .safety(let status): (contents.safety, contents.safetyAt) = (status, now)
      case .event(let event):
        contents.events.append(Heard(number: contents.next, event: event))
        contents.next += 1
        if contents.events.count > Self.capacity { contents.events.removeFirst() }
      case .updateNotice(let notice): (contents.update, contents.updateAt) = (notice, now)
      case .command, .busRequest, .busReply, .updateAnswer, .updateRefusal: break
      }
    }
  }

  // RC-129: what is older is not shown.
  /// The newest statuses; nil for a process that says nothing.
  var statuses: (control: ControlStatus?, safety: SafetyStatus?) {
    let now = clock.now()
    return contents.withLock { contents in
      (
        now - contents.controlAt <= Self.lifetime ? contents.control : nil,
        now - contents.safetyAt <= Self.lifetime ? contents.safety : nil
      )
    }
  }

  /// What the updater said last; nil when it says nothing.
  var update: UpdateNotice? {
    let now = clock.now()
    return contents.withLock { now - $0.updateAt <= Self.lifetime ? $0.update : nil }
  }

  /// The number of the newest event; 0 before the first.
  var newest: UInt64 { contents.withLock { $0.next - 1 } }

  /// The events after that number, and how many of those are gone.
  // SRS-187: a client that was away gets what it missed, or is told how much is gone.
  func events(after number: UInt64) -> (events: [Heard], missed: UInt64) {
    contents.withLock { contents in
      let first = contents.events.first?.number ?? contents.next
      let from = number + 1
      return (contents.events.filter { $0.number >= from }, first > from ? first - from : 0)
    }
  }
}
