// SPDX-License-Identifier: Apache-2.0

public import Units

/// What somebody asks the pump to deliver, before anything has checked it.
public struct PrescriptionDraft: Hashable, Sendable, Fielded {
  public var drug: DrugName
  public var syringe: Syringe
  /// The programmed rate.
  public var rate: FlowRate
  /// The volume to be infused.
  public var vtbi: Volume
  /// The rate that keeps the vein open after the VTBI; never above ``rate``.
  public var kvo: FlowRate
  /// The line pressure at which delivery stops.
  public var occlusion: Pressure
  /// How the rate came about, when it was prescribed as a dose; the rate must follow from it.
  public var dosing: Dosing?

  public init(
    drug: DrugName = DrugName(), syringe: Syringe, rate: FlowRate, vtbi: Volume,
    kvo: FlowRate? = nil, occlusion: Pressure = .mmHg(450), dosing: Dosing? = nil
  ) {
    self.drug = drug
    self.syringe = syringe
    self.rate = rate
    self.vtbi = vtbi
    self.kvo = kvo ?? Swift.min(rate, .mLPerHour(1))
    self.occlusion = occlusion
    self.dosing = dosing
  }

  /// Any well-formed value, to stand where no draft is.
  public static var absent: PrescriptionDraft {
    PrescriptionDraft(syringe: .mL50, rate: .zero, vtbi: .zero)
  }

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try drug.fields(&visitor)
    try visitor.field(&syringe)
    try visitor.field(&rate)
    try visitor.field(&vtbi)
    try visitor.field(&kvo)
    try visitor.field(&occlusion)
    try visitor.field(&dosing, absent: .absent)
  }
}

/// Why a draft is not a prescription.
///
/// Each names the field that a person has to change.
public enum PrescriptionError: UInt8, Error, Sendable, BitwiseCopyable {
  case rateTooLow = 1
  case rateTooHigh = 2
  /// The barrel is too narrow for the rate at the drive's fastest travel.
  case rateTooHighForSyringe = 3
  case vtbiTooSmall = 4
  case vtbiTooLarge = 5
  case vtbiExceedsSyringe = 6
  case kvoOutOfRange = 7
  case kvoAboveRate = 8
  case occlusionLimitOutOfRange = 9
  /// The dose cannot be converted.
  case dosingInvalid = 10
  /// The dose converts, but to another rate than the one programmed.
  case rateDoesNotFollowFromDose = 11
}

#if !hasFeature(Embedded)
  extension PrescriptionError: CaseIterable {}
#endif

/// An order within the device's absolute limits: immutable, and named by its content.
///
/// Equal content has an equal ``hash`` in every process and on every machine; a change of any field
/// is another prescription, which needs its own confirmation (RC-001).
public struct Prescription: Hashable, Sendable {
  /// The checked content.
  public let draft: PrescriptionDraft
  /// SHA-256 of the content's fields.
  public let hash: ContentHash

  public var drug: DrugName { draft.drug }
  public var syringe: Syringe { draft.syringe }
  public var rate: FlowRate { draft.rate }
  public var vtbi: Volume { draft.vtbi }
  public var kvo: FlowRate { draft.kvo }
  public var occlusion: Pressure { draft.occlusion }
  public var dosing: Dosing? { draft.dosing }

  /// How long the infusion takes at its rate.
  public var duration: Interval { vtbi.duration(at: rate) ?? .zero }

  /// Checks a draft against ``DeviceLimits`` and names it.
  // RC-007 SRS-096: the device's absolute limits, checked wherever a prescription comes into being.
  public init(_ draft: PrescriptionDraft) throws(PrescriptionError) {
    guard draft.rate >= DeviceLimits.rate.lower else { throw .rateTooLow }
    guard draft.rate <= DeviceLimits.rate.upper else { throw .rateTooHigh }
    guard draft.rate <= DeviceLimits.highestRate(for: draft.syringe) else {
      throw .rateTooHighForSyringe
    }
    guard draft.vtbi >= DeviceLimits.vtbi.lower else { throw .vtbiTooSmall }
    guard draft.vtbi <= DeviceLimits.vtbi.upper else { throw .vtbiTooLarge }
    guard draft.vtbi <= draft.syringe.capacity else { throw .vtbiExceedsSyringe }
    guard DeviceLimits.kvo.contains(draft.kvo) else { throw .kvoOutOfRange }
    // SRS-041: KVO never exceeds the rate.
    guard draft.kvo <= draft.rate else { throw .kvoAboveRate }
    guard DeviceLimits.occlusion.contains(draft.occlusion) else { throw .occlusionLimitOutOfRange }
    if let dosing = draft.dosing {
      var asked = FlowRate.zero
      do { asked = try dosing.rate() } catch { throw .dosingInvalid }
      // RC-098 SRS-103: dose rates convert exactly.
      guard asked == draft.rate else { throw .rateDoesNotFollowFromDose }
    }
    self.draft = draft
    // SRS-097: an order is named by all of it.
    var hasher = ContentHasher()
    var content = draft
    // A hasher refuses no field; a draft holds no field that its own visitor refuses.
    do { try content.fields(&hasher) } catch { throw .dosingInvalid }
    hash = hasher.finish()
  }
}

/// Any two of rate, volume and time give the third.
public enum InfusionTriple {
  /// The missing one, or `nil` when the two given do not determine it (zero, negative).
  public static func complete(rate: FlowRate, vtbi: Volume) -> Interval? {
    vtbi.native > 0 ? vtbi.duration(at: rate) : nil
  }
  public static func complete(vtbi: Volume, time: Interval) -> FlowRate? {
    vtbi.native > 0 ? vtbi.rate(over: time) : nil
  }
  public static func complete(rate: FlowRate, time: Interval) -> Volume? {
    rate.native > 0 && time.native > 0 ? rate.volume(over: time) : nil
  }
}
