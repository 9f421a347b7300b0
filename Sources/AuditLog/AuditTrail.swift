// SPDX-License-Identifier: Apache-2.0

public import DurableFiles

/// A log that tells when somebody edited, deleted, truncated, rolled back or copied it.
///
/// Its one writer is single-threaded; ``AuditRecorder`` stands between it and the producers. Order of
/// events around a checkpoint (the order makes every power cut recoverable):
///
/// 1. the waiting records and an anchor with the counter's next value become durable;
/// 2. the checkpoint over them is signed and becomes durable;
/// 3. the counter goes up.
///
/// On opening, the last anchor is the counter (all done) or one above it (cut between 1 and 3: made up
/// for); anything else is ``AuditEvent/rollbackDetected``.
public struct AuditTrail<Folder: DurableFolder, Keys: AuditKeys, Counter: RollbackCounter> {
  private var store: AuditStore<Folder>
  private var keys: Keys
  private var counter: Counter
  private let policy: AuditPolicy
  private let boot: [UInt8]
  /// The name of the log in its checkpoints.
  public let origin: String
  private var counterValue: UInt64?
  private var uncovered: UInt64 = 0
  private var urgent = false
  private var checkpointAt: UInt64 = 0
  private var recordAt: UInt64 = 0
  private var epochAt: UInt64 = 0
  /// The ready key that a record names; the next checkpoint hands over to it.
  private var handover: [UInt8]?
  /// Why the last attempt at a checkpoint or a key failed; nil when it did not.
  public private(set) var trouble: AuditError?
  /// The counter did not fit the log when it was opened.
  public private(set) var rolledBack = false
  /// What the next anchor says of the other stores; at most 2,048 bytes.
  ///
  /// At first what the newest anchor said, so that a start that is cut short does not lose it.
  public var stateRoot: [UInt8] = []

  /// How many records are durable.
  public var size: UInt64 { store.tree.size }
  /// The newest checkpoint.
  public var checkpoint: Checkpoint? { store.checkpoint }

  /// Opens the log, or begins it in an empty folder.
  ///
  /// - Parameter origin: identifies device and log; no spaces, no `+`.
  /// - Parameter boot: 16 random bytes.
  /// - Throws: ``AuditError/damaged(_:)`` when the files are not what this device signed: they are
  ///   evidence then, and a new log has to be begun elsewhere.
  public init(
    _ folder: Folder, origin: String, keys: Keys, counter: Counter,
    policy: AuditPolicy = AuditPolicy(), boot: [UInt8], now: AuditTime, first: [AuditEntry] = []
  ) throws(AuditError) {
    var seen = Seen()
    store = try AuditStore(folder, segment: policy.segment) { (bytes) throws(AuditError) in
      try seen.take(bytes)
    }
    self.keys = keys
    self.counter = counter
    self.policy = policy
    self.boot = boot
    self.origin = origin
    stateRoot = seen.state
    epochAt = now.monotonic
    var entries: [AuditEntry] = []
    if store.tree.size == 0 {
      guard store.checkpoint == nil else { throw .damaged("there are checkpoints and no records") }
      entries.append(
        AuditEntry(.logCreated, source: .log, reference: origin, payload: try keys.current()))
    } else {
      try continueKeys(after: seen)
    }
    let heartbeat = Int64(clamping: policy.heartbeat / 1_000_000_000)
    entries.append(
      AuditEntry(.logOpened, source: .log, a: heartbeat, b: store.dropped > 0 ? 1 : 0))
    entries += first
    entries += compareCounter(with: seen.anchor)
    try append(entries.map { ($0, now) })
    urgent = true
    changeKey(now)
  }

  /// What the newest records say of counter and keys.
  private struct Seen {
    var anchor: UInt64?
    var state: [UInt8] = []
    var key: (index: UInt64, bytes: [UInt8])?

