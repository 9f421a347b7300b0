// SPDX-License-Identifier: Apache-2.0

public import Board
public import Units

/// What stands at the other ends of a board's wires while its contract is checked.
public protocol ContractWorld {
  var now: Instant { get }
  /// Makes an input say that the thing named is so, or not; `false` when this world cannot.
  mutating func set(_ line: BoardLine, _ on: Bool) -> Bool
  /// Whether an output says so at the pin; `nil` when this world cannot see it.
  func level(_ line: BoardLine) -> Bool?
  mutating func pass(milliseconds: Int)
}

/// What became of one clause of the contract.
public struct ContractResult: Hashable, Sendable {
  public enum Outcome: Hashable, Sendable {
    case kept
    case broken(String)
    /// This world cannot show it.
    case notShown(String)
  }
  public let clause: String
  public let outcome: Outcome
}
