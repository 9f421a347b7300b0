// SPDX-License-Identifier: Apache-2.0

import Board

extension BoardDocument {
  private struct Wire {
    let pin: Int
    let gpio: Int
    let name: String
    let end: String
    let colour: String
  }

  private static func colour(_ bank: BoardLine.Bank) -> String {
    switch bank {
    case .control: "#1f5fbf"
    case .safety: "#b3261e"
    case .stepper: "#2e7d32"
    }
  }

  private static func wires(_ map: BoardMap) -> [Wire] {
    var wires = map.lines.map { line in
      Wire(
        pin: line.pin, gpio: line.gpio, name: line.name, end: line.wiring, colour: colour(line.bank)
      )
    }
    for bus in map.buses {
      let chips = map.chips.filter { $0.bus == bus.name }
        .map { "\($0.reference) \($0.driver)" }.joined(separator: ", ")
      wires.append(
        Wire(
          pin: bus.data.pin, gpio: bus.data.gpio, name: "SDA \(bus.name)", end: chips,
          colour: "#6a4c93"))
      wires.append(
        Wire(
          pin: bus.clock.pin, gpio: bus.clock.gpio, name: "SCL \(bus.name)", end: chips,
          colour: "#6a4c93"))
    }
    return wires.sorted { $0.pin < $1.pin }
  }

  private static func escaped(_ text: String) -> String {
    var out = ""
    for letter in text {
      switch letter {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      default: out.append(letter)
      }
    }
    return out
  }

  /// Header pin, wire and far end, one wire a row.
  static func wiring(_ map: BoardMap) -> String {
    let wires = wires(map)
    let height = 110 + 26 * wires.count
    var text = """
      <svg xmlns="http://www.w3.org/2000/svg" width="980" height="\(height)" viewBox="0 0 980 \(height)" \
      font-family="sans-serif" font-size="13">
      <!-- \(origin) -->
      <title>\(escaped(map.title)): wiring</title>
      <rect width="980" height="\(height)" fill="#ffffff"/>
      <text x="20" y="28" font-size="18" font-weight="bold">\(escaped(map.title)): wiring</text>
      <text x="20" y="50">\(notice) Blue: controller. Red: monitor. Green: step driver. Violet: I2C.</text>
      <rect x="20" y="66" width="150" height="\(height - 84)" rx="6" fill="#f2f2f2" stroke="#444444"/>
      <text x="95" y="84" text-anchor="middle" font-weight="bold">40-pin header</text>

      """
    for (row, wire) in wires.enumerated() {
      let y = 108 + 26 * row
      text += """
        <text x="34" y="\(y)">pin \(wire.pin)</text>
        <text x="160" y="\(y)" text-anchor="end">GPIO\(wire.gpio)</text>
        <line x1="170" y1="\(y - 4)" x2="470" y2="\(y - 4)" stroke="\(wire.colour)" stroke-width="2"/>
        <text x="320" y="\(y - 8)" text-anchor="middle" fill="\(wire.colour)">\(escaped(wire.name))</text>
        <circle cx="470" cy="\(y - 4)" r="3" fill="\(wire.colour)"/>
        <text x="482" y="\(y)">\(escaped(wire.end))</text>

        """
    }
    return text + "</svg>\n"
  }
}
