// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Cryptography
import Domain
import DurableFiles
import Foundation
import LocalTransport
import Synchronization
import Units

/// The audit log on a thread of its own: whoever submits never waits for a disk.
///
/// **What is promised.** An entry is durable within 50 ms of its submission plus what the disk takes.
/// A log that cannot be continued stays where it is, as evidence, and the next one begins beside it.
final class AuditThread: Sendable {
  typealias Keys = FileAuditKeys<PosixFolder>
  typealias Counter = FileCounter<PosixFolder>

  private struct Shared {
    var closing = false
    var closed = false
    var state = AuditRecorder<PosixFolder, Keys, Counter>.State.good
  }

  private let inbox = AuditInbox()
  private let shared = Mutex(Shared())
  private let clock: MonotonicSource

  /// Opens the log below `folder` and starts its thread.
  init(folder path: String, clock: MonotonicSource) throws {
    self.clock = clock
    let data = try PosixFolder(path: path)
    let secrets = try data.folder("keys")
    // One writer: a second service gets `inUse`.
    let alone = try PosixFolder(path: path + "/audit", access: .writingAlone)
    try data.sync()
    let recorder = try Self.open(alone, secrets, inbox, now: Self.time(clock))
    // The thread takes the recorder with it.
    let start = Mutex<AuditRecorder<PosixFolder, Keys, Counter>?>(recorder)
    let thread = Thread { [self] in
      guard var recorder = start.withLock({ $0.take() }) else { return }
      run(&recorder)
      _ = alone
    }
    thread.name = "audit-log"
    thread.start()
  }

  /// Takes an entry for the log; never waits.
  func submit(_ entry: AuditEntry) { inbox.submit(entry, at: Self.time(clock)) }

  /// Whether records are being kept as they should be.
  var isGood: Bool { shared.withLock { $0.state == .good } }

  /// Writes what waits and ends the thread.
  func close() {
    shared.withLock { $0.closing = true }
    for _ in 0..<200 where !shared.withLock({ $0.closed }) {
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  private func run(_ recorder: inout AuditRecorder<PosixFolder, Keys, Counter>) {
    var told = AuditRecorder<PosixFolder, Keys, Counter>.State.good
    while !shared.withLock({ $0.closing }) {
      while recorder.step(now: Self.time(clock)) {}
      let state = recorder.state
      if state != told { report("audit log: \(Self.words(state))") }
      told = state
      shared.withLock { $0.state = state }
      Thread.sleep(forTimeInterval: 0.05)
    }
    recorder.close(now: Self.time(clock))
    shared.withLock { $0.closed = true }
  }

  private static func words(_ state: AuditRecorder<PosixFolder, Keys, Counter>.State) -> String {
    switch state {
    case .good: "records are kept again"
    case .full: "the disk is full; safety-relevant records go to the reserve"
    case .failing(let why): "\(why)"
    }
  }

  // RC-011: wall time labels a record and decides nothing.
  private static func time(_ clock: MonotonicSource) -> AuditTime {
    let wall = Date().timeIntervalSince1970 * 1_000
    return AuditTime(
      monotonic: UInt64(max(0, clock.now().nanoseconds)), wall: UInt64(max(0, wall)),
      quality: .unknown)
  }

  /// Opens the newest log; one that is damaged is left alone and another begun.
  private static func open(
    _ audit: PosixFolder, _ secrets: PosixFolder, _ inbox: AuditInbox, now: AuditTime
  ) throws -> AuditRecorder<PosixFolder, Keys, Counter> {
    var generation = try audit.list().compactMap { Int($0) }.max() ?? 1
    let device = try identity(secrets)
    var first: [AuditEntry] = []
    var reserved = true
    // RC-081: a log that this device did not sign is evidence, and is not continued.
    while true {
      let folder = try audit.folder("\(generation)")
      try audit.sync()
      do {
        let log = try AuditTrail(
          folder, origin: "\(device)/audit/\(generation)", keys: Keys(secrets),
          counter: Counter(secrets), boot: RandomBytes.make(16), now: now, first: first)
        return AuditRecorder(inbox, into: log, folder: folder)
      } catch AuditError.damaged(let why) {
        report("audit log \(generation) cannot be continued: \(why)")
        first = [
          AuditEntry(.logReplaced, outcome: .failed, source: .log, reference: why)
        ]
        generation += 1
      } catch AuditError.storage(.noSpace) where reserved {
        // RC-083: a start on a full disk uses the room that was held back.
        try? folder.remove("reserve")
        reserved = false
      }
    }
  }

  /// The device's name in its logs, drawn at its first start.
  private static func identity(_ secrets: PosixFolder) throws -> String {
    do {
      let bytes = try secrets.contents(of: "device", limit: 100)
      return String(decoding: bytes, as: UTF8.self)
    } catch StorageError.notFound {
      let name = "simulated-pump.invalid/" + Hex.encode(try RandomBytes.make(8))
      try secrets.replace("device", with: Array(name.utf8))
      return name
    }
  }
}

extension AuditEntry {
  /// The record of an event of the pump; a kind that the enumeration does not have is a programming
  /// mistake that a test finds, and is recorded as a missed event.
  init(_ event: PumpEvent) {
    let source = AuditSource(rawValue: event.source.rawValue) ?? .log
    let known = AuditEvent(rawValue: 100 + UInt16(event.kind.rawValue))
    self.init(
      known ?? .eventsMissed, outcome: event.kind == .commandRefused ? .refused : .done,
      source: source, number: event.number, subject: UInt32(event.subject), a: event.a, b: event.b)
  }

  /// The record of a request, before the controller has answered it.
  init(request: Command) {
    self.init(
      .requestReceived, source: .service, subject: UInt32(request.kind.rawValue),
      a: Int64(request.number), b: Int64(request.origin.rawValue))
  }
}
