// SPDX-License-Identifier: Apache-2.0

import Panel
import Testing
import Units

@Suite struct FiguresTests {
  @Test(arguments: [
    (0, "0"), (10_000, "0.01"), (100_000, "0.1"), (500_000, "0.5"), (1_000_000, "1"),
    (1_010_000, "1.01"), (5_000_000, "5"), (12_500_000, "12.5"), (100_000_000, "100"),
    (999_990_000, "999.99"), (1_200_000_000, "1200"),
  ])
  func `writes a rate with a leading zero and no trailing zero`(nLPerHour: Int64, text: String) {
    #expect(Figures.rate(.nLPerHour(nLPerHour)) == text)
  }

  @Test(arguments: [
    (0, "0"), (9_999, "0"), (10_000, "0.01"), (100_000, "0.1"), (9_990_000, "9.99"),
    (9_999_999, "9.99"), (10_000_000, "10"), (10_050_000, "10"), (10_100_000, "10.1"),
    (999_999_999, "999.9"), (-500_000, "-0.5"), (-1_000, "0"),
  ])
  func `cuts a volume and never rounds it up`(nanolitres: Int64, text: String) {
    #expect(Figures.volume(.nanolitres(nanolitres)) == text)
  }

  @Test(arguments: [
    (-5, "0h00"), (0, "0h00"), (1, "0h01"), (60, "0h01"), (61, "0h02"), (3_600, "1h00"),
    (7_200, "2h00"), (359_940, "99h59"), (359_941, ">99h"), (9_000_000_000, ">99h"),
  ])
  func `writes time in hours and minutes, rounded up`(seconds: Int64, text: String) {
    #expect(Figures.time(.seconds(seconds)) == text)
  }

  @Test(.tags(.`RC-094`, .`SRS-088`))
  func `RC-094 SRS-088 never writes a naked point or a trailing zero`() {
    var chance = Chance(seed: 5)
    for _ in 0..<20_000 {
      let value = Int64(chance.next() % 1_300_000_000)
      let text = Figures.decimal(value, per: 1_000_000, places: 2)
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      let whole = parts.first.map(String.init) ?? ""
      #expect(whole == "0" || (whole.first ?? "0") != "0", "\(value) became \(text)")
      if parts.count == 2 {
        #expect((1...2).contains(parts[1].utf8.count), "\(value) became \(text)")
        #expect(parts[1].last != "0", "\(value) became \(text)")
      }
      #expect(parts.count <= 2 && Self.hundredths(text) == value / 10_000, "\(value): \(text)")
    }
  }

  @Test(arguments: [Int64.min, Int64.max, -1, 1])
  func `writes even the outermost number without a trap`(value: Int64) {
    #expect(!Figures.decimal(value, per: 1_000_000, places: 2).isEmpty)
    #expect(!Figures.time(Interval(native: value)).isEmpty)
    #expect(!Figures.volume(Volume(native: value)).isEmpty)
  }

  /// Reads a figure back, independently of how it was written.
  private static func hundredths(_ text: String) -> Int64? {
    let parts = text.split(separator: ".")
    guard let first = parts.first, let whole = Int64(first) else { return nil }
    let part = parts.count > 1 ? String(parts[1]) : ""
    guard let rest = Int64(part + String(repeating: "0", count: 2 - part.utf8.count)) else {
      return nil
    }
    return whole * 100 + rest
  }
}
