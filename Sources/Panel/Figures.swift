// SPDX-License-Identifier: Apache-2.0

public import Units

/// Numbers as a person at a bed may read them: a leading zero, no trailing zero, the unit always.
///
/// A decimal point without a leading figure and a trailing zero are the two classic causes of
/// tenfold errors (ISMP list of error-prone abbreviations), so neither can be written here.
public enum Figures {
  /// A rate in mL/h without its unit: "5", "0.1", "12.5", "0.01".
  public static func rate(_ rate: FlowRate) -> String {
    decimal(rate.nanolitresPerHour, per: 1_000_000, places: 2)
  }

  /// A volume in mL without its unit, cut (never rounded up) to hundredths below 10 mL, else tenths.
  public static func volume(_ volume: Volume) -> String {
    decimal(volume.nanolitres, per: 1_000_000, places: volume < .millilitres(10) ? 2 : 1)
  }

  /// All that a rate in mL/h has, for a read-back: "5", "12.345678".
  public static func exact(_ rate: FlowRate) -> String {
    decimal(rate.nanolitresPerHour, per: 1_000_000, places: 6)
  }

  /// All that a volume in mL has, for a read-back.
  public static func exact(_ volume: Volume) -> String {
    decimal(volume.nanolitres, per: 1_000_000, places: 6)
  }

  /// Hours and minutes: "2h00", "99h59"; more than that is "> 99 h".
  public static func time(_ interval: Interval) -> String {
    let minutes = Swift.max(0, (interval.seconds + 59) / 60)
    guard minutes < 6_000 else { return ">99h" }
    let rest = minutes % 60
    return "\(minutes / 60)h\(rest < 10 ? "0" : "")\(rest)"
  }

  /// How long ago: "12s", "5m", "2h05".
  public static func age(_ interval: Interval) -> String {
    let seconds = Swift.max(0, interval.seconds)
    if seconds < 60 { return "\(seconds)s" }
    if seconds < 3_600 { return "\(seconds / 60)m" }
    let minutes = seconds / 60 % 60
    return seconds < 360_000 ? "\(seconds / 3_600)h\(minutes < 10 ? "0" : "")\(minutes)" : ">99h"
  }

  /// A fixed-point number without trailing zeros, cut towards zero.
  // RC-094 SRS-088: figures have one reading.
  public static func decimal(_ value: Int64, per one: Int64, places: Int) -> String {
    let negative = value < 0
    let magnitude = value.magnitude
    let unit = UInt64(one)
    var scale: UInt64 = 1
    for _ in 0..<places { scale *= 10 }
    let whole = magnitude / unit
    var part = (magnitude % unit) * scale / unit
    var digits = places
    while digits > 0 && part % 10 == 0 {
      part /= 10
      digits -= 1
    }
    var text = String(whole)
    if digits > 0 {
      let figures = String(part)
      text += "." + String(repeating: "0", count: digits - figures.utf8.count) + figures
    }
    let zero = whole == 0 && part == 0
    return negative && !zero ? "-" + text : text
  }
}
