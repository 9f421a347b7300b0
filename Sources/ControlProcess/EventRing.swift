// SPDX-License-Identifier: Apache-2.0

public import Domain
import Units

/// The last 256 events, numbered from 1: what a reader that missed some can still be given.
public struct EventRing: Sendable {
  public static var capacity: UInt32 { 256 }

  // SRS-177: what the cycle keeps has a place of its own from the start; nothing is allocated for it.
  private var slots: InlineArray<256, PumpEvent>
  /// The number of the newest event; zero when there is none.
  public private(set) var newest: UInt32 = 0
  private var sent: UInt32 = 0

  public init() {
    slots = InlineArray(repeating: PumpEvent(source: .control, kind: .started, at: .zero))
  }

  /// Numbers the event and keeps it in the place of the oldest.
  // RC-097 SRS-111: events are numbered and gaps are told.
  public mutating func append(_ event: PumpEvent) {
    newest &+= 1
    var numbered = event
    numbered.number = newest
    slots[Int(newest % Self.capacity)] = numbered
  }

  /// The event with a number; `nil` when it never was or is no longer kept.
  public func event(numbered number: UInt32) -> PumpEvent? {
    let event = slots[Int(number % Self.capacity)]
    return number != 0 && event.number == number ? event : nil
  }

  /// Fills a batch with the oldest events not taken before; those overwritten meanwhile are a gap in
  /// the numbers.
  public mutating func take(into batch: inout EventBatch) {
    batch.removeAll()
    if newest &- sent > Self.capacity { sent = newest &- Self.capacity }
    while sent != newest && batch.count < EventBatch.capacity {
      sent &+= 1
      if let event = event(numbered: sent) { batch.append(event) }
    }
  }
}

/// What a checkpoint of the black box keeps of the ring: the numbers, and the events not yet sent.
///
/// The rest only serves readers that missed some, and no decision.
extension EventRing: Fielded {
  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&newest)
    try visitor.field(&sent)
    // A checkpoint has room for so many; with more the recorder waits for a later cycle.
    guard newest &- sent <= 16 else { throw .outOfRange }
    var number = sent
    while number != newest {
      number &+= 1
      try slots[Int(number % Self.capacity)].fields(&visitor)
    }
  }
}
