// SPDX-License-Identifier: Apache-2.0

import AuditLog
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
    var calibration: (bytes: [UInt8], whenNew: @Sendable () -> Void)?
    var failingSince: ContinuousClock.Instant?
    var trust: Trust?
    var isCompared = false
    var closing = false
    var closed = false
  }

  private let contents = Mutex(Contents())
  private let folder: String
  private let keys: DeviceKeys
  private let audit: AuditThread?
  private let pause: TimeInterval

  /// Starts the thread; `pause` is the time between two looks at what waits.
  init(folder: String, keys: DeviceKeys, audit: AuditThread? = nil, pause: TimeInterval = 0.05) {
    self.folder = folder
    self.keys = keys
    self.audit = audit
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

  /// Keeps the record of the board's calibration in place of the one before; never waits.
  ///
  /// `whenNew` is called once it is durable, and not when the same record was kept already.
  func keep(calibration bytes: [UInt8], whenNew: @escaping @Sendable () -> Void) {
    contents.withLock { $0.calibration = (bytes, whenNew) }
  }

  // RC-065: a service that cannot keep records stops its heartbeat, and the pump says so.
  /// False when for ``patience`` nothing could be kept.
  var isKeeping: Bool {
    guard let since = contents.withLock({ $0.failingSince }) else { return true }
    return ContinuousClock.now - since < Self.patience
  }

  /// Whether the last attempt to open the store or to keep something failed.
  var isFailing: Bool { contents.withLock { $0.failingSince != nil } }

  /// Keys and store while they are open; not to be kept, for they are opened anew after a failure.
  var trust: Trust? { contents.withLock { $0.trust } }

  // SEC-337: a person who was removed by putting the file back is missed at the next start.
  /// Lets the log anchor what another thread changed in the store.
  func anchor() {
    guard contents.withLock({ $0.isCompared }), let state = try? trust?.store.state() else {
      return
    }
    audit?.anchor(state)
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
    var isCompared = false
    while true {
      let (batch, closing) = contents.withLock { ($0.waiting, $0.closing) }
      do {
        if trust == nil {
          let open = try Trust(folder: folder, keys: keys)
          try open.destroyUnusedKeys(but: Set([numbering.episode].compactMap(\.self)))
          report("records are kept in '\(folder)'; keys: \(open.keys.kind.rawValue)")
          trust = open
          contents.withLock { $0.trust = open }
        }
        if let trust {
          if !isCompared {
            isCompared = try compare(trust.store)
            contents.withLock { $0.isCompared = isCompared }
          }
          if let calibration = contents.withLock({ $0.calibration }) {
            if try trust.keep(calibration: calibration.bytes) { calibration.whenNew() }
            contents.withLock { $0.calibration = nil }
          }
          if !batch.isEmpty {
            try trust.keep(batch, &numbering)
            // The batch is kept: a state that cannot be had now is anchored with the next one.
            if isCompared, let state = try? trust.store.state() { audit?.anchor(state) }
          }
        }
        contents.withLock { contents in
          contents.waiting.removeFirst(batch.count)
          contents.failingSince = nil
        }
        if !complaint.isEmpty {
          audit?.submit(AuditEntry(.storageRecovered, source: .service, reference: "records"))
        }
        complaint = ""
      } catch {
        trust = nil
        // RC-083: the log tells of a medium that has no room for the records, though it may still have some
        // for the log itself.
        if complaint.isEmpty {
          let event: AuditEvent = Self.isForWantOfRoom(error) ? .storageFull : .storageFailed
          audit?.submit(
            AuditEntry(event, outcome: .failed, source: .service, reference: "records: \(error)"))
        }
        contents.withLock { contents in
          contents.trust = nil
          contents.failingSince = contents.failingSince ?? .now
        }
        if complaint != "\(error)" { report("records are not kept: \(error)") }
        complaint = "\(error)"
      }
      if closing { break }
      Thread.sleep(forTimeInterval: complaint.isEmpty ? pause : max(pause, 0.5))
    }
    // Whoever opens the store next finds it closed.
    trust = nil
    contents.withLock { contents in
      contents.trust = nil
      contents.closed = true
    }
  }

  private static func isForWantOfRoom(_ error: any Error) -> Bool {
    switch error {
    case StoreError.full, StoreError.keys(.storage(.noSpace)), KeyStoreError.storage(.noSpace): true
    default: false
    }
  }

  // RC-063: a store that lacks what was anchored is told to the log before its state is anchored again.
  /// Compares the store with what the log anchored before this start; false while the log is not open.
  private func compare(_ store: SecureStore) throws -> Bool {
    guard let anchored = audit?.anchoredState else { return audit == nil }
    for finding in anchored.isEmpty ? [] : try store.findings(against: anchored) {
      report("the records are not those that the audit log anchored: \(finding)")
      audit?.submit(
        AuditEntry(.storeAltered, outcome: .failed, reference: finding.description))
    }
    audit?.anchor(try store.state())
    return true
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
struct Trust: Sendable {
  let keys: DeviceKeys.Store
  let store: SecureStore

  init(folder: String, keys: DeviceKeys, retention: Retention = .standard) throws {
    self.keys = try keys.open().store
    let path = folder + "/records.sqlite"
    try Self.close(path)
    store = try SecureStore(path: path, keys: self.keys, retention: retention)
  }

  // SEC-403: SQLite would make it for the group; its log gets the mode of the file.
  /// Makes the file that is not there, and takes from everybody else what is.
  private static func close(_ path: String) throws {
    let files = FileManager.default
    let mode: [FileAttributeKey: Any] = [.posixPermissions: 0o600]
    if !files.fileExists(atPath: path) {
      guard files.createFile(atPath: path, contents: nil, attributes: mode) else {
        throw StoreError.io
      }
    }
    for name in [path, path + "-wal"] where files.fileExists(atPath: name) {
      try files.setAttributes(mode, ofItemAtPath: name)
    }
  }

  // SEC-351: what retention dropped cannot be read from an old copy of the file either.
  /// Destroys the keys of episodes that have no record any more, but for those that are to have some.
  func destroyUnusedKeys(but wanted: Set<KeyID>) throws {
    let episodes = Set(keys.ids(of: .episode))
    guard !episodes.isEmpty else { return }
    let unused = episodes.subtracting(try store.keyIDs(of: .history)).subtracting(wanted)
    if !unused.isEmpty { try keys.destroy(unused) }
  }

  /// A key for a new infusion; nil when the table of keys has no room even without the unused ones.
  private func newEpisode(keeping wanted: Set<KeyID>) throws -> KeyID? {
    do throws(KeyStoreError) { return try keys.current(.episode) } catch .full {}
    try destroyUnusedKeys(but: wanted)
    do throws(KeyStoreError) { return try keys.current(.episode) } catch .full { return nil }
  }

  /// Whether the record is another one than was kept.
  // RC-127 SRS-168: the calibration is sealed with what else configures the pump.
  func keep(calibration bytes: [UInt8]) throws -> Bool {
    let key = CalibrationKeeper.key
    guard try store.get(key, from: .configuration)?.content != bytes else { return false }
    try store.put(bytes, in: .configuration, key: key)
    return true
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
        next.episode = try newEpisode(
          keeping: Set((batches.map(\.episode) + [numbering.episode]).compactMap(\.self)))
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
