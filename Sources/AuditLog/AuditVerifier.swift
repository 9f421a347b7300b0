// SPDX-License-Identifier: Apache-2.0

/// Inspects a log record by record, without the device.
///
/// It needs no file but those of the log. Each finding names the first record that cannot be trusted; the
/// rest of the log is still read, so that one change does not hide another.
// SEC-020 SEC-201: every change of the log is found here, with its place.
struct AuditVerifier {
  static let mostFindings = 100

  private let known: Expectations
  private var checkpoints: ArraySlice<Checkpoint>
  private var remembered: ArraySlice<Checkpoint>
  /// Below this there is no checkpoint to look at.
  private var nextSize: UInt64 = 0
  private(set) var verdict = Verdict()
  private var tree = Tree()
  private var keys: [NoteKey]
  private var ready: NoteKey?
  private var expected: UInt64 = 0
  private var good: UInt64 = 0
  private var boot: [UInt8] = []
  private var time: UInt64 = 0
  private var heartbeat: UInt64 = 0
  private var anchor: UInt64?
  /// By the source's number.
  private var counts = Counts()
  /// Events of this start that nobody has admitted yet, the oldest first.
  private var gaps: [Gap] = []

  /// What is known of the sources in this start, by their numbers.
  private struct Counts {
    /// The last number of an event; 0 when there is none.
    var last = [UInt32](repeating: 0, count: 256)
    /// Events admitted since.
    var excused = [UInt64](repeating: 0, count: 256)
  }

  /// Numbers that a source left out before a record.
  private struct Gap {
    let source: AuditSource
    let index: UInt64
    let time: UInt64
    let missing: UInt64
    var open: UInt64
  }

  init(_ known: Expectations, checkpoints: [Checkpoint]) {
    self.known = known
    self.checkpoints = checkpoints[...]
    remembered = known.remembered.sorted { $0.size < $1.size }[...]
    keys = [known.key]
    var last: UInt64 = 0
    for checkpoint in checkpoints {
      if checkpoint.origin != known.key.name {
        find(.foreign, 0, nil, "a checkpoint is of \(checkpoint.origin)")
      }
      if checkpoint.size < last { find(.misplaced, checkpoint.size, nil, "checkpoints go back") }
      last = checkpoint.size
    }
    for checkpoint in remembered where checkpoint.origin != known.key.name {
      find(.foreign, 0, nil, "the remembered checkpoint is of \(checkpoint.origin)")
    }
  }

  private mutating func find(_ kind: Finding.Kind, _ first: UInt64, _ last: UInt64?, _ text: String)
  {
    guard verdict.findings.count < Self.mostFindings else { return }
    verdict.findings.append(Finding(kind: kind, first: first, last: last ?? first, text: text))
  }

  /// Takes the next record; `check`: what the log's files say its hash begins with.
  mutating func take(_ bytes: ArraySlice<UInt8>, check: UInt64) {
    let index = tree.size
    let hash = Hash.leaf(bytes.span)
    tree.append(hash)
    if hash.check != check { find(.edited, index, nil, "its hash is not the one kept with it") }
    do throws(FormatError) { look(at: try AuditRecord(bytes, boot: boot), index) } catch {
      find(.edited, index, nil, "\(error)")
      expected += 1
    }
    verdict.size = tree.size
    compare()
  }

  private mutating func look(at record: AuditRecord, _ index: UInt64) {
    if record.index > expected {
      find(.deleted, expected, record.index - 1, "record \(index) says it is \(record.index)")
    } else if record.index < expected {
      find(.misplaced, index, nil, "it says it is \(record.index)")
    }
    expected = max(expected, record.index &+ 1)
    let entry = record.entry
    if index == 0 {
      if entry.event != .logCreated {
        find(.deleted, 0, nil, "a log begins with its creation")
      } else if entry.reference != known.key.name || entry.payload != known.key.publicKey {
        find(.foreign, 0, nil, "it was created as \(entry.reference), with another key or name")
      }
    }
    if record.boot != boot {
      if entry.event != .logOpened, entry.event != .logCreated {
        find(.misplaced, index, nil, "it is of another start than the record before")
      }
      boot = record.boot
      closeGaps()
    } else if record.time.monotonic < time {
      find(.misplaced, index, nil, "it is older than the record before")
    } else if heartbeat > 0, record.time.monotonic - time > heartbeat * 2 + 60_000_000_000 {
      let gap = (record.time.monotonic - time) / 1_000_000_000
      find(.suppressed, index, nil, "nothing was recorded for \(gap) s before it")
    }
    time = record.time.monotonic
    switch entry.event {
    case .logOpened:
      verdict.starts += 1
      heartbeat = UInt64(max(0, entry.a)) &* 1_000_000_000
    case .keyChanged:
      do throws(FormatError) {
        ready = try NoteKey(name: known.key.name, publicKey: entry.payload)
      } catch { find(.edited, index, nil, "it names no key") }
    case .anchor: look(atCounter: UInt64(bitPattern: entry.a), index)
    case .eventsMissed: excuse(UInt64(max(0, entry.a)), of: entry.source)
    case .recordsSummarised:
      let since = UInt64(max(0, entry.b))
      excuse(pay(UInt64(max(0, entry.a)), of: entry.source, since: since), of: entry.source)
    case .rollbackDetected:
      find(.rolledBack, index, nil, "the device itself found its log rolled back")
    default: break
    }
    count(entry, index)
  }

