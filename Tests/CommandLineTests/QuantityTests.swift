// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Domain
import Testing
import Units

@testable import pumpctl

@Suite struct QuantityTests {
  @Test(.tags(.`SRS-118`)) func `SRS-118 reads quantities exactly`() throws {
    #expect(try QuantityText.rate("5 mL/h") == .mLPerHour(5))
    #expect(try QuantityText.rate("0.01mL/h") == .microlitresPerHour(10))
    #expect(try QuantityText.rate("12.345678 mL/h") == .nLPerHour(12_345_678))
    #expect(try QuantityText.volume("10 mL") == .millilitres(10))
    #expect(try QuantityText.volume("0.1 µL") == .nanolitres(100))
    #expect(try QuantityText.time("90 min") == .minutes(90))
    #expect(try QuantityText.time("1.5 h") == .minutes(90))
    #expect(try QuantityText.pressure("450 mmHg") == .mmHg(450))
    #expect(try QuantityText.pressure("60.5 kPa") == .pascals(60_500))
    #expect(try QuantityText.syringe("50 mL") == .mL50)
  }

  @Test(arguments: [
    "", "5", "mL/h", "-5 mL/h", "+5 mL/h", "1e300 mL/h", "5 mL", "5 ml/h", "5..0 mL/h", ".5 mL/h",
    "5. mL/h", "5 mL/h ", "0x5 mL/h", "٥ mL/h", "0.0000001 mL/h", "99999999999999999999 mL/h",
    "9300000000000 mL/h", "nan mL/h", "5,5 mL/h", "1.00000000000000000000 mL/h",
  ])
  func `refuses what is no rate`(_ text: String) {
    #expect(throws: QuantityText.Mistake.self) { try QuantityText.rate(text) }
  }

  @Test(.tags(.`SRS-118`)) func `SRS-118 any two of rate, volume and time give the order`() throws {
    let want = (rate: FlowRate.mLPerHour(5), vtbi: Volume.millilitres(10))
    for words in [
      ["--rate", "5 mL/h", "--vtbi", "10 mL"], ["--rate", "5 mL/h", "--time", "2 h"],
      ["--vtbi", "10 mL", "--time", "120 min"],
    ] {
      let draft = try Program.parse(words).order.draft()
      #expect(draft.rate == want.rate)
      #expect(draft.vtbi == want.vtbi)
      #expect(draft.syringe == .mL50)
    }
  }

  @Test(arguments: [
    ["--rate", "5 mL/h"], ["--vtbi", "5 mL"], ["--time", "1 h"], [],
    ["--rate", "5 mL/h", "--vtbi", "10 mL", "--time", "2 h"],
    ["--rate", "0 mL/h", "--time", "2 h"], ["--vtbi", "10 mL", "--time", "0 s"],
    ["--rate", "5 mL/h", "--vtbi", "10 mL", "--syringe", "51 mL"],
    ["--rate", "5 mL/h", "--vtbi", "10 mL", "--drug", "a name that is far too long for it"],
    ["--rate", "5 mL/h", "--vtbi", "10 mL", "--drug", "línea"],
  ])
  func `refuses an order that is none`(_ words: [String]) throws {
    let program = try Program.parse(words)
    #expect(throws: Failure.self) { try program.order.draft() }
  }
}
