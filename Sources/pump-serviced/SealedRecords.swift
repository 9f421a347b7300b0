// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Domain
import DurableFiles
import Foundation
import KeyStore
import SecureStore
import Synchronization

/// Keeps every event sealed in the store, on a thread of its own.
///
/// **What is promised.** An event is on the medium within 50 ms, plus what the medium takes. The caller
/// never waits: up to ``capacity`` events wait for a slow or failing medium, and those beyond show as
/// `missed` in the next record of their source. Self-test, keys and store are opened on the same thread and
/// opened again after a failure, so that none of it delays a request.
final class SealedRecords: Sendable {
  static let capacity = 4_096
  /// How long nothing may be kept before the service stops calling itself well.
  static let patience = Duration.seconds(10)

  private struct Contents {
    var waiting: [(event: PumpEvent, at: Date)] = []
    var failingSince: ContinuousClock.Instant?
    var closing = false
    var closed = false
  }

  private let contents = Mutex(Contents())
  private let folder: String
  private let pause: TimeInterval

  /// Starts the thread; `pause` is the time between two looks at what waits.
  init(folder: String, pause: TimeInterval = 0.05) {
    self.folder = folder
    self.pause = pause
    let thread = Thread { [self] in run() }
    thread.name = "records"
    thread.start()
  }

  /// Takes an event; never waits.
  func append(_ event: PumpEvent) {
    let at = Date()
    contents.withLock { contents in
      if contents.waiting.count < Self.capacity { contents.waiting.append((event, at)) }
    }
  }

  // RC-065: a service that cannot keep records stops its heartbeat, and the pump says so.
  /// False when for ``patience`` nothing could be kept.
  var isKeeping: Bool {
    guard let since = contents.withLock({ $0.failingSince }) else { return true }
    return ContinuousClock.now - since < Self.patience
  }

  /// Keeps what waits and ends the thread; returns within a second.
  func close() {
    contents.withLock { $0.closing = true }
    for _ in 0..<100 where !contents.withLock({ $0.closed }) {
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  private func run() {
    var trust: Trust?
    var numbering = Numbering()
    var complaint = ""
    while true {
      let (batch, closing) = contents.withLock { ($0.waiting, $0.closing) }
      do {
        if trust == nil {
          let open = try Trust(folder: folder)
          report("records are kept in '\(folder)'; keys: \(open.keys.kind.rawValue)")
          trust = open
        }
        if !batch.isEmpty { try trust?.keep(batch, &numbering) }
        contents.withLock { contents in
          contents.waiting.removeFirst(batch.count)
          contents.failingSince = nil
        }
        complaint = ""
      } catch {
        trust = nil
        contents.withLock { contents in
          contents.failingSince = contents.failingSince ?? .now
        }
        if complaint != "\(error)" { report("records are not kept: \(error)") }
        complaint = "\(error)"
      }
      if closing { break }
      Thread.sleep(forTimeInterval: complaint.isEmpty ? pause : max(pause, 0.5))
    }
    contents.withLock { $0.closed = true }
  }
}

/// What is remembered from one batch to the next.
struct Numbering {
  /// The last number of each source.
  var last: [EventSource: UInt32] = [:]
  /// The key of the infusion that runs; a new one for each.
  var episode: KeyID?
}

/// The keys and the store of this pump.
struct Trust {
  /// The cryptography does not compute what it must.
  struct SelfTestFailed: Error, CustomStringConvertible {
    let names: [String]
    var description: String { "self-test failed: \(names.joined(separator: ", "))" }
  }

  let keys: KeyStore<SimulatedRoot<PosixFolder>, PosixFolder>
  let store: SecureStore
  init(folder: String) throws {
    let failures = CryptographySelfTest.failures()
    guard failures.isEmpty else { throw SelfTestFailed(names: failures) }
    let data = try PosixFolder(path: folder)
    let (root, table) = try (data.folder("simulated-root"), data.folder("keys"))
    try data.sync()
    keys = try KeyStore(root: SimulatedRoot(root), folder: table)
    store = try SecureStore(path: folder + "/records.sqlite", keys: keys)
  }

  /// Keeps all of these events, or none; in their order within each table.
  func keep(_ events: [(event: PumpEvent, at: Date)], _ numbering: inout Numbering) throws {
    var next = numbering
    var alarms: [[UInt8]] = []
    var batches: [SecureStore.Batch] = []
    var history: [[UInt8]] = []
    func endBatch() {
      if !history.isEmpty { batches.append(.init(history, to: .history, episode: next.episode)) }
      history = []
    }
    for (event, at) in events {
      let before = next.last[event.source] ?? 0
      // A source that starts again counts from 1 again.
      let missed = event.number > before ? event.number - before - 1 : 0
      next.last[event.source] = event.number
      let line = try Array(EventRecord(event, missed: missed, recorded: at).line().dropLast())
      switch event.kind {
      case .alarmRaised, .alarmCleared, .tripped: alarms.append(line)
      case .confirmed:
        endBatch()
        // Beyond the key table's room an infusion goes under the key of its class.
        do throws(KeyStoreError) {
          next.episode = try keys.current(.episode)
        } catch .full {
          next.episode = nil
        }
        history.append(line)
      case .infusionEnded:
        history.append(line)
        endBatch()
        next.episode = nil
      default: history.append(line)
      }
    }
    endBatch()
    if !alarms.isEmpty { batches.append(.init(alarms, to: .alarms)) }
    try store.append(batches)
    numbering = next
  }
}
