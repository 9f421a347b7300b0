// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Units

/// A lock against keys that nobody means to press: a sleeve, a child, a cleaning cloth.
///
/// It is no access control. Three keys in order open it, and it never holds back STOP and CONFIRM,
/// which the controller reads itself, nor PAUSE and SILENCE (RC-002, RC-009).
public struct KeyLock: Sendable, Equatable {
  /// The keys that open it, in order.
  static let sequence: [PanelKeys] = [.left, .right, .ok]
  /// For so long after a key that did nothing the screen says how to unlock.
  public static var hint: Interval { .seconds(4) }

  public private(set) var locked = false
  public private(set) var hintUntil: Instant?
  private var matched = 0

  public init() {}

  public mutating func lock() {
    locked = true
    matched = 0
  }

  /// Takes a key while locked; the last of the sequence unlocks.
  // SRS-124: a locked panel pauses all the same.
  public mutating func press(_ keys: PanelKeys, now: Instant) {
    hintUntil = now + Self.hint
    if keys == Self.sequence[matched] {
      matched += 1
    } else {
      matched = keys == Self.sequence[0] ? 1 : 0
    }
    if matched == Self.sequence.count {
      locked = false
      matched = 0
      hintUntil = nil
    }
  }
}