    mutating func take(_ bytes: ArraySlice<UInt8>) throws(AuditError) {
      let record: AuditRecord
      do { record = try AuditRecord(bytes) } catch { throw .damaged("\(error)") }
      switch record.entry.event {
      case .anchor:
        anchor = UInt64(bitPattern: record.entry.a)
        state = record.entry.payload
      case .keyChanged: key = (record.index, record.entry.payload)
      default: break
      }
    }
  }

  /// Checks whose the log is, and finishes a change of keys that was cut short.
  private mutating func continueKeys(after seen: Seen) throws(AuditError) {
    let current = try keys.current()
    guard let checkpoint = store.checkpoint else {
      // The first checkpoint may be missing after a power cut; then the counter has not moved.
      guard let value = try? counter.read(), (seen.anchor ?? .max) > value else {
        throw .damaged("there are records and no checkpoint")
      }
      return
    }
    guard checkpoint.origin == origin else {
      throw .damaged("it is the log of \(checkpoint.origin)")
    }
    let next = try keys.next()
    let introduced = next != nil && seen.key?.bytes == next
    var known = try isSigned(checkpoint, by: current)
    // The ready key may have taken over and the medium not have kept that.
    if !known, introduced, let next { known = try isSigned(checkpoint, by: next) }
    guard known else {
      throw .damaged("the last checkpoint is not signed by this device's key")
    }
    guard introduced, let next else { return }
    if try !isSigned(checkpoint, by: next) {
      handover = next
      try sign()
    }
    try keys.promoteNext()
    handover = nil
  }

  private func isSigned(_ checkpoint: Checkpoint, by key: [UInt8]) throws(AuditError) -> Bool {
    do { return checkpoint.note.verify(try NoteKey(name: origin, publicKey: key)) == .valid } catch
    {
      throw .keys("\(error)")
    }
  }

  // RC-081: a rolled-back or truncated log shows at the next start.
  private mutating func compareCounter(with anchor: UInt64?) -> [AuditEntry] {
    do throws(AuditError) {
      let value = try counter.read()
      counterValue = value
      guard store.tree.size > 0 else { return [] }
      if let anchor, anchor == value { return [] }
      if let anchor, anchor == value + 1 {
        counterValue = try counter.increment()
        return []
      }
      if anchor == nil, store.checkpoint == nil { return [] }
      rolledBack = true
      return [
        AuditEntry(
          .rollbackDetected, outcome: .failed, source: .log, a: Int64(bitPattern: value),
          b: Int64(bitPattern: anchor ?? 0))
      ]
    } catch {
      trouble = error
      return [AuditEntry(.counterUnavailable, outcome: .failed, source: .log)]
    }
  }

  private mutating func append(_ entries: [(AuditEntry, AuditTime)]) throws(AuditError) {
    var records: [[UInt8]] = []
    records.reserveCapacity(entries.count)
    for (entry, given) in entries {
      let index = store.tree.size + UInt64(records.count)
      // In one start time never goes back, or a record put in its place later could not be told.
      var time = given
      recordAt = max(recordAt, given.monotonic)
      time.monotonic = recordAt
      records.append(AuditRecord(index: index, boot: boot, time: time, entry: entry).bytes)
    }
    try store.append(records)
    uncovered += UInt64(records.count)
    if entries.contains(where: { $0.0.event.isSafetyRelevant }) { urgent = true }
  }

  /// Makes entries durable, 1,024 in one write, and a checkpoint when one is due.
  ///
  /// When it returns, every entry is on the medium; when it throws, ``size`` tells how many are. A checkpoint
  /// that fails is ``trouble`` and is tried again.
  public mutating func write(_ entries: [(AuditEntry, AuditTime)], now: AuditTime)
    throws(AuditError)
  {
    guard !entries.isEmpty else { return try tick(now) }
    // In parts, so that two segments are never without an anchor.
    var rest = entries[...]
    while !rest.isEmpty {
      let part = Array(rest.prefix(Int(policy.segment / 4)))
      rest = rest.dropFirst(part.count)
      if isDue(adding: part, now) {
        try append(part + [(anchor(), now)])
        cover(now)
      } else {
        try append(part)
      }
    }
  }

