// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Panel
import Testing

@Suite struct CanvasTests {
  private static func draw(_ body: (inout Canvas) -> Void) -> Picture {
    var canvas = Canvas()
    body(&canvas)
    return Picture(canvas.picture)
  }

  @Test func `draws every printable letter unlike every other`() {
    var seen: [(Character, Picture)] = []
    for code in UInt8(0x20)...UInt8(0x7e) {
      let letter = Character(UnicodeScalar(code))
      let picture = Self.draw { $0.text(String(letter), x: 0, y: 0) }
      for (other, same) in seen where same == picture {
        Issue.record("'\(letter)' and '\(other)' look alike")
      }
      seen.append((letter, picture))
    }
    #expect(seen.count == 95)
  }

  @Test func `keeps every letter inside its five by seven box`() {
    for code in UInt8(0x20)...UInt8(0x7e) {
      let picture = Self.draw { $0.text(String(UnicodeScalar(code)), x: 40, y: 20) }
      for y in 0..<64 {
        for x in 0..<128 where picture[x, y] {
          #expect((40..<45).contains(x) && (20..<27).contains(y), "letter \(code)")
        }
      }
    }
  }

  @Test func `shows a letter it does not have as a block and never as nothing`() {
    let unknown = Self.draw { $0.text("\u{7f}", x: 0, y: 0) }
    let block = Self.draw { $0.fill(x: 0, y: 0, width: 5, height: 7) }
    #expect(unknown == block)
  }

  @Test func `makes every point as large as the scale says`() {
    let small = Self.draw { $0.text("4", x: 0, y: 0) }
    let large = Self.draw { $0.text("4", x: 0, y: 0, scale: 3) }
    for y in 0..<21 {
      for x in 0..<15 { #expect(large[x, y] == small[x / 3, y / 3]) }
    }
  }

  @Test func `cuts what lies outside and wraps nothing`() {
    let picture = Self.draw {
      $0.text("88", x: 124, y: 60)
      $0.text("88", x: -3, y: -3)
      $0.fill(x: -5, y: 30, width: 4, height: 4)
    }
    for y in 8..<60 {
      for x in 0..<128 { #expect(!picture[x, y], "point \(x), \(y)") }
    }
    #expect(picture[0, 0] && picture[127, 63])
  }

  @Test(arguments: [(-1, 0), (0, 0), (50, 49), (100, 98), (150, 98)])
  func `fills a bar in proportion and never past its end`(part: Int64, points: Int) {
    let picture = Self.draw { $0.bar(x: 0, y: 0, width: 100, height: 3, part: part, of: 100) }
    #expect((1..<99).filter { picture[$0, 1] }.count == points)
    #expect(!picture[100, 1])
  }

  @Test func `leaves a bar of nothing empty`() {
    let picture = Self.draw { $0.bar(x: 0, y: 0, width: 20, height: 3, part: 5, of: 0) }
    #expect((1..<19).allSatisfy { !picture[$0, 1] })
  }
}
