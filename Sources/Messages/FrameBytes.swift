// SPDX-License-Identifier: Apache-2.0

/// The bytes of one frame, inside the value: at most 640, none on the heap.
public struct FrameBytes: Hashable, Sendable {
  /// The longest frame; the longest kind, a ``Frame/control(_:)``, needs 426.
  @inlinable public static var capacity: Int { 640 }

  /// All 640 bytes, for a transport that moves them; those from ``count`` on mean nothing.
  public var storage: InlineArray<640, UInt8>
  /// How many bytes the frame has.
  public private(set) var count: Int

  /// No bytes: a frame that no transport sends and no decoder accepts.
  @_noAllocation @_noLocks
  public init() {
    storage = InlineArray(repeating: 0)
    count = 0
  }

  /// Adds a byte; `false`, and no change, when there is no room.
  @_noAllocation @_noLocks @discardableResult
  public mutating func append(_ byte: UInt8) -> Bool {
    guard count < Self.capacity else { return false }
    storage[count] = byte
    count += 1
    return true
  }

  /// A byte below ``count``.
  ///
  /// Reading beyond it gives zero, writing beyond it does nothing.
  public subscript(position: Int) -> UInt8 {
    @_noAllocation @_noLocks get { position >= 0 && position < count ? storage[position] : 0 }
    @_noAllocation @_noLocks set {
      if position >= 0 && position < count { storage[position] = newValue }
    }
  }

  /// Makes the first `length` bytes of ``storage`` the frame; cut to 0 … ``capacity``.
  @_noAllocation @_noLocks
  public mutating func resize(to length: Int) {
    count = Swift.max(0, Swift.min(length, Self.capacity))
  }

  public static func == (left: Self, right: Self) -> Bool {
    guard left.count == right.count else { return false }
    for position in 0..<left.count where left.storage[position] != right.storage[position] {
      return false
    }
    return true
  }

  public func hash(into hasher: inout Hasher) {
    for position in 0..<count { hasher.combine(storage[position]) }
  }
}
