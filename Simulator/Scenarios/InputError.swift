// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// Why a file from outside was not taken, and where in it.
public struct InputError: Error, Hashable, Sendable {
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
    /// A number that no field can hold.
    case number
    /// A key that must be there is not.
    case missingKey
    /// A key that means nothing here.
    case unknownKey
    /// A value of the wrong JSON type.
    case wrongType
    /// A quantity without its unit, or with one of another quantity.
    case unit
    /// Below or above what the field takes.
    case outOfRange
    /// No knob has this name.
    case unknownKnob
    /// A word that is not in the field's list.
    case unknownName
    /// Fields that contradict each other.
    case inconsistent
  }

  public var kind: Kind
  public var place: TextPosition
  /// What is wrong and what would be right, in one line.
  public var reason: String

  public init(_ kind: Kind, at place: TextPosition, _ reason: String) {
    self.kind = kind
    self.place = place
    self.reason = reason
  }

  /// The form that editors jump to: `file:line:column: reason`.
  public func message(in file: String) -> String {
    "\(file):\(place.line):\(place.column): \(reason)"
  }
  /// The same mistake, of a text that is not JSON.
  init(_ error: JSONError) {
    let kind: Kind =
      switch error.kind {
      case .truncated: .truncated
      case .syntax: .syntax
      case .duplicateKey: .duplicateKey
      case .tooLarge: .tooLarge
      case .number: .number
      }
    self.init(kind, at: error.place, error.reason)
  }
}
