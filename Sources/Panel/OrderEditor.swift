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
    /// A large change is asked for once more (RC-100).
    case check = 3
  }

  /// A change by this factor, up or down, is asked for once more.
  public static var largeChange: Int64 { 5 }

  public private(set) var field = Field.syringe
  /// The step of the chosen digit in nL/h or nL.
  public private(set) var step: Int64 = 1_000_000
  public private(set) var draft: PrescriptionDraft
  /// What the pump holds, which a large change is measured against.
  public let held: PrescriptionDraft?

  /// Begins with what is held, or with 5 mL/h and 10 mL.
  public init(from held: PrescriptionDraft?) {
    self.held = held
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
  // RC-091 SRS-006: two keys at once are ignored.
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

  // SRS-093: keying in stays within limits.
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
    case .check: break
    }
  }

  /// The field whose value is at least five times what is held or at most a fifth of it.
  public var changedLargely: Field? {
    guard let held else { return nil }
    if Self.isLarge(from: held.rate.native, to: draft.rate.native) { return .rate }
    if Self.isLarge(from: held.vtbi.native, to: draft.vtbi.native) { return .vtbi }
    return nil
  }

  private static func isLarge(from old: Int64, to new: Int64) -> Bool {
    // Whole-number division keeps the comparison exact: n/5 ≥ m just when n ≥ 5m.
    old > 0 && new > 0 && (new / largeChange >= old || old / largeChange >= new)
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
      // SRS-123: a large change asks again.
      // RC-100: a slip of a digit is a factor of ten; it takes a second OK on a screen of its own.
      guard changedLargely != nil else { return finish() }
      field = .check
    case .check: return finish()
    }
    step = 1_000_000
    return .editing
  }

  private mutating func finish() -> Outcome {
    draft.kvo = Swift.min(draft.rate, .mLPerHour(1))
    return .done(draft)
  }

  private mutating func back() -> Outcome {
    switch field {
    case .syringe: return .left
    case .rate: field = .syringe
    case .vtbi: field = .rate
    case .check: field = changedLargely ?? .vtbi
    }
    step = 1_000_000
    return .editing
  }
}