  /// Does what time asks for: a heartbeat, a checkpoint, a new key.
  public mutating func tick(_ now: AuditTime) throws(AuditError) {
    if now.monotonic >= recordAt &+ policy.heartbeat {
      try append([(AuditEntry(.heartbeat, source: .log), now)])
    }
    if now.monotonic >= epochAt &+ policy.epoch {
      changeKey(now)
    } else if isDue(adding: [], now) {
      try append([(anchor(), now)])
      cover(now)
    }
  }

  private func isDue(adding entries: [(AuditEntry, AuditTime)], _ now: AuditTime) -> Bool {
    let count = uncovered + UInt64(entries.count)
    if count >= policy.segment / 2 { return true }
    guard count > 0, now.monotonic >= checkpointAt &+ policy.spacing || checkpointAt == 0 else {
      return false
    }
    return urgent || count >= policy.records || now.monotonic >= checkpointAt &+ policy.interval
      || entries.contains { $0.0.event.isSafetyRelevant }
  }

  private mutating func anchor() -> AuditEntry {
    if counterValue == nil { counterValue = try? counter.read() }
    let next = counterValue.map { Int64(bitPattern: $0 &+ 1) } ?? 0
    return AuditEntry(.anchor, source: .log, a: next, payload: stateRoot)
  }

  /// Signs what is durable and moves the counter; failures are ``trouble``.
  private mutating func cover(_ now: AuditTime) {
    checkpointAt = max(1, now.monotonic)
    do throws(AuditError) {
      try sign()
      urgent = false
      uncovered = 0
      // Unknown until it has returned: a failure may have moved it or not.
      counterValue = nil
      counterValue = try counter.increment()
      // RC-082: the old key is erased once a checkpoint of its own vouches for the new one.
      if let next = handover {
        // Of an attempt that failed the medium may have kept that the key took over.
        if try keys.current() != next { try keys.promoteNext() }
        handover = nil
      }
      trouble = nil
    } catch { trouble = error }
  }

  /// Signs the tree as it is; at a handover with the ready key as well, so that either of them shows
  /// whose the log is.
  private mutating func sign() throws(AuditError) {
    var checkpoint = Checkpoint(origin: origin, size: store.tree.size, root: store.tree.root)
    let text = Array(checkpoint.note.text.utf8)
    var signers = [(try keys.current(), AuditKeySlot.current)]
    if handover != nil, let next = try keys.next() { signers.append((next, .next)) }
    for (publicKey, slot) in signers {
      let key: NoteKey
      do { key = try NoteKey(name: origin, publicKey: publicKey) } catch { throw .keys("\(error)") }
      checkpoint.note.signatures.append(
        Note.Signature(name: origin, id: key.id, bytes: try keys.sign(text, with: slot)))
    }
    try store.add(checkpoint)
  }

  /// Puts another key in the place of the one that signs; failures are ``trouble``.
  private mutating func changeKey(_ now: AuditTime) {
    do throws(AuditError) {
      let next = try keys.prepareNext()
      try append([
        (AuditEntry(.keyChanged, source: .log, payload: next), now), (anchor(), now),
      ])
      handover = next
      cover(now)
      epochAt = now.monotonic
    } catch { trouble = error }
  }

  /// Adds a witness's signature to the newest checkpoint.
  ///
  /// - Throws: ``AuditError/keys(_:)`` when it is not this witness's over this checkpoint.
  public mutating func add(_ signature: Note.Signature, of witness: NoteKey) throws(AuditError) {
    guard var checkpoint = store.checkpoint, checkpoint.note.signatures.count < 16 else {
      throw .keys("there is no checkpoint to cosign")
    }
    checkpoint.note.signatures.append(signature)
    guard checkpoint.note.cosigned(by: witness) != nil else {
      throw .keys("not a cosignature of \(witness.name) over the newest checkpoint")
    }
    try store.add(checkpoint)
  }

  /// Ends the log in good order.
  public mutating func close(now: AuditTime) throws(AuditError) {
    try append([(AuditEntry(.logClosed, source: .log), now), (anchor(), now)])
    cover(now)
  }
}
