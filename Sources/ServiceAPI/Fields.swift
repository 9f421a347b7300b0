// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// Why a message was not understood: one line for a person.
public struct NotUnderstood: Error, Hashable, Sendable {
  public let reason: String
  public init(_ reason: String) { self.reason = reason }
}

/// The members of one object, each taken once; what is left over at the end is refused.
struct Fields {
  private var members: [JSONNode.Member]

  init(_ node: JSONNode) throws(NotUnderstood) {
    guard let members = node.members else {
      throw NotUnderstood("expected an object, not \(node.kindName)")
    }
    self.members = members
  }

  /// Refuses members that nobody took.
  func end() throws(NotUnderstood) {
    if let member = members.first { throw NotUnderstood("unknown key \"\(member.key)\"") }
  }

  mutating func optional(_ key: String) -> JSONNode? {
    guard let index = members.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) else {
      return nil
    }
    return members.remove(at: index).node
  }

  mutating func take(_ key: String) throws(NotUnderstood) -> JSONNode {
    guard let node = optional(key) else { throw NotUnderstood("the key \"\(key)\" is missing") }
    return node
  }

  /// A string of at most so many bytes.
  mutating func string(_ key: String, longest: Int = 128) throws(NotUnderstood) -> String {
    guard let text = try take(key).string, text.utf8.count <= longest else {
      throw NotUnderstood("\"\(key)\": expected a string of at most \(longest) bytes")
    }
    return text
  }

  mutating func integer(
    _ key: String, in range: ClosedRange<Int64> = 0...Int64.max
  ) throws(NotUnderstood) -> Int64 {
    guard let number = try take(key).integer, range.contains(number) else {
      throw NotUnderstood(
        "\"\(key)\": expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  mutating func bool(_ key: String) throws(NotUnderstood) -> Bool {
    guard let truth = try take(key).bool else {
      throw NotUnderstood("\"\(key)\": expected true or false")
    }
    return truth
  }

  mutating func word<Word: RawRepresentable<String>>(
    _ key: String, as kind: Word.Type
  ) throws(NotUnderstood) -> Word {
    let text = try string(key)
    guard let word = Word(rawValue: text) else {
      throw NotUnderstood("\"\(key)\": there is no '\(text)'")
    }
    return word
  }
}
