// SPDX-License-Identifier: Apache-2.0

import Units

extension BoardMap {
  /// A bench rig: a step/direction driver, one converter, two switches, one buzzer.
  ///
  /// It has neither monitor nor journal, so no program of the pump runs on it; it serves to try a motor
  /// and a sensor, and shows that a board is data.
  public static var minimal: BoardMap {
    BoardMap(
      id: "minimal", title: "Bench rig, step and direction",
      lines: [
        BoardLine(
          "rig-stop-key", .control, bit: 0, .key(debounce: .milliseconds(5)), activeLow: true,
          bias: .up, gpio: 17, pin: 11, meaning: "STOP is down", wiring: "S1, key to ground"),
        BoardLine(
          "rig-end-switch", .control, bit: 1, .input, activeLow: true, bias: .up, gpio: 22, pin: 15,
          meaning: "the carriage is at its end", wiring: "S2, closes to ground"),
        BoardLine(
          "rig-buzzer", .control, bit: 16, .output(safe: false), gpio: 26, pin: 37,
          meaning: "the buzzer sounds", wiring: "LS1"),
      ] + stepperLines,
      buses: [
        BoardBus("A", owner: "the rig", adapter: 1, data: (2, 3), clock: (3, 5))
      ],
      chips: [BoardChip("U2", "ADS1115", bus: "A", at: [0x48], purpose: "one pressure")],
      stepRateCap: 2_000,
      parts: [
        .computer, .stepDriver, .motor, .converter("U2", 1), .key("S1, S2", 2), .buzzer("LS1", 1),
      ])
  }

  /// Every board there is, in the order of the documents.
  public static var all: [BoardMap] { [.reference, .referenceStepdir, .minimal] }
}
