// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Domain
public import Units

/// One cycle of `pump-controld`: sense, decide, act, publish; every 10 ms.
///
/// It owns the board and everything the controller remembers, reads no clock and opens no socket:
/// what came in is handed to ``step(_:at:)`` and what is to go out is its result.
public struct ControlCycle<Board: ControlBoard> {
  public var board: Board
  /// The readings of the last cycle.
  public var readings = ControlReadings()
  @usableFromInline var memory: ControlMemory

  public init(board: Board) {
    self.board = board
    memory = ControlMemory(simulated: board.simulated, at: .zero)
  }

  /// The newest events, for a reader that missed some.
  @inlinable public var ring: EventRing { memory.ring }

  /// What the pump held and did when it last published: made in that cycle and in no other.
  // RC-005: one full-state value, of what is held and done.
  public var published = ControlStatus()

  /// What the pump holds and does now, published or not; copied for who asks.
  public var status: ControlStatus {
    var copy = memory
    var status = ControlStatus()
    copy.report(into: &status)
    return status
  }

  /// The whole state after a cycle; too long for the buffer while too many events wait (RC-022).
  @inlinable public mutating func checkpoint() -> RecordBuffer { memory.checkpoint() }

  /// Prepares the board, everything off, and takes up the journal.
  ///
  /// Call once, before any step. `unproved`: the pump's own files are not proved to be those that were signed;
  /// then nothing is ever started.
  @inlinable
  public mutating func start(at now: Instant, unproved: Bool = false) {
    memory = ControlMemory(simulated: board.simulated, at: now)
    memory.started(at: now)
    // RC-004: start-up writes the safe values.
    board.act(.off, ControlOutputs(), at: now)
    do { try board.prepare() } catch { memory.selfTestFailed = true }
    memory.restored(memory.journal.restore(on: &board), at: now)
    if unproved { memory.softwareUnproved() }
  }

  /// Goes on as the pump did whose state a checkpoint holds (RC-022).
  public mutating func resume<V: FieldVisitor>(from state: inout V) throws(FieldRefusal) {
    try memory.fields(&state)
  }

  /// One cycle; what goes out takes the place of what went out before.
  ///
  /// The inbox is left as it is, and `inout` so that nobody copies it.
  @inlinable
  public mutating func step(
    _ inbox: inout ControlInbox, at now: Instant, into outbox: inout ControlOutbox
  ) {
    // SRS-110: nothing from here to the end allocates or locks.
    // Sense.
    readings = board.sense(at: now)
    // Decide.
    memory.decide(&inbox, readings, at: now)
    // The intent of the next cycle is stored before the motion it allows.
    let present = memory.present()
    memory.note(memory.journal.keep(present, on: &board), at: now)
    // Act.
    board.act(memory.order(), memory.outputs(at: now), at: now)
    // Publish.
    memory.publish(into: &outbox, at: now)
    if outbox.publish { memory.report(into: &published) }
  }

  /// ``step(_:at:into:)`` with an outbox of its own.
  @inlinable
  public mutating func step(_ inbox: ControlInbox, at now: Instant) -> ControlOutbox {
    var inbox = inbox
    var outbox = ControlOutbox()
    step(&inbox, at: now, into: &outbox)
    return outbox
  }
}

extension ControlCycle: Sendable where Board: Sendable {}
