// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
public import ServiceAPI
public import Units

/// The orders from the network that wait, one at a time.
///
/// OK takes the one that is on the screen; it then is held and read back like one that was keyed in.
public struct ProposalPage: Sendable, Equatable {
  public let list: [ProposalView]
  /// When the list was heard.
  public let heardAt: Instant
  public private(set) var index = 0

  public init(_ list: [ProposalView], at now: Instant) {
    self.list = list
    heardAt = now
  }

  public var shown: ProposalView? { list.indices.contains(index) ? list[index] : nil }

  enum Outcome: Equatable {
    case open
    case left
    case take(Int64)
  }

  mutating func press(_ keys: PanelKeys) -> Outcome {
    switch keys {
    case .up where index > 0: index -= 1
    case .down where index + 1 < list.count: index += 1
    case .left: return .left
    case .ok: return shown.map { .take($0.number) } ?? .left
    default: break
    }
    return .open
  }
}
