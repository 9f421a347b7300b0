// SPDX-License-Identifier: Apache-2.0

public import Domain
import Units

/// Everything that a decision leaves for the next, in one fixed order: a checkpoint of the black box
/// is these fields, and a replay that begins there must go on as the pump did (RC-022).
///
/// A new stored property of the core belongs in this list; the replay of a recording that has lost
/// its beginning shows one that is missing.
extension DeliveryCore: Fielded {
  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try machine.fields(&visitor)
    held = try Self.prescription(held, &visitor)
    pending = try Self.prescription(pending, &visitor)
    try visitor.field(&confirmations)
    try visitor.field(&deadline)
    try visitor.field(&shownAt)
    try book.fields(&visitor)
    try visitor.field(&uncertainty)
    try visitor.field(&opened)
    try visitor.field(&begun)
    try visitor.field(&complete)
    try stopKey.fields(&visitor)
    try confirmKey.fields(&visitor)
    try air.fields(&visitor)
    try watch.fields(&visitor)
    try visitor.field(&lapsed)
    try visitor.field(&faultCause, absent: .driveFault)
    try conditions.fields(&visitor)
    try visitor.field(&simulated)
    try visitor.field(&startedAt)
    try visitor.field(&lastCycle)
    try visitor.field(&stateSince)
    try motion(&visitor)
    try replies(&visitor)
    try seen.fields(&visitor)
    try visitor.field(&seated, absent: .mL50)
    try visitor.field(&batteryTime)
    try restored.fields(&visitor)
    stand()
  }

  private mutating func motion<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&commandedRate)
    try visitor.field(&commandedSpeed)
    try visitor.field(&steadySpeed)
    try visitor.field(&slowsUntil)
  }

  private mutating func replies<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    let none = Reply(to: Command(.heartbeat, from: .service, number: 0))
    try visitor.field(&lastServiceReply, absent: none)
    try visitor.field(&lastPanelReply, absent: none)
    try visitor.field(&reply, absent: none)
  }

  /// A prescription travels as its draft, and is checked again where it arrives.
  private static func prescription<V: FieldVisitor>(
    _ value: Prescription?, _ visitor: inout V
  ) throws(FieldRefusal) -> Prescription? {
    var draft = value?.draft
    try visitor.field(&draft, absent: .absent)
    guard let draft else { return nil }
    if let value, value.draft == draft { return value }
    do { return try Prescription(draft) } catch { throw .outOfRange }
  }
}

extension Sensed: Fielded {
  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&stopKey)
    try visitor.field(&confirmKey)
    try visitor.field(&doorClosed)
    try visitor.field(&plungerEngaged)
    try visitor.field(&airDetected)
    try visitor.field(&mains)
    try visitor.field(&linesLost)
    try visitor.field(&pressure)
    try visitor.field(&clamp)
    var known = position != nil
    var count = position ?? 0
    try visitor.field(&known)
    try visitor.field(&count)
    position = known ? count : nil
    try visitor.field(&unpowered)
    try visitor.field(&bridgeFault)
    try visitor.field(&driveNotReady)
    try visitor.field(&batteryVoltage)
    try visitor.field(&batteryCharge)
    try visitor.field(&batteryRate)
  }
}
