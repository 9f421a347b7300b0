// SPDX-License-Identifier: Apache-2.0

/// One part to buy for a board.
public struct BoardPart: Hashable, Sendable {
  /// Its references in the wiring diagram.
  public let references: String
  public let quantity: Int
  public let description: String
  public let maker: String
  /// The maker's number, or "by description" where any such part serves.
  public let number: String
  /// What may stand in its place.
  public let alternative: String

  public init(
    _ references: String, _ quantity: Int, _ description: String, maker: String, number: String,
    alternative: String
  ) {
    self.references = references
    self.quantity = quantity
    self.description = description
    self.maker = maker
    self.number = number
    self.alternative = alternative
  }
}

extension BoardPart {
  static var computer: BoardPart {
    BoardPart(
      "A1", 1, "Raspberry Pi 4 Model B, 2 GB or more, with a PREEMPT_RT kernel",
      maker: "Raspberry Pi",
      number: "by description", alternative: "Raspberry Pi 5: other adapter numbers in the overlay")
  }
  static var tic: BoardPart {
    BoardPart(
      "U1", 1, "Tic T834 stepper motor controller, command timeout 200 ms in its settings",
      maker: "Pololu", number: "3132", alternative: "Tic T825, 3130")
  }
  static var stepDriver: BoardPart {
    BoardPart(
      "U1", 1, "DRV8825 stepper driver carrier, MODE0 to MODE2 high", maker: "Pololu",
      number: "2133",
      alternative: "any carrier of the DRV8825")
  }
  static func converter(_ references: String, _ quantity: Int) -> BoardPart {
    BoardPart(
      references, quantity, "16-bit converter, supply 5 V, bus through a level shifter",
      maker: "Texas Instruments", number: "ADS1115IDGSR", alternative: "Adafruit 1085 (breakout)")
  }
  static var motor: BoardPart {
    BoardPart(
      "M1", 1, "NEMA 17 stepper, 200 steps a turn, 1 A a phase or more", maker: "any",
      number: "by description", alternative: "–")
  }
  static func buzzer(_ references: String, _ quantity: Int) -> BoardPart {
    BoardPart(
      references, quantity, "self-driven piezo buzzer, 3.3 V to 5 V, with transistor", maker: "any",
      number: "by description", alternative: "–")
  }
  static func key(_ references: String, _ quantity: Int) -> BoardPart {
    BoardPart(
      references, quantity, "key or switch, closes to ground", maker: "any",
      number: "by description", alternative: "–")
  }

  static var reference: [BoardPart] {
    [
      computer, motor, converter("U2, U6", 2),
      BoardPart(
        "U3", 1, "fuel gauge of one lithium cell", maker: "Analog Devices", number: "MAX17048G+T10",
        alternative: "Adafruit 5580 (breakout)"),
      BoardPart(
        "U4", 1, "ferroelectric memory, 512 bytes", maker: "RAMXEED (Fujitsu)",
        number: "MB85RC04V", alternative: "none: an EEPROM wears out within months"),
      BoardPart(
        "U5", 1, "angle encoder with its magnet on the screw", maker: "ams OSRAM",
        number: "AS5600-ASOM", alternative: "AS5600 breakout with magnet"),
      BoardPart(
        "U7", 1, "OLED display 128 × 64, I2C", maker: "Adafruit", number: "326",
        alternative: "any SSD1306 module at 0x3C"),
      BoardPart(
        "U8", 1, "motor power gate: windowed watchdog, AND, high-side switch",
        maker: "Texas Instruments",
        number: "TPS3813K33DBVR and a load switch",
        alternative: "any window watchdog of 60 ms; to be proved on the board"),
      BoardPart(
        "U9", 1, "eight keys on an expander at 0x20", maker: "NXP", number: "PCF8574T",
        alternative: "PCF8574 module; not the PCF8574A, whose address is 0x38"),
      BoardPart(
        "U10, U11", 2, "I2C level shifter, 3.3 V to 5 V", maker: "Adafruit", number: "757",
        alternative: "two BSS138 and four 10 kΩ a bus"),
      BoardPart(
        "P1, P2", 2, "pressure transducer 0.5 V to 4.5 V for −50 kPa to 250 kPa", maker: "any",
        number: "by description", alternative: "other ranges: change BoardScale"),
      BoardPart(
        "B1", 1, "air detector, open collector, low while it sees fluid", maker: "any",
        number: "by description", alternative: "–"),
      BoardPart(
        "K1", 1, "optocoupler of the mains adapter", maker: "any", number: "PC817",
        alternative: "any 4-pin optocoupler"),
      BoardPart(
        "Q1", 1, "logic-level MOSFET of EN_A with 10 kΩ to ground", maker: "any",
        number: "by description", alternative: "–"),
      key("S1–S4", 4), buzzer("LS1, LS2", 2),
      BoardPart(
        "D1–D3", 3, "lamps red, yellow, green, 330 Ω each", maker: "any", number: "by description",
        alternative: "–"),
    ]
  }
}
