// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
import Domain
public import Units

/// The panel's own menu: what it shows and how it behaves, nothing that the pump does.
///
/// It closes by itself, so that the run screen is never away for long.
public struct PanelMenu: Sendable, Equatable {
  /// The entries, in the order they stand.
  public enum Item: UInt8, Sendable, CaseIterable {
    case history = 0
    case device = 1
    case language = 2
    case lock = 3
    /// Sign in, or off.
    case person = 4
    /// Orders from the network.
    case proposals = 5
  }

  /// The entries of a pump without people.
  public static var plain: [Item] { [.history, .device, .language, .lock] }

  /// What is open.
  public enum Page: Sendable, Equatable {
    case items
    /// The history, from its n-th newest event on.
    case history(Int)
    case device
  }

  /// Without a key for so long the menu is left.
  // SRS-125: a menu closes by itself.
  public static var patience: Interval { .seconds(30) }

  public let items: [Item]
  public private(set) var chosen: Item
  public private(set) var page = Page.items

  /// What a key press leads to.
  public enum Outcome: Sendable, Equatable {
    case open
    case left
    case otherLanguage
    case lock
    case person
    case proposals
  }

  public init(_ items: [Item] = plain) {
    self.items = items
    chosen = items.first ?? .history
  }

  /// Takes the keys newly pressed; `events` is how many the history holds.
  public mutating func press(_ keys: PanelKeys, events: Int) -> Outcome {
    switch page {
    case .items: return choose(keys)
    case .history(let first):
      if keys == .down && first + 1 < events { page = .history(first + 1) }
      if keys == .up && first > 0 { page = .history(first - 1) }
      if keys == .left || keys == .ok { page = .items }
    case .device:
      if keys == .left || keys == .ok { page = .items }
    }
    return .open
  }

  private mutating func choose(_ keys: PanelKeys) -> Outcome {
    switch keys {
    case .up: move(by: -1)
    case .down: move(by: 1)
    case .left: return .left
    case .ok:
      switch chosen {
      case .history: page = .history(0)
      case .device: page = .device
      case .language: return .otherLanguage
      case .lock: return .lock
      case .person: return .person
      case .proposals: return .proposals
      }
    default: break
    }
    return .open
  }

  private mutating func move(by step: Int) {
    let next = (items.firstIndex(of: chosen) ?? 0) + step
    if items.indices.contains(next) { chosen = items[next] }
  }
}
