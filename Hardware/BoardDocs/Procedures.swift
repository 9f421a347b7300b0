// SPDX-License-Identifier: Apache-2.0

import Board
import Units

extension BoardDocument {
  /// What is checked, in which order, before a motor is connected.
  static func bringUp(_ map: BoardMap) -> String {
    var number = 0
    func step(_ what: String, _ expected: String) -> String {
      number += 1
      return "| \(number) | \(what) | \(expected) | | |"
    }
    var rows: [String] = []
    rows.append(step("Without the computer: resistance of each supply to ground", "above 1 kΩ"))
    for line in map.lines {
      guard case .output = line.kind else { continue }
      rows.append(
        step(
          "Computer in, programs stopped: voltage at pin \(line.pin) (`\(line.name)`)",
          pin(line, on: false) == "low" ? "low, 0 V to 0.4 V" : "high, 2.9 V to 3.3 V"))
    }
    rows.append(
      step(
        "Overlay loaded: `gpioinfo` shows each line of the [interface](interface.md)", "all, once"))
    for bus in map.buses {
      let addresses = map.chips.filter { $0.bus == bus.name }.flatMap(\.addresses).sorted()
      rows.append(
        step(
          "`i2cdetect -y -r \(bus.adapter)` (bus \(bus.name))",
          addresses.map(hex).joined(separator: ", ") + " and no other"))
    }
    for line in map.lines {
      if case .output = line.kind { continue }
      rows.append(
        step(
          "`gpioget` of `\(line.name)` while \(line.meaning), and while not",
          "pin \(pin(line, on: true)), then \(pin(line, on: false))"))
    }
    for line in map.lines {
      guard case .output = line.kind else { continue }
      rows.append(
        step(
          "`gpioset` of pin \(line.pin) to \(pin(line, on: true)), then \(pin(line, on: false))",
          "\(line.meaning); then no more"))
    }
    if map.stepRateCap != nil {
      rows.append(
        step(
          "Current limit of the step driver, by its reference voltage",
          "1 A, before the motor is plugged"))
    }
    return """
      # \(map.title): bring-up

      \(notice) \(origin)

      The motor stays unplugged until every row has passed. Write down what was measured; a row that fails ends the
      procedure.

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

  /// How the board's analogue inputs are calibrated.
  static func calibration(_ map: BoardMap) -> String {
    let pressures = [-50, 0, 50, 100, 150, 200, 250].map { kilopascals -> [String] in
      let voltage = BoardScale.voltage(of: .kilopascals(Int64(kilopascals)))
      return ["\(kilopascals)", "\(voltage.native / 1_000)", "", ""]
    }
    let clamps = [6_700, 13_990, 28_560].map { micrometres -> [String] in
      let voltage = BoardScale.voltage(ofClamp: .micrometres(Int64(micrometres)))
      let whole = micrometres / 1_000
      let part = String(micrometres % 1_000 + 1_000).dropFirst()
      return ["\(whole).\(part)", "\(voltage.native / 1_000)", "", ""]
    }
    let gauges = map.chips.filter { $0.driver == "ADS1115" && $0.purpose.contains("pressure") }
    let hasClamp = map.chips.contains { $0.purpose.contains("clamp") }
    var text = """
      # \(map.title): calibration

      \(notice) \(origin)

      Needed: a reference gauge of 0.25 kPa or better with a valid certificate, a hand pump, a voltmeter of 1 mV; 23 °C ± 2 °C, thirty
      minutes after power-up.

      """
    for gauge in gauges {
      text += """

        ## Pressure at \(gauge.reference), \(gauge.addresses.map(hex).joined()) on bus \(gauge.bus)

        Up through the points and down again; wait for ten seconds at each. A point is good within 40 mV (3 kPa) of its voltage and
        within 20 mV between up and down.

        \(table(["kPa", "mV expected", "mV up", "mV down"], pressures))

        """
    }
    if hasClamp {
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
      reviewed. The programs hold no record of a calibration.

      """
    return text
  }
}
