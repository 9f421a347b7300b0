// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Domain
import Units

/// Keying in an order: rate, then VTBI, digit by digit, with four arrows and OK.
///
/// Left and right choose a digit, up and down change it. A value cannot leave the device's limits:
/// a step that would is not taken. What is keyed in is a draft and moves nothing; it goes to the
/// service with OK on the last field, and the screen then shows what the controller holds.
public struct OrderEditor: Sendable, Equatable {
  /// The fields, in the order they are asked for.
  public enum Field: UInt8, Sendable, CaseIterable {
    case syringe = 0
    case rate = 1
    case vtbi = 2
  }

  public private(set) var field = Field.syringe
  /// The step of the chosen digit in nL/h or nL.
  public private(set) var step: Int64 = 1_000_000
  public private(set) var draft: PrescriptionDraft

  /// Begins with what is held, or with 5 mL/h and 10 mL.
  public init(from held: PrescriptionDraft?) {
    draft =
      held
      ?? PrescriptionDraft(syringe: .mL50, rate: .mLPerHour(5), vtbi: .millilitres(10))
  }

  /// What a key press leads to.
  public enum Outcome: Sendable, Equatable {
    case editing
    /// Send this draft.
    case done(PrescriptionDraft)
    /// The person went back past the first field.
    case left
  }

  /// Takes the keys newly pressed; two at once are ignored, for nobody means them.
  public mutating func press(_ keys: PanelKeys) -> Outcome {
    switch keys {
    case .up: change(by: 1)
    case .down: change(by: -1)
    case .left: step = Swift.min(step * 10, 100_000_000)
    case .right: step = Swift.max(step / 10, 10_000)
    case .ok: return advance()
    case .pause: return back()
    default: break
    }
    return .editing
  }

  private mutating func change(by direction: Int64) {
    switch field {
    case .syringe:
      let all = Syringe.allCases
      let at = all.firstIndex(of: draft.syringe) ?? 0
      let next = at + Int(direction)
      if all.indices.contains(next) { draft.syringe = all[next] }
      keep(rate: Swift.min(draft.rate, DeviceLimits.highestRate(for: draft.syringe)))
      draft.vtbi = Swift.min(draft.vtbi, draft.syringe.capacity)
    case .rate:
      let rate = draft.rate + FlowRate(native: step * direction)
      if rate >= DeviceLimits.rate.lower && rate <= DeviceLimits.highestRate(for: draft.syringe) {
        keep(rate: rate)
      }
    case .vtbi:
      let vtbi = draft.vtbi + Volume(native: step * direction)
      if DeviceLimits.vtbi.contains(vtbi) && vtbi <= draft.syringe.capacity { draft.vtbi = vtbi }
    }
  }

  /// A rate that is keyed in no longer follows from the dose it was once prescribed as.
  private mutating func keep(rate: FlowRate) {
    if rate != draft.rate { draft.dosing = nil }
    draft.rate = rate
  }

  private mutating func advance() -> Outcome {
    switch field {
    case .syringe: field = .rate
    case .rate: field = .vtbi
    case .vtbi:
      draft.kvo = Swift.min(draft.rate, .mLPerHour(1))
      return .done(draft)
    }
    step = 1_000_000
    return .editing
  }

  private mutating func back() -> Outcome {
    switch field {
    case .syringe: return .left
    case .rate: field = .syringe
    case .vtbi: field = .rate
    }
    step = 1_000_000
    return .editing
  }
}
