// SPDX-License-Identifier: Apache-2.0

public import DurableFiles
import Synchronization

/// Where producers put what happened; never waits for a disk, and never grows beyond its bounds.
// RC-083: safety-relevant entries have their own room; beyond it they are counted by kind, not lost.
public final class AuditInbox: Sendable {
  /// Entries of each of the two lanes that wait at most.
  public static let capacity = 4_096

  struct Item: Sendable {
    let order: UInt64
    let entry: AuditEntry
    let time: AuditTime
  }

  /// Entries that were counted instead of kept.
  struct Summary: Sendable {
    /// Nil for ordinary ones.
    let event: AuditEvent?
    let source: AuditSource
    var count: Int64
    let first: UInt64
    /// The place of the first among everything that was submitted.
    let order: UInt64
  }

  private struct Lanes {
    var urgent: [Item] = []
    var ordinary: [Item] = []
    var summaries: [Summary] = []
    var order: UInt64 = 0
  }

  private let lanes = Mutex(Lanes())

  public init() {}

  /// Takes an entry; returns at once.
  public func submit(_ entry: AuditEntry, at time: AuditTime) {
    lanes.withLock { lanes in
      let item = Item(order: lanes.order, entry: entry, time: time)
      lanes.order += 1
      if entry.event.isSafetyRelevant {
        if lanes.urgent.count < Self.capacity {
          lanes.urgent.append(item)
        } else {
          Self.count(entry.event, item, &lanes)
        }
      } else if lanes.ordinary.count < Self.capacity {
        lanes.ordinary.append(item)
      } else {
        Self.count(nil, item, &lanes)
      }
    }
  }

  /// The events and sources are closed sets, so the summaries are bounded.
  private static func count(_ event: AuditEvent?, _ item: Item, _ lanes: inout Lanes) {
    let source = item.entry.source
    if let known = lanes.summaries.firstIndex(where: { $0.event == event && $0.source == source }) {
      lanes.summaries[known].count += 1
    } else {
      lanes.summaries.append(
        Summary(
          event: event, source: source, count: 1, first: item.time.monotonic, order: item.order))
    }
  }

  /// How many wait.
  public var waiting: Int {
    lanes.withLock { $0.urgent.count + $0.ordinary.count + $0.summaries.count }
  }

  /// What waits, at most `most` entries in the order in which they came; it stays until ``remove(_:)``.
  ///
  /// A summary waits for all entries from before its first one: a reader takes a gap in a source's numbers
  /// and its admission together (SEC-350).
  func peek(urgentOnly: Bool, most: Int) -> Batch {
    lanes.withLock { lanes in
      let urgent = lanes.urgent.prefix(most)
      let ordinary = urgentOnly ? [] : lanes.ordinary.prefix(most)
      let items = (urgent + ordinary).sorted { $0.order < $1.order }.prefix(most)
      let taken = items.count { $0.entry.event.isSafetyRelevant }
      let left = [
        lanes.urgent.dropFirst(taken).first,
        urgentOnly ? nil : lanes.ordinary.dropFirst(items.count - taken).first,
      ]
      let next = left.compactMap { $0?.order }.min() ?? .max
      let summaries = lanes.summaries.filter {
        $0.order < next && (!urgentOnly || $0.event != nil)
      }
      return Batch(
        items: Array(items), urgent: taken, ordinary: items.count - taken, summaries: summaries)
    }
  }

  struct Batch: Sendable {
    var items: [Item]
    var urgent: Int
    var ordinary: Int
    var summaries: [Summary]

    var isEmpty: Bool { items.isEmpty && summaries.isEmpty }

    /// The entries, and what was counted after the first of them.
    func entries(now: AuditTime) -> [(AuditEntry, AuditTime)] {
      items.map { ($0.entry, $0.time) }
        + summaries.map { summary in
          let entry = AuditEntry(
            .recordsSummarised, source: summary.source,
            subject: UInt32(summary.event?.rawValue ?? 0), a: summary.count,
            b: Int64(clamping: summary.first))
          return (entry, now)
        }
    }
  }

  /// Removes what is durable.
  func remove(_ batch: Batch) {
    lanes.withLock { lanes in
      lanes.urgent.removeFirst(batch.urgent)
      lanes.ordinary.removeFirst(batch.ordinary)
      for written in batch.summaries {
        let same = lanes.summaries.firstIndex {
          $0.event == written.event && $0.source == written.source
        }
        guard let same else { continue }
        lanes.summaries[same].count -= written.count
        if lanes.summaries[same].count <= 0 { lanes.summaries.remove(at: same) }
      }
    }
  }

