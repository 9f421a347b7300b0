// SPDX-License-Identifier: Apache-2.0

public import Units

/// Which process an event comes from.
public enum EventSource: UInt8, Sendable, BitwiseCopyable {
  case control = 1
  case safety = 2
  case service = 3
  case panel = 4
}

#if !hasFeature(Embedded)
  extension EventSource: CaseIterable {}
#endif

/// Which process came or went; the first two are as in ``CommandOrigin``.
public enum EventPeer: UInt8, Sendable, BitwiseCopyable {
  case service = 1
  case panel = 2
  case gateway = 3
}

/// What can happen.
///
/// The number is the event's name in records and is never reused.
public enum EventKind: UInt8, Sendable, BitwiseCopyable {
  /// The process began; `a`: 1 on a simulated board.
  case started = 1
  /// `a`: old ``TherapyState``, `b`: new.
  case stateChanged = 2
  /// `subject`: ``CommandKind``; `a`: the asker's number, `b`: ``CommandOrigin``.
  case commandAccepted = 3
  /// `subject`: ``CommandKind``; `a`: ``Refusal``, `b`: its detail.
  case commandRefused = 4
  /// The CONFIRM key was accepted. `a`: leading 32 bits of the prescription's hash, `b`: rate, nL/h.
  case confirmed = 5
  /// The STOP key was pressed.
  case stopPressed = 6
  /// `subject`: ``AlarmID``; `a`: delivered volume, nL.
  case alarmRaised = 7
  case alarmCleared = 8
  case audioPaused = 9
  case audioResumed = 10
  /// The commanded rate changed. `a`: old, `b`: new, nL/h.
  case rateChanged = 11
  /// A person ended the infusion; the end of the VTBI is the alarm `endOfInfusion`, and KVO goes on.
  ///
  /// `a`: delivered, nL; `b`: delivered at KVO, nL.
  case infusionEnded = 12
  /// After a restart the journal gave back an infusion. `a`: delivered, nL; `b`: uncertainty, nL.
  case journalRestored = 13
  /// The journal could not be read or written. `a`: address.
  case journalFailed = 14
  /// `a`: old ``GateState``, `b`: new.
  case gateChanged = 15
  /// The monitor objects. `subject`: ``AlarmID``; `a`: expected nL, `b`: measured nL.
  case tripped = 16
  /// Frames were refused; told once in ten seconds at most. `subject`: why the last one was, as the
  /// code of an `InletRefusal`; `a`: how many so far.
  case frameRefused = 17
  /// A cycle began later than a whole period. `a`: lateness, ns; `b`: how many so far.
  case cycleMissed = 18
  /// A process came or went. `subject`: ``EventPeer``; `a`: 1 here, 0 lost.
  case peerChanged = 19
  /// `a`: pressure when relief began, Pa; `b`: volume to withdraw, nL.
  case reliefStarted = 20
  /// `a`: pressure when relief ended, Pa; `b`: volume withdrawn, nL.
  case reliefEnded = 21
  /// An update waits for a person. `a`: leading 32 bits of the image's SHA-256.
  case softwareOffered = 22
  /// A person at the panel agreed to it, and the next start tries it; `a` as above.
  case softwareAgreed = 23
  /// New software showed that it is well and is kept.
  case softwareConfirmed = 24
  /// New software failed, and the pump runs the old one again.
  case softwareReturned = 25
}

#if !hasFeature(Embedded)
  extension EventKind: CaseIterable {}
#endif

/// One thing that happened, small and fixed in size so that the cycle can write it.
public struct PumpEvent: Hashable, Sendable, BitwiseCopyable, Fielded {
  /// Counts up from 1 in each source since its start; a gap is a lost event.
  public var number: UInt32
  public var source: EventSource
  public var kind: EventKind
  /// What the event is about; its meaning depends on ``kind``.
  public var subject: UInt8
  public var at: Instant
  public var a: Int64
  public var b: Int64

  @inlinable public init(
    number: UInt32 = 0, source: EventSource, kind: EventKind, subject: UInt8 = 0, at: Instant,
    a: Int64 = 0, b: Int64 = 0
  ) {
    self.number = number
    self.source = source
    self.kind = kind
    self.subject = subject
    self.at = at
    self.a = a
    self.b = b
  }

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&number)
    try visitor.field(&source)
    try visitor.field(&kind)
    try visitor.field(&subject)
    try visitor.field(&at)
    try visitor.field(&a)
    try visitor.field(&b)
  }
}

/// The events of one cycle: up to eight, the ninth is counted as lost and never written past the end.
public struct EventBatch: Sendable {
  @inlinable public static var capacity: Int { 8 }
  @usableFromInline var slots: InlineArray<8, PumpEvent>
  @usableFromInline var used: Int
  @usableFromInline var overflowed: UInt32

  /// How many events there are.
  @inlinable public var count: Int { used }
  /// Events that found no room.
  @inlinable public var lost: UInt32 { overflowed }

  public init() {
    slots = InlineArray(
      repeating: PumpEvent(source: .control, kind: .started, at: .zero))
    used = 0
    overflowed = 0
  }

  @inlinable public mutating func append(_ event: PumpEvent) {
    guard used < Self.capacity else {
      overflowed &+= 1
      return
    }
    slots[used] = event
    used += 1
  }

  /// Forgets the events; cheaper than a new batch.
  @inlinable public mutating func removeAll() {
    used = 0
    overflowed = 0
  }

  /// The event at a position below ``count``; beyond it the first slot's content.
  @inlinable public subscript(position: Int) -> PumpEvent {
    slots[position >= 0 && position < used ? position : 0]
  }
}
