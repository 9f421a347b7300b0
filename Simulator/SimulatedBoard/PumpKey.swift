// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// The keys of the simulated pump by the name they have everywhere.
public enum PumpKey: String, Sendable, CaseIterable {
  case stop, confirm
  case up, down, left, right, ok, start, pause, silence

  /// The panel's key; `nil` for the two that the controller reads itself.
  public var panel: PanelKeys? {
    switch self {
    case .stop, .confirm: nil
    case .up: .up
    case .down: .down
    case .left: .left
    case .right: .right
    case .ok: .ok
    case .start: .start
    case .pause: .pause
    case .silence: .silence
    }
  }
}