  /// Gives up the ordinary entries that wait, counted; the room of the disk is for the others.
  func summariseOrdinary() {
    lanes.withLock { lanes in
      for item in lanes.ordinary { Self.count(nil, item, &lanes) }
      lanes.ordinary = []
    }
  }
}

/// Brings what waits in an ``AuditInbox`` to the log, round by round, through a full or failing disk.
public struct AuditRecorder<Folder: DurableFolder, Keys: AuditKeys, Counter: RollbackCounter> {
  /// What a person should know.
  public enum State: Hashable, Sendable {
    case good
    /// No room for ordinary records; the reserve is in use.
    case full
    case failing(AuditError)
  }

  private let inbox: AuditInbox
  private let folder: Folder
  private let reserve: Int
  public private(set) var log: AuditTrail<Folder, Keys, Counter>
  public private(set) var state = State.good
  private var reserved = false
  private var retryAt: UInt64 = 0
  /// How long a failing disk is left alone.
  private static var pause: UInt64 { 1_000_000_000 }
  private static var most: Int { 256 }

  public init(
    _ inbox: AuditInbox, into log: AuditTrail<Folder, Keys, Counter>, folder: Folder,
    reserve: Int = AuditPolicy().reserve
  ) {
    self.inbox = inbox
    self.log = log
    self.folder = folder
    self.reserve = reserve
    reserved = takeReserve()
  }

  /// What the next anchor says of the other stores.
  public mutating func anchor(_ state: [UInt8]) { log.stateRoot = state }

  /// One round; returns whether there is more to do at once.
  public mutating func step(now: AuditTime) -> Bool {
    if state != .good {
      guard now.monotonic >= retryAt else { return false }
      retryAt = now.monotonic + Self.pause
    }
    // RC-083: without room ordinary entries are counted at once; kept until there is, they would come late.
    if state == .full { inbox.summariseOrdinary() }
    do throws(AuditError) {
      let batch = inbox.peek(urgentOnly: state == .full, most: Self.most)
      guard !batch.isEmpty else {
        try log.tick(now)
        if state == .full {
          recover(now)
        } else {
          setState(log.trouble.map { .failing($0) } ?? .good, now)
        }
        return false
      }
      try log.write(batch.entries(now: now), now: now)
      inbox.remove(batch)
      if state == .full {
        try tellFull(now)
        recover(now)
      } else {
        if case .failing(let why) = state, log.trouble == nil {
          state = .good
          inbox.submit(
            AuditEntry(.storageRecovered, source: .log, reference: "\(why)"), at: now)
        }
        setState(log.trouble.map { .failing($0) } ?? .good, now)
      }
      return true
    } catch {
      retryAt = now.monotonic + Self.pause
      setState(.failing(error), now)
      return false
    }
  }

  private mutating func setState(_ next: State, _ now: AuditTime) {
    guard state != .full else { return }
    guard next == .failing(.storage(.noSpace)) else {
      state = next
      return
    }
    state = .full
    retryAt = now.monotonic
    inbox.summariseOrdinary()
    // RC-083: the room that was held back is for what is safety-relevant.
    releaseReserve()
  }

  private var told = false

  private mutating func tellFull(_ now: AuditTime) throws(AuditError) {
    guard state == .full, !told else { return }
    try log.write([(AuditEntry(.storageFull, outcome: .failed, source: .log), now)], now: now)
    told = true
  }

  /// There is room again exactly when there is room for the reserve.
  private mutating func recover(_ now: AuditTime) {
    guard takeReserve() else { return }
    state = .good
    told = false
    reserved = true
    inbox.submit(AuditEntry(.storageRecovered, source: .log, reference: "no space left"), at: now)
  }

  private func takeReserve() -> Bool {
    do throws(StorageError) {
      if let size = try? folder.open(Layout.reserve).size() {
        if size == reserve { return true }
        try folder.remove(Layout.reserve)
      }
      let file = try folder.create(Layout.reserve)
      try file.write([UInt8](repeating: 0xff, count: reserve), at: 0)
      try file.sync()
      try folder.sync()
      return true
    } catch {
      releaseReserve()
      return false
    }
  }

  private func releaseReserve() {
    try? folder.remove(Layout.reserve)
    try? folder.sync()
  }

  /// Writes what waits and ends the log.
  public mutating func close(now: AuditTime) {
    for _ in 0..<100 where step(now: now) {}
    try? log.close(now: now)
  }
}
