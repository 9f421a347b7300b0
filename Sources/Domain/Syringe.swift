// SPDX-License-Identifier: Apache-2.0

public import Units

/// The syringes the pump knows, by nominal volume.
///
/// Barrel areas are those of BD plastic syringes (inner diameters 4.70, 8.58, 11.99, 14.43, 19.05,
/// 21.59 and 26.56 mm). 50 mL and 60 mL share a barrel.
public enum Syringe: UInt8, Sendable, BitwiseCopyable {
  case mL1 = 1
  case mL3 = 3
  case mL5 = 5
  case mL10 = 10
  case mL20 = 20
  case mL30 = 30
  case mL50 = 50

  /// The nominal volume, from zero to the last mark of the barrel.
  @inlinable public var capacity: Volume { .millilitres(Int64(rawValue)) }

  /// The barrel's inner cross-section.
  @inlinable public var barrel: Area {
    switch self {
    case .mL1: .squareMicrometres(17_340_000)
    case .mL3: .squareMicrometres(57_890_000)
    case .mL5: .squareMicrometres(112_910_000)
    case .mL10: .squareMicrometres(163_540_000)
    case .mL20: .squareMicrometres(285_020_000)
    case .mL30: .squareMicrometres(366_100_000)
    case .mL50: .squareMicrometres(554_050_000)
    }
  }
}

#if !hasFeature(Embedded)
  extension Syringe: CaseIterable {}
#endif