  private mutating func look(atCounter value: UInt64, _ index: UInt64) {
    guard value > 0 else { return }
    if let anchor, value < anchor || value > anchor + 1 {
      find(.rolledBack, index, nil, "the counter went from \(anchor) to \(value)")
    }
    anchor = value
  }

  /// A source counts its events from 1 at its start; each gap has to be admitted.
  private mutating func count(_ entry: AuditEntry, _ index: UInt64) {
    guard entry.number > 0 else { return }
    let source = Int(entry.source.rawValue)
    let last = counts.last[source]
    counts.last[source] = entry.number
    guard last > 0, entry.number > last else { return }
    let missing = UInt64(entry.number - last - 1)
    let admitted = min(missing, counts.excused[source])
    counts.excused[source] = 0
    guard missing > admitted else { return }
    gaps.append(
      Gap(
        source: entry.source, index: index, time: time, missing: missing, open: missing - admitted))
  }

  private mutating func excuse(_ count: UInt64, of source: AuditSource) {
    let before = counts.excused[Int(source.rawValue)]
    counts.excused[Int(source.rawValue)] =
      before.addingReportingOverflow(count).overflow
      ? .max : before + count
  }

  /// Closes gaps with events that were counted instead of kept; returns how many are left over.
  ///
  /// The count can come late: on a full disk a safety-relevant record is written before the summary of
  /// what came ahead of it.
  // SEC-350: a summary closes no gap of before its first event, nor one of another source or start.
  private mutating func pay(_ count: UInt64, of source: AuditSource, since: UInt64) -> UInt64 {
    var rest = count
    for place in gaps.indices where gaps[place].source == source && gaps[place].time >= since {
      let paid = min(rest, gaps[place].open)
      gaps[place].open -= paid
      rest -= paid
    }
    gaps.removeAll { $0.open == 0 }
    return rest
  }

  /// What is still open when a start ends was never admitted.
  private mutating func closeGaps() {
    for gap in gaps {
      find(
        .suppressed, gap.index, nil,
        "\(gap.missing) events of \(gap.source) before it were not recorded")
    }
    gaps = []
    counts = Counts()
  }

  private mutating func compare() {
    guard tree.size >= nextSize else { return }
    defer { nextSize = min(checkpoints.first?.size ?? .max, remembered.first?.size ?? .max) }
    while let checkpoint = checkpoints.first, checkpoint.size <= tree.size {
      checkpoints.removeFirst()
      guard checkpoint.size == tree.size else { continue }
      if checkpoint.root != tree.root {
        find(.rewritten, good, checkpoint.size - 1, "the records are not those that were signed")
      } else if signed(checkpoint) {
        good = checkpoint.size
        verdict.checkpoint = checkpoint
      }
    }
    while let checkpoint = remembered.first, checkpoint.size <= tree.size {
      remembered.removeFirst()
      if checkpoint.size == tree.size, checkpoint.root != tree.root {
        find(.forked, 0, checkpoint.size - 1, "another history was seen before")
      }
    }
  }

  /// Whether the key in force signed it; at a change of keys the old and the new one.
  private mutating func signed(_ checkpoint: Checkpoint) -> Bool {
    let at = checkpoint.size - 1
    guard let current = keys.last, checkpoint.note.verify(current) == .valid else {
      find(.unsigned, at, nil, "the checkpoint is not signed by the key in force")
      return false
    }
    if let next = ready {
      switch checkpoint.note.verify(next) {
      case .valid:
        keys.append(next)
        ready = nil
      case .invalid: find(.unsigned, at, nil, "the new key's signature is wrong")
      // The handover failed and is made up for by a later one.
      case .absent: break
      }
    }
    return true
  }

  mutating func finish() -> Verdict {
    closeGaps()
    let size = tree.size
    if let checkpoint = checkpoints.last {
      find(
        .truncated, size, checkpoint.size - 1,
        "\(checkpoint.size) records were signed, \(size) are there")
    }
    if let checkpoint = remembered.last {
      find(
        .truncated, size, checkpoint.size - 1,
        "\(checkpoint.size) records were seen before, \(size) are there")
    }
    if verdict.checkpoint == nil { find(.unsigned, 0, nil, "no checkpoint counts") }
    if let counter = known.counter {
      switch anchor {
      case let anchor? where anchor == counter || anchor == counter &+ 1: break
      case let anchor? where anchor > counter:
        find(.foreign, size, nil, "the log stands at \(anchor), the counter at \(counter)")
      default:
        find(.rolledBack, size, nil, "the log stands at \(anchor ?? 0), the counter at \(counter)")
      }
    }
    if let witness = known.witness {
      verdict.cosigned = verdict.checkpoint?.note.cosigned(by: witness)
      if verdict.cosigned == nil {
        find(.unwitnessed, good, nil, "\(witness.name) has not signed the newest checkpoint")
      }
    }
    verdict.epochs = keys.count
    return verdict
  }
}
