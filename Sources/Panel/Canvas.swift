// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
import Units

/// Draws text, boxes and bars into a frame buffer.
///
/// What falls outside is cut, never wrapped.
public struct Canvas: Sendable {
  public private(set) var picture = FrameBuffer()

  public init() {}

  /// Draws text with its upper left point at (x, y), each point `scale` points large.
  public mutating func text(
    _ string: String, x: Int, y: Int, scale: Int = 1, inverted: Bool = false
  ) {
    var left = x
    for character in string.unicodeScalars {
      let glyph = Font.glyph(character)
      for row in 0..<Font.height {
        for column in 0..<Font.width {
          let bit = glyph >> UInt64(5 * (6 - row) + (4 - column)) & 1 == 1
          if bit {
            fill(
              x: left + column * scale, y: y + row * scale, width: scale, height: scale,
              on: !inverted)
          }
        }
      }
      left += Self.advance(scale)
    }
  }

  /// Draws text with its right end at `right` (exclusive).
  public mutating func text(_ string: String, right: Int, y: Int, scale: Int = 1) {
    text(string, x: right - Self.width(of: string, scale: scale), y: y, scale: scale)
  }

  /// Draws text in the middle of the picture's width.
  public mutating func centred(_ string: String, y: Int, scale: Int = 1, inverted: Bool = false) {
    let x = (FrameBuffer.width - Self.width(of: string, scale: scale)) / 2
    text(string, x: x, y: y, scale: scale, inverted: inverted)
  }

  /// Sets or clears a rectangle.
  public mutating func fill(x: Int, y: Int, width: Int, height: Int, on: Bool = true) {
    guard width > 0, height > 0 else { return }
    for row in y..<(y + height) {
      for column in x..<(x + width) { picture[column, row] = on }
    }
  }

  /// Draws the outline of a rectangle.
  public mutating func frame(x: Int, y: Int, width: Int, height: Int) {
    fill(x: x, y: y, width: width, height: 1)
    fill(x: x, y: y + height - 1, width: width, height: 1)
    fill(x: x, y: y, width: 1, height: height)
    fill(x: x + width - 1, y: y, width: 1, height: height)
  }

  /// Draws a bar that is `part` of `whole` full; over-full is full.
  public mutating func bar(x: Int, y: Int, width: Int, height: Int, part: Int64, of whole: Int64) {
    frame(x: x, y: y, width: width, height: height)
    guard whole > 0, part > 0 else { return }
    let inner = Int64(width - 2)
    let filled = Scale.multiplyDivide(inner, Swift.min(part, whole), whole) ?? 0
    fill(x: x + 1, y: y + 1, width: Int(filled), height: height - 2)
  }

  public static func advance(_ scale: Int) -> Int { (Font.width + 1) * scale }

  public static func width(of string: String, scale: Int = 1) -> Int {
    Swift.max(0, string.unicodeScalars.count * advance(scale) - scale)
  }
}
