// SPDX-License-Identifier: Apache-2.0

/// The input lines of one process at one moment, with the edges since the last sample.
///
/// Bit *n* is the line with number *n* in the board's pin map. Levels are logical: the board's map
/// has already undone an active-low wiring, so 1 always means "the thing named is so".
public struct LineSample: Hashable, Sendable, BitwiseCopyable {
  public var levels: UInt32
  /// Lines that went 0 → 1 at least once since the last sample: a press shorter than a cycle is seen.
  public var risen: UInt32
  /// Lines that went 1 → 0 at least once since the last sample.
  public var fallen: UInt32

  @inlinable public init(levels: UInt32 = 0, risen: UInt32 = 0, fallen: UInt32 = 0) {
    self.levels = levels
    self.risen = risen
    self.fallen = fallen
  }

  @inlinable public func level(_ line: Int) -> Bool {
    line >= 0 && line < 32 && levels &>> UInt32(line) & 1 == 1
  }
}

/// The digital lines one process owns: inputs sampled together, outputs written together.
///
/// **For bus authors.** Every output has a safe level, given when the lines are requested; it is
/// written at the request, before anything else, and again at an orderly exit. `write` returns when
/// the levels are at the pins.
public protocol DigitalLines {
  /// Samples every input line at once and forgets the edges reported.
  mutating func sample() throws(BusError) -> LineSample
  /// Writes the output lines whose bit in `mask` is set; the others stay as they are.
  mutating func write(_ levels: UInt32, mask: UInt32) throws(BusError)
}
