// SPDX-License-Identifier: Apache-2.0

package import StrictJSON

/// Why a message was not understood: one line for a person.
public struct NotUnderstood: Error, Hashable, Sendable {
  public let reason: String
  public init(_ reason: String) { self.reason = reason }
}

/// The members of one object, each taken once; what is left over at the end is refused.
package struct Fields {
  private var members: [JSONNode.Member]

  package init(_ node: JSONNode) throws(NotUnderstood) {
    guard let members = node.members else {
      throw NotUnderstood("expected an object, not \(node.kindName)")
    }
    self.members = members
  }

  /// Takes a message apart.
  package init(_ bytes: [UInt8], limits: JSONLimits) throws(NotUnderstood) {
    let node: JSONNode
    do throws(JSONError) { node = try JSONReader.read(bytes, limits: limits) } catch {
      throw NotUnderstood("\(error.place.line):\(error.place.column): \(error.reason)")
    }
    try self.init(node)
  }

  /// Takes a request apart, which says by "v" which version of the protocol it speaks.
  package init(_ bytes: [UInt8], limits: JSONLimits, version: Int64) throws(NotUnderstood) {
    try self.init(bytes, limits: limits)
    try self.version(version)
  }

  /// Takes "v", which has to be this.
  package mutating func version(_ wanted: Int64) throws(NotUnderstood) {
    guard try integer("v") == wanted else { throw NotUnderstood("\"v\": expected \(wanted)") }
  }

  /// Refuses members that nobody took.
  package func end() throws(NotUnderstood) {
    if let member = members.first { throw NotUnderstood("unknown key \"\(member.key)\"") }
  }

  package mutating func optional(_ key: String) -> JSONNode? {
    guard let index = members.firstIndex(where: { $0.key.utf8.elementsEqual(key.utf8) }) else {
      return nil
    }
    return members.remove(at: index).node
  }

  package func has(_ key: String) -> Bool {
    members.contains { $0.key.utf8.elementsEqual(key.utf8) }
  }

  package mutating func take(_ key: String) throws(NotUnderstood) -> JSONNode {
    guard let node = optional(key) else { throw NotUnderstood("the key \"\(key)\" is missing") }
    return node
  }

  /// A string of at most so many bytes.
  package mutating func string(_ key: String, longest: Int = 128) throws(NotUnderstood) -> String {
    guard let text = try take(key).string, text.utf8.count <= longest else {
      throw NotUnderstood("\"\(key)\": expected a string of at most \(longest) bytes")
    }
    return text
  }

  package mutating func integer(
    _ key: String, in range: ClosedRange<Int64> = 0...Int64.max
  ) throws(NotUnderstood) -> Int64 {
    guard let number = try take(key).integer, range.contains(number) else {
      throw NotUnderstood(
        "\"\(key)\": expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  package mutating func bool(_ key: String) throws(NotUnderstood) -> Bool {
    guard let truth = try take(key).bool else {
      throw NotUnderstood("\"\(key)\": expected true or false")
    }
    return truth
  }

  /// Bytes as pairs of hexadecimal digits, at most so many.
  package mutating func bytes(_ key: String, longest: Int) throws(NotUnderstood) -> [UInt8] {
    let text = try string(key, longest: 2 * longest)
    var bytes: [UInt8] = []
    var high: UInt8?
    for character in text {
      guard let digit = character.hexDigitValue, character.isASCII else { high = 0; break }
      let value = UInt8(truncatingIfNeeded: digit)
      if let first = high.take() { bytes.append(first << 4 | value) } else { high = value }
    }
    guard high == nil else {
      throw NotUnderstood("\"\(key)\": expected pairs of hexadecimal digits")
    }
    return bytes
  }

  package mutating func word<Word: RawRepresentable<String>>(
    _ key: String, as kind: Word.Type
  ) throws(NotUnderstood) -> Word {
    let text = try string(key)
    guard let word = Word(rawValue: text) else {
      throw NotUnderstood("\"\(key)\": there is no '\(text)'")
    }
    return word
  }
}

extension JSONNode {
  /// Bytes as pairs of hexadecimal digits.
  static func hex(_ bytes: [UInt8]) -> JSONNode {
    let digits = Array("0123456789abcdef".utf8)
    return .string(
      String(
        decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self))
  }
}
