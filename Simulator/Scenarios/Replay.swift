// SPDX-License-Identifier: Apache-2.0

import ControlProcess
import DeviceInterface
public import Domain
public import Units

/// Runs the controller again on what a recording kept.
public enum Replay {
  public struct Outcome: Sendable, Hashable {
    /// Cycles run, the differing one included.
    public var cycles: UInt64 = 0
    /// The first cycle whose output is not the recorded one, counted from 1 in the recording; `nil`
    /// when all are.
    public var firstDifference: UInt64?
    /// When the last cycle was, by the pump's clock.
    public var end: Instant = .zero
    /// The ring has lost the cycles before the recording's first.
    public var beginsLate = false
    /// The process ended within its last cycle, whose output it did not live to record.
    public var endsWithin = false
    /// When each cycle began, by the pump's clock, and how late it was woken for it.
    public var wakeUps: [WakeUp] = []
    /// What the pump held and did in the end.
    public var status = ControlStatus()
  }

  /// The begin of a cycle.
  public struct WakeUp: Sendable, Hashable {
    public let at: Instant
    public let lateness: Interval
  }

  /// Plays a recording from its start to its end or to the first difference.
  // RC-022 SRS-114: the replay must give the recorded outputs bit for bit.
  public static func run(_ file: [UInt8]) throws(RecordingRefusal) -> Outcome {
    try run(file) { _, _ in }
  }

  /// The same with readings that a test changes, cycle by cycle.
  static func run(
    _ file: [UInt8], changing change: (UInt64, inout ControlReadings) -> Void
  ) throws(RecordingRefusal) -> Outcome {
    var player = try Player(file)
    var cycle = ControlCycle(board: PlaybackBoard())
    var outcome = Outcome()
    outcome.beginsLate = player.firstSegment != 1
    var begun = false
    while let step = try player.next() {
      switch step {
      case .checkpoint(let state):
        cycle.board.output = RecordedOutput()
        if begun {
          // The state we came to must be the state that was recorded, byte for byte.
          if bytes(of: cycle.checkpoint()) != state { outcome.firstDifference = outcome.cycles }
        } else {
          var reader = StateReader(state)
          do throws(FieldRefusal) {
            try cycle.resume(from: &reader)
            guard reader.isAtEnd else { throw .tooLong }
          } catch { throw .damaged(segment: player.firstSegment) }
          begun = true
        }
      case .cycle(let recorded):
        guard begun else { throw .damaged(segment: player.firstSegment) }
        var recorded = recorded
        change(outcome.cycles + 1, &recorded.input.readings)
        play(recorded, on: &cycle, &outcome)
      }
      if outcome.firstDifference != nil { break }
    }
    guard begun else { throw .empty }
    outcome.status = cycle.status
    return outcome
  }

  private static func play(
    _ recorded: Player.Cycle, on cycle: inout ControlCycle<PlaybackBoard>,
    _ outcome: inout Outcome
  ) {
    outcome.cycles += 1
    outcome.end = recorded.now
    outcome.wakeUps.append(WakeUp(at: recorded.now, lateness: recorded.input.lateness))
    cycle.board.begin(recorded.input.readings, writes: recorded.output?.writes)
    let outbox = cycle.step(recorded.inbox, at: recorded.now)
    if outbox.publish {
      var status = cycle.published
      cycle.board.output.said(&status)
    }
    cycle.board.output.said(outbox.events)
    guard let output = recorded.output else {
      outcome.endsWithin = true
      return
    }
    let same =
      cycle.board.output.sum.value == output.sum
      && cycle.board.output.writeCount == output.writes.count && !cycle.board.strayed
    if !same { outcome.firstDifference = outcome.cycles }
  }

  private static func bytes(of buffer: RecordBuffer) -> [UInt8] {
    (0..<buffer.count).map { buffer.bytes[$0] }
  }
}

/// Takes the fields of a checkpoint from its bytes and never reads past their end.
private struct StateReader: FieldVisitor {
  private let bytes: [UInt8]
  private var position = 0
  var isAtEnd: Bool { position == bytes.count }

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func field(_ byte: inout UInt8) throws(FieldRefusal) {
    guard position < bytes.count else { throw .tooShort }
    byte = bytes[position]
    position += 1
  }
}
