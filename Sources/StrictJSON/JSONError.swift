// SPDX-License-Identifier: Apache-2.0

/// Why a text was not read as JSON, and where in it.
public struct JSONError: Error, Hashable, Sendable {
  /// What kind of mistake it is, so that a program can tell them apart.
  public enum Kind: String, Sendable {
    /// The text ends before the value does.
    case truncated
    /// The text is not JSON.
    case syntax
    /// A key stands twice in one object.
    case duplicateKey
    /// Too large or too deeply nested to be what it should be.
    case tooLarge
    /// A number that is not whole or beyond the largest that is read.
    case number
  }

  public var kind: Kind
  /// The place as editors count.
  public var place: TextPosition
  /// The place in bytes from the start, from 0.
  public var offset: Int
  /// What is wrong and what would be right, in one line.
  public var reason: String

  public init(_ kind: Kind, at place: TextPosition, offset: Int, _ reason: String) {
    self.kind = kind
    self.place = place
    self.offset = offset
    self.reason = reason
  }

  /// The form that editors jump to: `file:line:column: reason`.
  public func message(in file: String) -> String {
    "\(file):\(place.line):\(place.column): \(reason)"
  }
}

/// How much a reader takes before it refuses.
public struct JSONLimits: Hashable, Sendable {
  /// Levels of nesting.
  public var depth: Int
  /// Bytes of the whole text.
  public var size: Int
  /// The largest magnitude of a number.
  public var integer: Int64
  /// Whether whole numbers from 2^63 to 2^64 - 1 are read too, as ``JSONNode/Content/unsigned(_:)``.
  public var takesUnsigned = false

  public init(depth: Int = 16, size: Int = 1 << 20, integer: Int64 = .max) {
    self.depth = depth
    self.size = size
    self.integer = integer
  }

  /// The largest whole number that every JSON implementation keeps exactly: 2^53.
  public static var exactInteger: Int64 { 1 << 53 }
}
