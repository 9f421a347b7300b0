// SPDX-License-Identifier: Apache-2.0

import Board
import Units

extension BoardDocument {
  /// One row of the bring-up, and the members of its JSON that say how it is measured.
  private struct Step {
    let what: String
    let expected: String
    var way = #""way":"observe""#
  }

  private static func bringUpSteps(_ map: BoardMap) -> [Step] {
    var steps = [
      Step(
        what: "Without the computer: resistance of each supply to ground", expected: "above 1 kΩ")
    ]
    for line in map.lines {
      guard case .output = line.kind else { continue }
      steps.append(
        Step(
          what: "Computer in, programs stopped: voltage at pin \(line.pin) (`\(line.name)`)",
          expected: pin(line, on: false) == "low" ? "low, 0 V to 0.4 V" : "high, 2.9 V to 3.3 V"))
    }
    let names = map.lines.map { "\"\($0.name)\"" }.joined(separator: ",")
    steps.append(
      Step(
        what: "Overlay loaded: `gpioinfo` shows each line of the [interface](interface.md)",
        expected: "all, once", way: "\"way\":\"lines\",\"lines\":[\(names)]"))
    for bus in map.buses {
      let addresses = map.chips.filter { $0.bus == bus.name }.flatMap(\.addresses).sorted()
      let numbers = addresses.map { "\($0)" }.joined(separator: ",")
      steps.append(
        Step(
          what: "`i2cdetect -y -r \(bus.adapter)` (bus \(bus.name))",
          expected: addresses.map(hex).joined(separator: ", ") + " and no other",
          way: "\"way\":\"bus\",\"adapter\":\(bus.adapter),\"addresses\":[\(numbers)]"))
    }
    for line in map.lines {
      if case .output = line.kind { continue }
      let on = pin(line, on: true)
      steps.append(
        Step(
          what: "`gpioget` of `\(line.name)` while \(line.meaning), and while not",
          expected: "pin \(on), then \(pin(line, on: false))",
          way: "\"way\":\"line\",\"line\":\"\(line.name)\",\"high\":\(on == "high")"))
    }
    for line in map.lines {
      guard case .output = line.kind else { continue }
      steps.append(
        Step(
          what:
            "`gpioset` of pin \(line.pin) to \(pin(line, on: true)), then \(pin(line, on: false))",
          expected: "\(line.meaning); then no more"))
    }
    if map.stepRateCap != nil {
      steps.append(
        Step(
          what: "Current limit of the step driver, by its reference voltage",
          expected: "1 A, before the motor is plugged"))
    }
    return steps
  }

  /// The same rows for `pumpctl bringup`.
  static func bringUpJSON(_ map: BoardMap) -> String {
    let steps = bringUpSteps(map).map { step in
      "    {\"do\":\"\(step.what)\",\"expected\":\"\(step.expected)\",\(step.way)}"
    }
    return "{\"format\":1,\"board\":\"\(map.id)\",\"steps\":[\n"
      + steps.joined(separator: ",\n") + "\n]}\n"
  }

  /// What is checked, in which order, before a motor is connected.
  static func bringUp(_ map: BoardMap) -> String {
    let rows = bringUpSteps(map).enumerated().map { index, step in
      "| \(index + 1) | \(step.what) | \(step.expected) | | |"
    }
    return """
      # \(map.title): bring-up

      \(notice) \(origin)

      The motor stays unplugged until every row has passed. Write down what was measured; a row that fails ends the
      procedure. `pumpctl bringup` walks through the same rows, measures what it can, and signs the record.

      | | do | expected | measured | passed |
      | --- | --- | --- | --- | --- |
      \(rows.joined(separator: "\n"))

      ## Mechanics

      A lead screw of 0.8 mm a turn (M5) turned by the motor through a coupling without play; the nut carries the pusher, which
      must not be able to turn. The encoder's magnet sits on the far end of the screw, 0.5 mm to 3 mm from the chip, so that
      a slipping coupling shows. The clamp holds the barrel's flange in both directions. Before the first syringe: run 100 mm and back,
      and measure the play with a gauge; above 0.5 mm the start of a slow infusion takes minutes.

      """
  }

  private static let pressures = [-50, 0, 50, 100, 150, 200, 250]
  private static let clamps = [6_700, 13_990, 28_560]

