// SPDX-License-Identifier: Apache-2.0

import Testing
import Units

@Suite struct ScaleTests {
  /// The rounding rule by its definition: no neighbour of the quotient is nearer, a tie is even.
  private func isNearest(_ q: Int128, _ n: Int128, _ d: Int128) -> Bool {
    let error = (n - q * d).magnitude * 2
    let whole = d.magnitude
    return error < whole || (error == whole && q & 1 == 0)
  }

  @Test(.tags(.`RC-098`, .`SRS-101`))
  func `RC-098 SRS-101 rounds to the nearest, ties to even, at every extreme and both widths`() {
    let edges: [Int128] = [
      1, 2, 3, 7, 10, 999, Int128(Int32.max), Int128(Int64.max) - 1, Int128(Int64.max),
      Int128(Int64.max) + 1, Int128(Int64.min) - 1, Int128(1) << 100,
    ]
    var checked = 0
    for n in edges {
      for d in edges {
        for (a, b) in [(n, d), (-n, d), (n, -d), (-n, -d), (n * 2 + 1, d), (n, d * 2)] {
          #expect(isNearest(Scale.divide(a, b), a, b), "\(a) / \(b)")
          checked += 1
        }
      }
    }
    #expect(checked == edges.count * edges.count * 6)
  }

  @Test func `agrees with the definition over a hundred thousand drawn pairs`() {
    var state: UInt64 = 42
    func draw() -> Int64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int64(bitPattern: state) >> Int64(state >> 58)
    }
    for _ in 0..<100_000 {
      let n = Int128(draw())
      let d = Int128(draw())
      if d != 0 && !isNearest(Scale.divide(n, d), n, d) { Issue.record("\(n) / \(d)") }
    }
  }
}
