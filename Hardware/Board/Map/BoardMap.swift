// SPDX-License-Identifier: Apache-2.0

/// A board as data: what is wired where.
///
/// The programs request their lines and buses from it, and every document of the board is generated
/// from it, so that a page can not say otherwise than the code does.
public struct BoardMap: Sendable {
  /// The name of `--board`.
  public let id: String
  public let title: String
  public let lines: [BoardLine]
  public let buses: [BoardBus]
  public let chips: [BoardChip]
  /// The fastest that steps may be asked of the step lines, in microsteps a second; `nil` without
  /// step lines.
  public let stepRateCap: Int64?
  public let parts: [BoardPart]

  public init(
    id: String, title: String, lines: [BoardLine], buses: [BoardBus], chips: [BoardChip],
    stepRateCap: Int64? = nil, parts: [BoardPart]
  ) {
    self.id = id
    self.title = title
    self.lines = lines
    self.buses = buses
    self.chips = chips
    self.stepRateCap = stepRateCap
    self.parts = parts
  }

  /// The lines of a bank in the order of their bits.
  public func lines(of bank: BoardLine.Bank) -> [BoardLine] {
    lines.filter { $0.bank == bank }.sorted { $0.bit < $1.bit }
  }

  public func bus(_ name: String) -> BoardBus? { buses.first { $0.name == name } }
}
