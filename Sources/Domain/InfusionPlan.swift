// SPDX-License-Identifier: Apache-2.0

public import Units

/// What motion follows of a prescription: the numbers that every cycle looks at, and the name of the
/// whole.
///
/// A prescription is large, with its drug and its dose; a cycle that copied it at every look would
/// spend its time copying.
public struct InfusionPlan: Hashable, Sendable, BitwiseCopyable {
  public let hash: ContentHash
  public let syringe: Syringe
  public let rate: FlowRate
  public let vtbi: Volume
  public let kvo: FlowRate
  public let occlusion: Pressure

  public init(_ prescription: borrowing Prescription) {
    hash = prescription.hash
    syringe = prescription.draft.syringe
    rate = prescription.draft.rate
    vtbi = prescription.draft.vtbi
    kvo = prescription.draft.kvo
    occlusion = prescription.draft.occlusion
  }
}
