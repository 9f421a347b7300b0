// SPDX-License-Identifier: Apache-2.0

/// What a compartment holds, in femtolitres at atmospheric pressure.
///
/// A patient's contents are counted from the start of the run and may be negative: blood drawn back.
struct Contents: Sendable, Equatable {
  var liquid_fL: Int64 = 0
  var air_fL: Int64 = 0

  static let nothing = Contents()

  var total_fL: Int64 { liquid_fL &+ air_fL }

  static func += (place: inout Contents, moved: Contents) {
    place.liquid_fL &+= moved.liquid_fL
    place.air_fL &+= moved.air_fL
  }

  static func -= (place: inout Contents, moved: Contents) {
    place.liquid_fL &-= moved.liquid_fL
    place.air_fL &-= moved.air_fL
  }

  /// Takes up to `volume_fL` out, liquid first: in a syringe that is not held tip up, air leaves last.
  mutating func take(_ volume_fL: Int64) -> Contents {
    let wanted = max(volume_fL, 0)
    let liquid = min(wanted, max(liquid_fL, 0))
    let taken = Contents(liquid_fL: liquid, air_fL: min(wanted &- liquid, max(air_fL, 0)))
    self -= taken
    return taken
  }
}