  private static func voltage(kilopascals: Int) -> Int64 {
    BoardScale.voltage(of: .kilopascals(Int64(kilopascals))).native / 1_000
  }

  private static func voltage(clamp micrometres: Int) -> Int64 {
    BoardScale.voltage(ofClamp: .micrometres(Int64(micrometres))).native / 1_000
  }

  private static func gauges(_ map: BoardMap) -> [BoardChip] {
    map.chips.filter { $0.driver == "ADS1115" && $0.purpose.contains("pressure") }
  }

  private static func hasClamp(_ map: BoardMap) -> Bool {
    map.chips.contains { $0.purpose.contains("clamp") }
  }

  /// The points of the calibration for `pumpctl calibrate`.
  static func calibrationJSON(_ map: BoardMap) -> String {
    var points: [String] = []
    var pairs: [String] = []
    func point(_ id: String, _ name: String, _ unit: String, _ expected: Int64, _ within: Int64) {
      points.append(
        "    {\"id\":\"\(id)\",\"name\":\"\(name)\",\"unit\":\"\(unit)\",\"expected\":\(expected),"
          + "\"within\":\(within)}")
    }
    for gauge in gauges(map) {
      for pressure in pressures {
        let id = "\(gauge.reference)/\(pressure)kPa"
        for way in ["up", "down"] {
          point(
            "\(id)/\(way)", "\(pressure) kPa at \(gauge.reference), \(way)", "mV",
            voltage(kilopascals: pressure), 40)
        }
        pairs.append("    {\"one\":\"\(id)/up\",\"other\":\"\(id)/down\",\"within\":20}")
      }
    }
    if hasClamp(map) {
      for clamp in clamps {
        point("clamp/\(clamp)um", "clamp at \(clamp) µm", "mV", voltage(clamp: clamp), 20)
      }
    }
    // 5 mL of water at 20 °C weigh 4.991 g; two per cent of it.
    point("delivery", "mass after one hour at 5 mL/h", "mg", 4_991, 99)
    return "{\"format\":1,\"board\":\"\(map.id)\",\"pairs\":[\n"
      + pairs.joined(separator: ",\n") + "\n],\"points\":[\n" + points.joined(separator: ",\n")
      + "\n]}\n"
  }

  /// How the board's analogue inputs are calibrated.
  static func calibration(_ map: BoardMap) -> String {
    let pressures = pressures.map { ["\($0)", "\(voltage(kilopascals: $0))", "", ""] }
    let clamps = clamps.map { micrometres -> [String] in
      let part = String(micrometres % 1_000 + 1_000).dropFirst()
      return ["\(micrometres / 1_000).\(part)", "\(voltage(clamp: micrometres))", "", ""]
    }
    var text = """
      # \(map.title): calibration

      \(notice) \(origin)

      Needed: a reference gauge of 0.25 kPa or better with a valid certificate, a hand pump, a voltmeter of 1 mV; 23 °C ± 2 °C, thirty
      minutes after power-up.

      """
    for gauge in gauges(map) {
      text += """

        ## Pressure at \(gauge.reference), \(gauge.addresses.map(hex).joined()) on bus \(gauge.bus)

        Up through the points and down again; wait for ten seconds at each. A point is good within 40 mV (3 kPa) of its voltage and
        within 20 mV between up and down.

        \(table(["kPa", "mV expected", "mV up", "mV down"], pressures))

        """
    }
    if hasClamp(map) {
      text += """

        ## Clamp

        Gauge blocks of the openings; good within 20 mV (0.2 mm). Without a syringe the voltage is below 300 mV.

        \(table(["mm", "mV expected", "mV", "good"], clamps))

        """
    }
    text += """

      ## Delivery

      Water at 20 °C through the whole set into a covered beaker on a balance of 0.1 mg: 5 mL/h for one hour. Good within 2 % of
      4.991 g.

      ## Record

      Board, date, instruments with their certificates, each value as read, who measured and who checked. The scale itself
      is in the source ([BoardLines.swift](../../Board/BoardLines.swift)): the board is adjusted to it, or it is changed there and
      reviewed. `pumpctl calibrate` judges the readings, one line `id,value` for each id of [calibration.json](calibration.json), and
      signs the record; `pump-serviced --calibration` keeps it.

      """
    return text
  }
}
