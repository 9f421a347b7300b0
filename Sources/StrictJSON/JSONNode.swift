// SPDX-License-Identifier: Apache-2.0

/// A place in a text, as editors count: both from 1, columns in Unicode scalars.
public struct TextPosition: Hashable, Sendable {
  public var line: Int
  public var column: Int

  public init(line: Int, column: Int) {
    self.line = line
    self.column = column
  }

  /// The first character.
  public static var start: TextPosition { TextPosition(line: 1, column: 1) }
}

/// A JSON value that knows where it stood.
public struct JSONNode: Sendable, Hashable {
  public enum Content: Sendable, Hashable {
    case null
    case bool(Bool)
    /// Only whole numbers: any other number is a quantity and stands in a string with its unit.
    case integer(Int64)
    /// A whole number beyond `Int64.max`, where the limits take one.
    case unsigned(UInt64)
    case string(String)
    case array([JSONNode])
    case object([Member])
  }

  /// One key of an object, in the order of the text.
  public struct Member: Sendable, Hashable {
    public var key: String
    public var place: TextPosition
    public var node: JSONNode

    public init(key: String, place: TextPosition, node: JSONNode) {
      self.key = key
      self.place = place
      self.node = node
    }
  }

  public var content: Content
  public var place: TextPosition

  public init(content: Content, place: TextPosition) {
    self.content = content
    self.place = place
  }

  /// What the value is, for a person.
  public var kindName: String {
    switch content {
    case .null: "null"
    case .bool: "true or false"
    case .integer, .unsigned: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

extension JSONNode {
  /// The value of a key whose bytes are exactly these, or nil when this is no object or has none.
  ///
  /// Swift's `==` holds two spellings of one character for the same text; signed bytes do not.
  public subscript(_ key: String) -> JSONNode? {
    guard case .object(let members) = content else { return nil }
    return members.first { $0.key.utf8.elementsEqual(key.utf8) }?.node
  }

  public var string: String? {
    if case .string(let text) = content { text } else { nil }
  }

  public var integer: Int64? {
    if case .integer(let number) = content { number } else { nil }
  }

  public var bool: Bool? {
    if case .bool(let truth) = content { truth } else { nil }
  }

  public var array: [JSONNode]? {
    if case .array(let nodes) = content { nodes } else { nil }
  }

  public var members: [Member]? {
    if case .object(let members) = content { members } else { nil }
  }
}

/// Values made by a program, for ``CanonicalJSON``.
extension JSONNode {
  public static func object(_ members: [(String, JSONNode)]) -> JSONNode {
    JSONNode(
      content: .object(members.map { Member(key: $0.0, place: .start, node: $0.1) }), place: .start)
  }

  public static func array(_ nodes: [JSONNode]) -> JSONNode {
    JSONNode(content: .array(nodes), place: .start)
  }

  public static func string(_ text: String) -> JSONNode {
    JSONNode(content: .string(text), place: .start)
  }

  public static func integer(_ number: Int64) -> JSONNode {
    JSONNode(content: .integer(number), place: .start)
  }

  public static func bool(_ truth: Bool) -> JSONNode {
    JSONNode(content: .bool(truth), place: .start)
  }

  public static var null: JSONNode { JSONNode(content: .null, place: .start) }
}
