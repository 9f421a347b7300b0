// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Testing

@testable import pumpctl

@Suite struct LatencyTests {
  @Test func `counts percentiles by the upper edge of their microsecond`() {
    var histogram = LatencyHistogram()
    for microsecond in 0..<1_000 { histogram.record(Int64(microsecond) * 1_000 + 999) }
    #expect(histogram.count == 1_000)
    #expect(histogram.percentile(millionths: 500_000) == 500)
    #expect(histogram.percentile(millionths: 990_000) == 990)
    #expect(histogram.percentile(millionths: 999_000) == 999)
    #expect(histogram.percentile(millionths: 999_900) == 1_000)
    #expect(histogram.worst == 999_999)
    #expect(histogram.best == 999)
    #expect(histogram.mean == 500_499)
  }

  @Test func `keeps the latest exactly, however late`() {
    var histogram = LatencyHistogram()
    histogram.record(-5)
    histogram.record(3_600_000_000_000)
    #expect(histogram.worst == 3_600_000_000_000)
    #expect(histogram.best == 0)
    #expect(histogram.percentile(millionths: 500_000) == 1)
    #expect(histogram.percentile(millionths: 1_000_000) == Int64(LatencyHistogram.size))
    #expect(histogram.filled.map(\.microseconds) == [0, LatencyHistogram.size - 1])
  }

  @Test func `says nothing of nothing`() {
    let histogram = LatencyHistogram()
    #expect(histogram.mean == 0)
    #expect(histogram.percentile(millionths: 999_000) == 0)
  }

  @Test(arguments: [
    ["--seconds", "0"], ["--seconds", "86401"], ["--period", "99"], ["--period", "1000001"],
    ["--priority", "0"], ["--priority", "100"], ["--period", "x"],
  ])
  func `refuses what it cannot measure`(words: [String]) {
    #expect(throws: (any Error).self) { try LatencyTest.parse(words) }
  }
}
