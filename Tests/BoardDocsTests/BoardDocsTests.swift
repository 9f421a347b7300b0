// SPDX-License-Identifier: Apache-2.0

import Board
import BoardDocs
import Foundation
import Testing

private let boards = BoardMap.all.map(\.id)
private func map(_ id: String) throws -> BoardMap {
  try #require(BoardMap.all.first { $0.id == id })
}

/// BCM numbers of the pins of the 40-pin header that carry a GPIO line.
private let header: [Int: Int] = [
  3: 2, 5: 3, 7: 4, 8: 14, 10: 15, 11: 17, 12: 18, 13: 27, 15: 22, 16: 23, 18: 24, 19: 10, 21: 9,
  22: 25, 23: 11, 24: 8, 26: 7, 29: 5, 31: 6, 32: 12, 33: 13, 35: 19, 36: 16, 37: 26, 38: 20,
  40: 21,
]

@Suite struct BoardDocsTests {
  private var root: URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Hardware/Boards")
  }

  @Test func `every committed document is what its map says; else run make board-docs`() throws {
    var wanted: Set<String> = []
    for document in BoardDocument.everything {
      #expect(wanted.insert(document.path).inserted)
      let file = root.appendingPathComponent(document.path)
      let text = try String(decoding: Data(contentsOf: file), as: UTF8.self)
      #expect(text == document.text, "\(document.path) is stale")
    }
    let found = try FileManager.default.subpathsOfDirectory(atPath: root.path)
      .filter { !URL(fileURLWithPath: $0).pathExtension.isEmpty }
    #expect(Set(found) == wanted, "a file that no map makes")
  }

  @Test(arguments: boards) func `uses each pin once and as the header has it`(id: String) throws {
    let map = try map(id)
    var pins = map.lines.map { ($0.pin, $0.gpio) }
    for bus in map.buses {
      pins += [(bus.data.pin, bus.data.gpio), (bus.clock.pin, bus.clock.gpio)]
    }
    for (pin, gpio) in pins { #expect(header[pin] == gpio, "pin \(pin)") }
    #expect(Set(pins.map(\.0)).count == pins.count)
  }

  @Test(arguments: boards) func `gives each line a name and a bit of its own`(id: String) throws {
    let map = try map(id)
    #expect(Set(map.lines.map(\.name)).count == map.lines.count)
    for line in map.lines {
      #expect((1...31).contains(line.name.utf8.count))
      #expect(line.name.utf8.allSatisfy { $0 == 0x2d || (0x61...0x7a).contains($0) })
      // Inputs below 16, outputs from 16 on, as the banks of the boards have them.
      if case .output = line.kind {
        #expect((16..<32).contains(line.bit))
      } else {
        #expect((0..<16).contains(line.bit))
      }
    }
    for bank in BoardLine.Bank.allCases {
      let bits = map.lines(of: bank).map(\.bit)
      #expect(Set(bits).count == bits.count)
    }
  }

  @Test(arguments: boards) func `leaves every output off until it is asked for`(id: String) throws {
    for line in try map(id).lines {
      if case .output(let safe) = line.kind { #expect(!safe, "\(line.name)") }
    }
  }

  @Test(arguments: boards) func `gives each chip an address of its own on a bus there is`(
    id: String
  )
    throws
  {
    let map = try map(id)
    for bus in map.buses {
      let addresses = map.chips.filter { $0.bus == bus.name }.flatMap(\.addresses)
      #expect(Set(addresses).count == addresses.count)
      #expect(addresses.allSatisfy { (0x08...0x77).contains($0) })
    }
    for chip in map.chips { #expect(map.bus(chip.bus) != nil) }
  }

  @Test(arguments: boards) func `lists a part for every chip`(id: String) throws {
    let map = try map(id)
    let listed = map.parts.map(\.references).joined(separator: ", ").split(separator: ", ").map(
      String.init)
    for chip in map.chips { #expect(listed.contains(chip.reference), "\(chip.reference)") }
    #expect(map.parts.allSatisfy { $0.quantity > 0 })
  }

  @Test(arguments: ["reference", "reference-stepdir"])
  func `has every line that the programs use`(id: String) throws {
    let map = try map(id)
    let control = map.lines(of: .control).map(\.bit)
    let safety = map.lines(of: .safety).map(\.bit)
    for line in [
      ControlLine.stopKey, .confirmKey, .doorClosed, .plungerEngaged, .airDetected, .mains,
      .motorEnable, .buzzer, .lampRed, .lampYellow, .lampGreen,
    ] { #expect(control.contains(line.rawValue)) }
    for line in [SafetyLine.motorPowered, .gate, .stroke, .buzzer] {
      #expect(safety.contains(line.rawValue))
    }
    #expect((map.stepRateCap != nil) == (map.lines(of: .stepper).count == 5))
  }
}
