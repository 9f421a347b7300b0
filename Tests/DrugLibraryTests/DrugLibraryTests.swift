// SPDX-License-Identifier: Apache-2.0

import Domain
import DrugLibrary
import EveryCase
import Testing
import Units

struct DrugLibraryTests {
  static func text(
    name: String = "Example hospital", area: String = "ICU", drug: String = "Noradrenaline",
    rate: String = "[100, 500, 20000, 50000]", more: String = ""
  ) -> [UInt8] {
    Array(
      #"""
      {"format": 1, "name": "\#(name)", "careAreas": [
        {"name": "\#(area)", "drugs": [
          {"drug": "\#(drug)", "rateMicrolitresPerHour": \#(rate),
           "vtbiMicrolitres": [1000, 5000, 50000, 50000]\#(more)},
          {"drug": "Saline", "rateMicrolitresPerHour": [100, 100, 1200000, 1200000]}]}]}
      """#.utf8)
  }

  @Test(.tags(.`SRS-192`)) func `SRS-192 reads names and limits as they stand`() throws {
    let library = try DrugLibrary(Self.text())
    #expect(library.name.text == "Example hospital" && library.entries == 2)
    let area = try #require(library.careAreas.first)
    #expect(area.name.text == "ICU")
    let entry = try #require(area.entries.first)
    #expect(entry.drug.text == "Noradrenaline")
    #expect(entry.rate.absolute.lower == .microlitresPerHour(100))
    #expect(entry.rate.recommended.lower == .microlitresPerHour(500))
    #expect(entry.rate.recommended.upper == .mLPerHour(20))
    #expect(entry.rate.absolute.upper == .mLPerHour(50))
    #expect(entry.vtbi?.absolute.upper == .millilitres(50))
    #expect(area.entries.last?.vtbi == nil)
  }

  @Test(
    .tags(.`SRS-193`),
    arguments: [
      "[500, 100, 20000, 50000]", "[100, 20000, 500, 50000]", "[100, 500, 50000, 20000]",
      "[100, 500, 20000]", "[100, 500, 20000, 50000, 50000]", "[]", "7", "[9, 500, 20000, 50000]",
      "[100, 500, 20000, 1200001]", "[-1, 500, 20000, 50000]", #"["1", 500, 20000, 50000]"#,
      "[100, 500, 20000, 9007199254740991]",
    ])
  func `SRS-193 limits out of order or beyond the device's are refused`(rate: String) {
    #expect(throws: LibraryError.self) { try DrugLibrary(Self.text(rate: rate)) }
  }

  @Test(.tags(.`SRS-193`)) func `SRS-193 every order of four different numbers but one is refused`()
  {
    var taken = 0
    everyCase(of: pairs(pairs([1, 2, 3, 4], [1, 2, 3, 4]), pairs([1, 2, 3, 4], [1, 2, 3, 4]))) {
      let numbers = [$0.0, $0.1, $1.0, $1.1]
      let rate = "[\(numbers.map { "\($0 * 100)" }.joined(separator: ", "))]"
      let isOrdered = numbers == numbers.sorted()
      let library = try? DrugLibrary(Self.text(rate: rate))
      #expect((library != nil) == isOrdered, "\(rate)")
      taken += library == nil ? 0 : 1
    }
    // Ways to choose four of four with repetition, in order.
    #expect(taken == 35)
  }

  @Test(.tags(.`SEC-381`)) func `SEC-381 names are printable, distinct and of a bounded length`() {
    for bad in [
      Self.text(name: ""), Self.text(name: String(repeating: "x", count: 25)),
      Self.text(area: "I\\u0000CU"), Self.text(drug: "Saline"), Self.text(drug: "Norädrenaline"),
      Self.text(more: #", "colour": "red""#),
      Array(#"{"format": 2, "name": "x", "careAreas": []}"#.utf8),
      Array(#"{"format": 1, "name": "x", "careAreas": []}"#.utf8), Array("[]".utf8), [],
    ] {
      #expect(throws: LibraryError.self) { try DrugLibrary(bad) }
    }
  }

  @Test(.tags(.`SEC-381`)) func `SEC-381 more than it may hold is refused`() {
    func library(areas: Int, drugs: Int) -> [UInt8] {
      let entries = (0..<drugs).map {
        #"{"drug":"D\#($0)","rateMicrolitresPerHour":[100,100,100,100]}"#
      }
      let all = (0..<areas).map {
        #"{"name":"A\#($0)","drugs":[\#(entries.joined(separator: ","))]}"#
      }
      return Array(
        #"{"format":1,"name":"x","careAreas":[\#(all.joined(separator: ","))]}"#.utf8)
    }
    #expect((try? DrugLibrary(library(areas: 32, drugs: 32)))?.entries == 1_024)
    #expect(throws: LibraryError.self) { try DrugLibrary(library(areas: 33, drugs: 1)) }
    #expect(throws: LibraryError.self) { try DrugLibrary(library(areas: 32, drugs: 33)) }
    #expect(throws: LibraryError.self) { try DrugLibrary(library(areas: 1, drugs: 5_000)) }
  }

  @Test(.tags(.`SEC-381`)) func `SEC-381 a text cut or changed at any byte never traps`() {
    let good = Self.text()
    for length in 0..<good.count - 1 {
      #expect(throws: LibraryError.self) { try DrugLibrary(Array(good.prefix(length))) }
    }
    var refused = 0
    for place in good.indices {
      for byte in [0, 0x22, 0x2c, 0x39, 0x5b, 0x7d, 0xff] as [UInt8] {
        var bad = good
        bad[place] = byte
        // What is taken obeys the device's limits all the same.
        guard let library = try? DrugLibrary(bad) else {
          refused += 1
          continue
        }
        for entry in library.careAreas.flatMap(\.entries) {
          #expect(DeviceLimits.rate.contains(entry.rate.absolute.upper))
          #expect(entry.rate.absolute.lower <= entry.rate.recommended.lower)
          #expect(entry.rate.recommended.upper <= entry.rate.absolute.upper)
        }
      }
    }
    #expect(refused > 1_500)
  }

  @Test(.tags(.`SEC-381`)) func `SEC-381 a hundred thousand random texts never trap`() {
    let words = [
      "{", "}", "[", "]", ",", ":", #""format""#, "1", #""name""#, #""x""#, #""careAreas""#,
      #""drugs""#, #""drug""#, #""rateMicrolitresPerHour""#, "[100,100,100,100]", "-1",
      #""vtbiMicrolitres""#, "null", #"{"format":1,"name":"x","careAreas":["#,
    ].map { Array($0.utf8) }
    var state: UInt64 = 0xd0_5e
    var taken = 0
    for _ in 0..<100_000 {
      var text: [UInt8] = []
      for _ in 0..<3 + Int(state >> 60) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text += words[Int(state >> 33) % words.count]
      }
      if (try? DrugLibrary(text)) != nil { taken += 1 }
    }
    #expect(taken < 100)
  }
}
