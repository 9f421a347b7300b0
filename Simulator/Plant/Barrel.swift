// SPDX-License-Identifier: Apache-2.0

/// A syringe barrel the rig can hold, named by its nominal volume in millilitres.
///
/// Areas are those of BD plastic syringes with inner diameters of 4.70, 8.58, 11.99, 14.43, 19.05,
/// 21.59 and 26.56 mm; 50 mL and 60 mL syringes share a barrel.
public enum Barrel: Int, Sendable, CaseIterable {
  case mL1 = 1
  case mL3 = 3
  case mL5 = 5
  case mL10 = 10
  case mL20 = 20
  case mL30 = 30
  case mL50 = 50

  /// The inner cross-section in square millimetres.
  public var area_mm2: Double {
    switch self {
    case .mL1: 17.34
    case .mL3: 57.89
    case .mL5: 112.91
    case .mL10: 163.54
    case .mL20: 285.02
    case .mL30: 366.10
    case .mL50: 554.05
    }
  }

  /// The most the barrel holds, in femtolitres: its nominal volume, and 60 mL for the 50/60 mL barrel.
  public var capacity_fL: Int64 {
    self == .mL50 ? 60 * Scaling.femtolitresPerMillilitre : nominal_fL
  }

  private var nominal_fL: Int64 { Int64(rawValue) * Scaling.femtolitresPerMillilitre }
}
