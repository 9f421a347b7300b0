// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Panel
import Testing

/// A frame buffer that can be compared, printed and read.
struct Picture: Equatable, CustomTestStringConvertible {
  private let points: [Bool]
  private let width: Int

  init(_ buffer: FrameBuffer) {
    self.init(buffer, width: FrameBuffer.width, height: FrameBuffer.height)
  }

  private init(_ buffer: FrameBuffer, width: Int, height: Int) {
    self.width = width
    points = (0..<height).flatMap { y in (0..<width).map { x in buffer[x, y] } }
  }

  private var height: Int { points.count / width }

  subscript(x: Int, y: Int) -> Bool { points[y * width + x] }

  /// The picture as text: a letter for two points above each other, between two bars.
  var art: String {
    stride(from: 0, to: height, by: 2).map { y in
      let line = (0..<width).map { x in
        switch (self[x, y], self[x, y + 1]) {
        case (false, false): " "
        case (true, false): "▀"
        case (false, true): "▄"
        case (true, true): "█"
        }
      }
      return "│" + line.joined() + "│\n"
    }.joined()
  }

  var testDescription: String { "\n" + art }

  /// Whether the text stands anywhere in the picture, light on dark or dark on light.
  func shows(_ text: String, scale: Int = 1) -> Bool {
    let wanted = Self.rendered(text, scale: scale)
    guard wanted.width <= width else { return false }
    return (0...(height - wanted.height)).contains { top in
      (0...(width - wanted.width)).contains { left in
        holds(wanted, left: left, top: top, inverted: false)
          || holds(wanted, left: left, top: top, inverted: true)
      }
    }
  }

  private func holds(_ wanted: Picture, left: Int, top: Int, inverted: Bool) -> Bool {
    for y in 0..<wanted.height {
      for x in 0..<wanted.width where self[left + x, top + y] == (wanted[x, y] == inverted) {
        return false
      }
    }
    return true
  }

  private static func rendered(_ text: String, scale: Int) -> Picture {
    var canvas = Canvas()
    canvas.text(text, x: 0, y: 0, scale: scale)
    let width = Swift.min(Canvas.width(of: text, scale: scale), FrameBuffer.width)
    return Picture(canvas.picture, width: width, height: 7 * scale)
  }
}
