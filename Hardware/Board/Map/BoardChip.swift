// SPDX-License-Identifier: Apache-2.0

/// One I²C bus of a board.
public struct BoardBus: Hashable, Sendable {
  /// One letter: "A".
  public let name: String
  /// The process that owns it.
  public let owner: String
  /// The adapter's number on the reference computer.
  public let adapter: Int
  /// GPIO numbers and header pins of the data and the clock line.
  public let data: (gpio: Int, pin: Int)
  public let clock: (gpio: Int, pin: Int)

  public init(
    _ name: String, owner: String, adapter: Int, data: (gpio: Int, pin: Int),
    clock: (gpio: Int, pin: Int)
  ) {
    self.name = name
    self.owner = owner
    self.adapter = adapter
    self.data = data
    self.clock = clock
  }

  /// Where the programs find the adapter, whatever number it has: a link that the board's udev rule
  /// makes.
  public var path: String { "/dev/pump/i2c-\(name.lowercased())" }

  public static func == (left: Self, right: Self) -> Bool { left.name == right.name }
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// One chip on a bus of a board.
public struct BoardChip: Hashable, Sendable {
  /// The name of its driver's folder.
  public let driver: String
  public let bus: String
  /// The addresses it answers at.
  public let addresses: [UInt8]
  public let purpose: String
  /// Its reference in the wiring diagram and the bill of materials.
  public let reference: String

  public init(
    _ reference: String, _ driver: String, bus: String, at addresses: [UInt8], purpose: String
  ) {
    self.reference = reference
    self.driver = driver
    self.bus = bus
    self.addresses = addresses
    self.purpose = purpose
  }
}
