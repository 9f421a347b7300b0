// SPDX-License-Identifier: Apache-2.0

import DeviceInterface

/// Keying in a badge's number and, unseen, its PIN.
///
/// UP and DOWN change a digit, RIGHT takes it, LEFT goes back by one, OK ends the field. What a screen is
/// drawn from has the badge's digits and of the PIN nothing but how many there are.
// SEC-391 SRS-201: the screen shows no digit of a PIN.
public struct SignInEntry: Sendable, Equatable {
  public enum Step: Sendable, Equatable {
    case badge
    case pin
    /// The service has been asked.
    case waiting
  }

  /// The digits of a badge's number that the panel takes.
  static let longestBadge = 10

  public internal(set) var step: Step
  /// The badge's number in digits.
  public internal(set) var badge: String
  /// The digit of the badge that is being changed; nil before the first UP or DOWN.
  public internal(set) var pending: UInt8?
  /// Digits of the PIN so far, and whether another one is being changed.
  public internal(set) var given = 0
  public internal(set) var isChanging = false
  /// Whoever is signed in gives their PIN again.
  public let isStepUp: Bool

  /// Asks for a badge and its PIN.
  public init() {
    step = .badge
    badge = ""
    isStepUp = false
  }

  /// Asks for the PIN of this badge again.
  init(again badge: String) {
    step = .pin
    self.badge = badge
    isStepUp = true
  }

  /// What a key press leads to.
  enum Outcome: Equatable {
    case open
    case left
    /// Badge and PIN are there.
    case done
    /// A PIN of too few digits.
    case tooShort
  }

  mutating func press(_ keys: PanelKeys, _ pin: inout PINDigits) -> Outcome {
    defer {
      given = pin.count
      isChanging = pin.pending != nil
    }
    switch step {
    case .badge: return pressBadge(keys)
    case .pin: return pressPIN(keys, &pin)
    case .waiting: return .open
    }
  }

  private mutating func pressBadge(_ keys: PanelKeys) -> Outcome {
    let isFull = badge.utf8.count >= Self.longestBadge
    switch keys {
    case .up where !isFull: pending = DigitKeys.changed(pending, by: 1)
    case .down where !isFull: pending = DigitKeys.changed(pending, by: -1)
    case .right where !isFull: take()
    case .left:
      if pending == nil {
        guard !badge.isEmpty else { return .left }
        badge.removeLast()
      }
      pending = nil
    case .ok:
      if pending != nil { take() }
      if !badge.isEmpty { step = .pin }
    default: break
    }
    return .open
  }

  private mutating func take() {
    badge += "\(pending ?? 0)"
    pending = nil
  }

  private mutating func pressPIN(_ keys: PanelKeys, _ pin: inout PINDigits) -> Outcome {
    switch keys {
    case .up: pin.change(by: 1)
    case .down: pin.change(by: -1)
    case .right: pin.take()
    case .left:
      if pin.isEmpty {
        guard !isStepUp else { return .left }
        step = .badge
      }
      pin.back()
    case .ok:
      if pin.pending != nil { pin.take() }
      return pin.count < 6 ? .tooShort : .done
    default: break
    }
    return .open
  }
}
