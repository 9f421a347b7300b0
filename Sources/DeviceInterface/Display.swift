// SPDX-License-Identifier: Apache-2.0

/// A picture of 128 × 64 points, one bit each: what the panel draws and the display shows.
///
/// Stored as the SSD1306 wants it: 8 pages of 128 columns, bit 0 of a byte the topmost of its 8 rows.
public struct FrameBuffer: Sendable {
  public static var width: Int { 128 }
  public static var height: Int { 64 }
  private var bytes: InlineArray<1024, UInt8>

  public init() { bytes = InlineArray(repeating: 0) }

  /// The byte of a page (0…7) and column (0…127); zero outside.
  public func byte(page: Int, column: Int) -> UInt8 {
    guard page >= 0, page < 8, column >= 0, column < 128 else { return 0 }
    return bytes[page * 128 + column]
  }

  /// Stores a byte; outside the picture nothing happens.
  public mutating func setByte(_ byte: UInt8, page: Int, column: Int) {
    guard page >= 0, page < 8, column >= 0, column < 128 else { return }
    bytes[page * 128 + column] = byte
  }

  /// A point; outside the picture it is dark, and setting it does nothing.
  public subscript(x: Int, y: Int) -> Bool {
    get { byte(page: y >> 3, column: x) >> UInt8(y & 7) & 1 == 1 }
    set {
      let page = y >> 3
      let bit: UInt8 = 1 << UInt8(y & 7)
      let old = byte(page: page, column: x)
      setByte(newValue ? old | bit : old & ~bit, page: page, column: x)
    }
  }
}

/// The pump's display.
public protocol Display {
  associatedtype Port
  /// Switches the display on, dark.
  mutating func prepare(on port: inout Port) throws(BusError)
  /// Shows the picture; sends only what changed since the last one.
  mutating func show(_ picture: borrowing FrameBuffer, on port: inout Port) throws(BusError)
}

/// The keys of the front panel, but for STOP and CONFIRM, which the controller reads itself.
public struct PanelKeys: OptionSet, Hashable, Sendable, BitwiseCopyable {
  public let rawValue: UInt8
  @inlinable public init(rawValue: UInt8) { self.rawValue = rawValue }
  @inlinable public init() { self.init(rawValue: 0) }
  /// The standard library's own would make the type unusable without a heap.
  public init(arrayLiteral elements: PanelKeys...) {
    var bits: UInt8 = 0
    for element in elements { bits |= element.rawValue }
    self.init(rawValue: bits)
  }
  public static var up: PanelKeys { PanelKeys(rawValue: 1) }
  public static var down: PanelKeys { PanelKeys(rawValue: 2) }
  public static var left: PanelKeys { PanelKeys(rawValue: 4) }
  public static var right: PanelKeys { PanelKeys(rawValue: 8) }
  public static var ok: PanelKeys { PanelKeys(rawValue: 16) }
  public static var start: PanelKeys { PanelKeys(rawValue: 32) }
  public static var pause: PanelKeys { PanelKeys(rawValue: 64) }
  /// Audio pause.
  public static var silence: PanelKeys { PanelKeys(rawValue: 128) }
}

/// The keypad: which keys are down now, raw, not debounced.
public protocol Keypad {
  associatedtype Port
  mutating func keys(on port: inout Port) throws(BusError) -> PanelKeys
}
