// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// Whole numbers written with a decimal point: the same text on every machine.
enum Decimal {
  /// `native ÷ 10^places`, with all its places.
  static func text(_ native: Int64, places: Int) -> String {
    let digits = String(native.magnitude)
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    let point = padded.index(padded.endIndex, offsetBy: -places)
    return (native < 0 ? "-" : "") + padded[..<point] + "." + padded[point...]
  }

  /// Seconds with milliseconds.
  static func seconds(_ time: Interval) -> String { text(time.milliseconds, places: 3) }

  /// Millilitres, to the nanolitre.
  static func millilitres(_ volume: Volume) -> String { text(volume.nanolitres, places: 6) }

  /// Femtolitres of the plant as millilitres, cut to the nanolitre.
  static func millilitres(femtolitres: Int64) -> String {
    text(femtolitres / 1_000_000, places: 6)
  }
}

extension AlarmSet {
  /// The alarms' names in the order of their numbers.
  var names: [String] { AlarmID.allCases.filter { contains($0) }.map { "\($0)" } }
}
