// SPDX-License-Identifier: Apache-2.0

import Testing
import Units

@Suite struct UnitsTests {
  static let extremes: [Int64] = [
    .min, .min + 1, -1_000_000_007, -3, -2, -1, 0, 1, 2, 3, 1_000_000_007, .max - 1, .max,
  ]

  @Test(.tags(.`RC-095`, .`RC-098`, .`SRS-100`))
  func `RC-095 RC-098 SRS-100 arithmetic saturates at both ends and is exact within`() {
    for a in Self.extremes {
      for b in Self.extremes {
        let sum = Volume(native: a) + Volume(native: b)
        let difference = Volume(native: a) - Volume(native: b)
        let product = Volume(native: a) * b
        #expect(Int128(sum.native) == clamp(Int128(a) + Int128(b)))
        #expect(Int128(difference.native) == clamp(Int128(a) - Int128(b)))
        #expect(Int128(product.native) == clamp(Int128(a) * Int128(b)))
      }
      #expect(Volume(native: a).magnitude.native >= 0)
    }
  }

  @Test(.tags(.`RC-098`, .`SRS-101`))
  func `RC-098 SRS-101 division rounds to nearest, ties to even, at every extreme`() {
    #expect(Scale.multiplyDivide(5, 1, 2) == 2)
    #expect(Scale.multiplyDivide(7, 1, 2) == 4)
    #expect(Scale.multiplyDivide(-5, 1, 2) == -2)
    #expect(Scale.multiplyDivide(-7, 1, 2) == -4)
    #expect(Scale.multiplyDivide(5, 1, 0) == nil)
    for a in Self.extremes {
      for b in Self.extremes {
        for c in Self.extremes where c != 0 {
          let exact = Int128(a) * Int128(b)
          guard let rounded = Scale.multiplyDivide(a, b, c) else {
            Issue.record("no quotient")
            continue
          }
          guard rounded != .max, rounded != .min else { continue }
          let error = (Int128(rounded) * Int128(c) - exact).magnitude * 2
          #expect(error <= Int128(c).magnitude)
        }
      }
    }
  }

  @Test(.tags(.`RC-098`, .`SRS-102`)) func `RC-098 SRS-102 a running total equals the exact sum`() {
    for rate in [Int64(10_000), 333_333, 1_234_567, 1_200_000_000] {
      var running = FlowIntegrator()
      for _ in 0..<36_000 { running.add(.nLPerHour(rate), over: .milliseconds(10)) }
      #expect(running.volume.native == rate / 10)
    }
  }

  @Test func `no conversion traps on any value`() {
    for a in Self.extremes {
      for b in Self.extremes {
        let rate = FlowRate(native: a)
        var running = FlowIntegrator(volume: Volume(native: a), remainder: b)
        running.add(rate, over: Interval(native: b))
        #expect(running.remainder.magnitude < 3_600_000_000_000)
        _ = rate.volume(over: Interval(native: b))
        #expect((Volume(native: a).duration(at: FlowRate(native: b)) == nil) == (b <= 0))
        #expect((Volume(native: a).rate(over: Interval(native: b)) == nil) == (b <= 0))
        #expect((Area(native: a).travel(for: Volume(native: b)) == nil) == (a == 0))
        #expect((Instant(native: a) < Instant(native: b)) == (a < b))
      }
      _ = Pressure.mmHg(a).millimetresOfMercury
    }
    #expect(Pressure.mmHg(450).pascals == 59_995)
  }

  private func clamp(_ wide: Int128) -> Int128 {
    Swift.min(Swift.max(wide, Int128(Int64.min)), Int128(Int64.max))
  }
}
