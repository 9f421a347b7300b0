// SPDX-License-Identifier: Apache-2.0

public import Units

/// One digital line of a board: the single source of its name, wiring and safe level.
public struct BoardLine: Hashable, Sendable {
  /// Whose lines it is requested with.
  public enum Bank: String, Sendable, CaseIterable { case control, safety, stepper }

  public enum Bias: String, Sendable { case none, up, down }

  public enum Kind: Hashable, Sendable {
    /// Edges between two samples are kept, pulses shorter than `debounce` left out.
    case key(debounce: Interval)
    case input
    /// The level from power-up on and after an orderly end.
    case output(safe: Bool)
  }

  /// The line's name in the device tree, at most 31 letters.
  public let name: String
  public let bank: Bank
  /// Its bit in the bank.
  public let bit: Int
  public let kind: Kind
  /// The pin is low while the thing named is so.
  public let activeLow: Bool
  public let bias: Bias
  /// The number of the line on the processor's GPIO controller.
  public let gpio: Int
  /// The pin of the 40-pin header.
  public let pin: Int
  /// What a 1 says or does, for people.
  public let meaning: String
  /// What it is wired to.
  public let wiring: String

  public init(
    _ name: String, _ bank: Bank, bit: Int, _ kind: Kind, activeLow: Bool = false,
    bias: Bias = .none, gpio: Int, pin: Int, meaning: String, wiring: String
  ) {
    self.name = name
    self.bank = bank
    self.bit = bit
    self.kind = kind
    self.activeLow = activeLow
    self.bias = bias
    self.gpio = gpio
    self.pin = pin
    self.meaning = meaning
    self.wiring = wiring
  }

  /// The word for a table: "key", "input" or "output".
  public var kindName: String {
    switch kind {
    case .key: "key"
    case .input: "input"
    case .output: "output"
    }
  }
}
