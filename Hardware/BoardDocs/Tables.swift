// SPDX-License-Identifier: Apache-2.0

import Board

extension BoardDocument {
  /// The lines for programs: one a row, tabs between.
  static func lines(_ map: BoardMap) -> String {
    var rows = ["# \(origin)", "name\tbank\tbit\tkind\tactive_low\tbias\tsafe\tgpio\tpin"]
    for line in map.lines {
      rows.append(
        [
          line.name, line.bank.rawValue, "\(line.bit)", line.kindName, line.activeLow ? "1" : "0",
          line.bias.rawValue, safe(line), "\(line.gpio)", "\(line.pin)",
        ].joined(separator: "\t"))
    }
    return rows.joined(separator: "\n") + "\n"
  }

  /// The bill of materials.
  static func parts(_ map: BoardMap) -> String {
    func cell(_ text: String) -> String {
      "\"" + text.split(separator: "\"").joined(separator: "'") + "\""
    }
    var rows = [
      "# \(origin) \(notice) Check each number against the maker's page before you order.",
      "references,quantity,description,maker,number,alternative",
    ]
    for part in map.parts {
      rows.append(
        [
          cell(part.references), "\(part.quantity)", cell(part.description), cell(part.maker),
          cell(part.number), cell(part.alternative),
        ].joined(separator: ","))
    }
    return rows.joined(separator: "\n") + "\n"
  }

  /// The interface control document.
  static func interface(_ map: BoardMap) -> String {
    let lines = map.lines.map { line in
      [
        "`\(line.name)`", line.bank.rawValue, "\(line.bit)", line.kindName,
        "\(line.gpio)", "\(line.pin)", pin(line, on: true), line.bias.rawValue, safe(line),
        line.meaning, line.wiring,
      ]
    }
    let chips = map.chips.map { chip in
      [
        chip.reference, chip.driver, chip.bus, chip.addresses.map(hex).joined(separator: ", "),
        chip.purpose,
      ]
    }
    let buses = map.buses.map { bus in
      [
        bus.name, bus.owner, "`\(bus.path)`", "i2c-\(bus.adapter)",
        "GPIO\(bus.data.gpio), pin \(bus.data.pin)", "GPIO\(bus.clock.gpio), pin \(bus.clock.pin)",
      ]
    }
    var text = """
      # \(map.title): interface

      \(notice) \(origin)

      ## Digital lines

      A 1 means the thing named is so; the column *pin at 1* says what that is at the header. *Safe* is
      the level from the request of the line on and after an orderly end. A pin number is of the 40-pin header.

      \(table(["line", "bank", "bit", "kind", "GPIO", "pin", "pin at 1", "bias", "safe", "a 1 means", "wired to"], lines))

      ## Buses

      \(table(["bus", "owner", "path", "adapter", "SDA", "SCL"], buses))

      ## Chips

      \(table(["part", "chip", "bus", "address", "purpose"], chips))

      """
    if let cap = map.stepRateCap {
      text += "\nSteps: at most \(cap) microsteps a second, 1/32 step, 6400 microsteps a turn.\n"
    }
    return text
  }
}
