// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Cryptography
import Domain
import DurableFiles
import Foundation
import KeyStore
import LocalTransport
import Synchronization
import Units

/// The audit log on a thread of its own: whoever submits never waits for a disk.
///
/// **What is promised.** An entry is durable within 50 ms of its submission plus what the disk takes.
/// A log that cannot be continued stays where it is, as evidence, and the next one begins beside it. The
/// keys come from the device's store of keys; while they or the medium cannot be had, the log is opened
/// again twice a second, and entries wait.
final class AuditThread: Sendable {
  typealias Keys = SealedAuditKeys<DeviceRoot, PosixFolder>
  typealias Counter = RootAuditCounter<DeviceRoot>
  typealias Recorder = AuditRecorder<PosixFolder, Keys, Counter>

  private struct Shared {
    var closing = false
    var closed = false
    var isGood = true
    /// What the newest anchor said when the log was opened.
    var opened: [UInt8]?
    var state: [UInt8]?
  }

  private let inbox = AuditInbox()
  private let shared = Mutex(Shared())
  private let clock: MonotonicSource
  private let keys: DeviceKeys

  /// Claims the log below `folder` and starts its thread, which opens it.
  init(folder path: String, keys: DeviceKeys, clock: MonotonicSource) throws {
    self.clock = clock
    self.keys = keys
    let data = try PosixFolder(path: path)
    // One writer: a second service gets `inUse`.
    let alone = try PosixFolder(path: path + "/audit", access: .writingAlone)
    try data.sync()
    let thread = Thread { [self] in
      if var recorder = openPatiently(alone) { run(&recorder) }
      shared.withLock { $0.closed = true }
    }
    thread.name = "audit-log"
    thread.start()
  }

  /// What the newest anchor said of the other stores when the log was opened; nil while it is not open.
  var anchoredState: [UInt8]? { shared.withLock { $0.opened } }

  /// What the anchors say of the other stores from now on.
  func anchor(_ state: [UInt8]) { shared.withLock { $0.state = state } }

  /// Takes an entry for the log; never waits.
  func submit(_ entry: AuditEntry) { inbox.submit(entry, at: Self.time(clock)) }

  /// Whether records are being kept as they should be.
  var isGood: Bool { shared.withLock { $0.isGood } }

  /// Writes what waits and ends the thread.
  func close() {
    shared.withLock { $0.closing = true }
    for _ in 0..<200 where !shared.withLock({ $0.closed }) {
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  /// The log, as soon as medium and keys can be had; nil when the end comes first.
  private func openPatiently(_ audit: PosixFolder) -> Recorder? {
    var complaint = ""
    while true {
      do {
        let recorder = try open(audit)
        shared.withLock {
          $0.isGood = true
          $0.opened = recorder.log.stateRoot
        }
        return recorder
      } catch {
        if complaint != "\(error)" { report("the audit log cannot be opened: \(error)") }
        complaint = "\(error)"
        shared.withLock { $0.isGood = false }
      }
      for _ in 0..<10 {
        if shared.withLock({ $0.closing }) { return nil }
        Thread.sleep(forTimeInterval: 0.05)
      }
    }
  }

  private func run(_ recorder: inout Recorder) {
    var told = Recorder.State.good
    while !shared.withLock({ $0.closing }) {
      takeState(&recorder)
      while recorder.step(now: Self.time(clock)) {}
      let state = recorder.state
      if state != told { report("audit log: \(Self.words(state))") }
      told = state
      shared.withLock { $0.isGood = state == .good }
      Thread.sleep(forTimeInterval: 0.05)
    }
    takeState(&recorder)
    recorder.close(now: Self.time(clock))
  }

  private func takeState(_ recorder: inout Recorder) {
    if let state = shared.withLock({ $0.state.take() }) { recorder.anchor(state) }
  }

  private static func words(_ state: Recorder.State) -> String {
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
  private func open(_ audit: PosixFolder) throws -> Recorder {
    let (root, store) = try keys.open()
    var generation = try audit.list().compactMap { Int($0) }.max() ?? 1
    let device = try Self.identity(audit)
    let now = Self.time(clock)
    var policy = AuditPolicy()
    // A TPM's memory wears out by writing.
    if root.kind == .tpm { policy.spacing = 10_000_000_000 }
    var first: [AuditEntry] = []
    var reserved = true
    // RC-081: a log that this device did not sign is evidence, and is not continued.
    while true {
      let folder = try audit.folder("\(generation)")
      try audit.sync()
      do {
        let log = try AuditTrail(
          folder, origin: "\(device)/audit/\(generation)", keys: Keys(store),
          counter: Counter(root), policy: policy, boot: RandomBytes.make(16), now: now,
          first: first)
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
  private static func identity(_ audit: PosixFolder) throws -> String {
    do {
      let bytes = try audit.contents(of: "device", limit: 100)
      return String(decoding: bytes, as: UTF8.self)
    } catch StorageError.notFound {
      let name = "simulated-pump.invalid/" + Hex.encode(try RandomBytes.make(8))
      try audit.replace("device", with: Array(name.utf8))
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

  /// The record of what the check at start found.
  // SRS-215: each start is on record, with the files that were not as signed.
  init(_ verdict: StartVerdict) {
    self.init(
      verdict.isProved ? .startVerified : .startRefused,
      outcome: verdict.isProved ? .done : .refused, source: .service,
      a: Int64(verdict.isProved ? 0 : verdict.details.count),
      reference: verdict.details.first ?? "")
  }

  /// The record of a request, before the controller has answered it.
  init(request: Command) {
    self.init(
      .requestReceived, source: .service, subject: UInt32(request.kind.rawValue),
      a: Int64(request.number), b: Int64(request.origin.rawValue))
  }
}
