// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// Tells a reading that has stopped to the last digit from one that lives with its noise.
///
/// A transducer behind a converter is never quiet: at 860 samples a second the converter alone has
/// noise of a step (ADS1115 data sheet, table 1), so that a value which comes again and again is not
/// measured but remembered.
struct Stillness: Sendable {
  private var last: Int64?
  private var since: Instant = .zero

  init() {}

  /// `true` once the same reading has come at every call for at least `span`; no reading is none.
  mutating func lasts(_ reading: Int64?, for span: Interval, at now: Instant) -> Bool {
    guard let reading, reading == last else {
      last = reading
      since = now
      return false
    }
    return now - since >= span
  }
}

extension Stillness: Fielded {
  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var known = last != nil
    var reading = last ?? 0
    try visitor.field(&known)
    try visitor.field(&reading)
    try visitor.field(&since)
    last = known ? reading : nil
  }
}
