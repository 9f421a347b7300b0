// SPDX-License-Identifier: Apache-2.0

/// Reads JSON (RFC 8259) strictly, keeping the place of every value.
///
/// Refused beyond the RFC: a key that stands twice in an object (also when the two are spelled
/// with different code points of the same character), more levels, bytes or magnitude than the
/// ``JSONLimits`` allow, and any number that is not whole. Nothing traps, whatever the bytes.
public struct JSONReader {
  private let bytes: [UInt8]
  private let limits: JSONLimits
  private var index = 0
  private var here = TextPosition.start

  private init(_ bytes: [UInt8], _ limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// The one value that a whole text holds.
  public static func read(_ bytes: [UInt8], limits: JSONLimits = JSONLimits())
    throws(JSONError) -> JSONNode
  {
    guard bytes.count <= limits.size else {
      throw JSONError(.tooLarge, at: .start, offset: 0, "more than \(limits.size) bytes")
    }
    var reader = JSONReader(bytes, limits)
    reader.skipSpace()
    let node = try reader.value(depth: 0)
    reader.skipSpace()
    guard reader.index == bytes.count else {
      throw JSONError(
        .syntax, at: reader.here, offset: reader.index, "something follows the end of the value")
    }
    return node
  }

  // MARK: Characters

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func advance() {
    guard let byte = current else { return }
    index += 1
    if byte == UInt8(ascii: "\n") {
      here = TextPosition(line: here.line + 1, column: 1)
    } else if byte & 0b1100_0000 != 0b1000_0000 {
      here.column += 1
    }
  }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d {
      advance()
    }
  }

  private mutating func skip(_ wanted: Character, _ instead: String) throws(JSONError) {
    guard let byte = current else { throw ended(instead) }
    guard byte == wanted.asciiValue else {
      throw refused(.syntax, "expected \(instead)")
    }
    advance()
  }

  /// A place, in both ways of counting.
  private typealias Mark = (place: TextPosition, offset: Int)

  private var mark: Mark { (here, index) }

  private func refused(_ kind: JSONError.Kind, at mark: Mark? = nil, _ reason: String)
    -> JSONError
  {
    let mark = mark ?? self.mark
    return JSONError(kind, at: mark.place, offset: mark.offset, reason)
  }

  private func ended(_ missing: String) -> JSONError {
    JSONError(.truncated, at: here, offset: index, "the text ends where \(missing) should be")
  }

  // MARK: Values

  private mutating func value(depth: Int) throws(JSONError) -> JSONNode {
    guard depth <= limits.depth else {
      throw refused(.tooLarge, "nested more than \(limits.depth) levels deep")
    }
    let start = mark
    guard let byte = current else { throw ended("a value") }
    let content: JSONNode.Content
    switch byte {
    case UInt8(ascii: "{"): content = .object(try object(depth: depth))
    case UInt8(ascii: "["): content = .array(try array(depth: depth))
    case UInt8(ascii: "\""): content = .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): content = try number()
    case UInt8(ascii: "a")...UInt8(ascii: "z"): content = try word()
    default: throw refused(.syntax, "expected a value")
    }
    return JSONNode(content: content, place: start.place)
  }

  private mutating func object(depth: Int) throws(JSONError) -> [JSONNode.Member] {
    var members: [JSONNode.Member] = []
    var keys = Set<String>()
    try skip("{", "'{'")
    skipSpace()
    if current == UInt8(ascii: "}") {
      advance()
      return members
    }
    while true {
      let start = mark
      guard current == nil || current == UInt8(ascii: "\"") else {
        throw refused(.syntax, "expected a key in quotes")
      }
      let key = try string()
      guard keys.insert(key).inserted else {
        throw refused(.duplicateKey, at: start, "the key \"\(key)\" stands twice")
      }
      skipSpace()
      try skip(":", "':'")
      skipSpace()
      members.append(.init(key: key, place: start.place, node: try value(depth: depth + 1)))
      skipSpace()
      if current == UInt8(ascii: "}") {
        advance()
        return members
      }
      try skip(",", "',' or '}'")
      skipSpace()
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSONNode] {
    var nodes: [JSONNode] = []
    try skip("[", "'['")
    skipSpace()
    if current == UInt8(ascii: "]") {
      advance()
      return nodes
    }
    while true {
      nodes.append(try value(depth: depth + 1))
      skipSpace()
      if current == UInt8(ascii: "]") {
        advance()
        return nodes
      }
      try skip(",", "',' or ']'")
      skipSpace()
    }
  }

  private mutating func word() throws(JSONError) -> JSONNode.Content {
    let start = mark
    var letters: [UInt8] = []
    while let byte = current, byte >= UInt8(ascii: "a"), byte <= UInt8(ascii: "z") {
      letters.append(byte)
      advance()
    }
    let text = String(decoding: letters, as: UTF8.self)
    switch text {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default:
      let cut = current == nil && ["true", "false", "null"].contains { $0.hasPrefix(text) }
      throw refused(
        cut ? .truncated : .syntax, at: start, "'\(text)' is neither true, false nor null")
    }
  }

  // MARK: Numbers

  private mutating func number() throws(JSONError) -> JSONNode.Content {
    let start = mark
    var text: [UInt8] = []
    while let byte = current, Self.mayStandInNumber(byte) {
      text.append(byte)
      advance()
    }
    let shown = String(decoding: text.prefix(40), as: UTF8.self)
    let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text[...]
    guard digits.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
      throw refused(
        .number, at: start,
        "\(shown) is not a whole number; a quantity stands in quotes with its unit")
    }
    guard !digits.isEmpty, digits.count == 1 || digits.first != UInt8(ascii: "0") else {
      throw refused(.syntax, at: start, "\(shown) is not a number")
    }
    let spelled = String(decoding: text, as: UTF8.self)
    if limits.takesUnsigned, let large = UInt64(spelled), large > UInt64(Int64.max) {
      return .unsigned(large)
    }
    guard let whole = Int64(spelled),
      whole.magnitude <= limits.integer.magnitude
    else {
      throw refused(.number, at: start, "\(shown) is too large")
    }
    return .integer(whole)
  }

  private static func mayStandInNumber(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"),
      UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
      true
    default: false
    }
  }

  // MARK: Strings

  private mutating func string() throws(JSONError) -> String {
    let start = mark
    try skip("\"", "a string")
    var text: [UInt8] = []
    while let byte = current {
      if byte == UInt8(ascii: "\"") {
        advance()
        guard let string = String(validating: text, as: UTF8.self) else {
          throw refused(.syntax, at: start, "the string is not UTF-8")
        }
        return string
      }
      guard byte >= 0x20 else {
        throw refused(.syntax, "a control character stands in a string")
      }
      if byte == UInt8(ascii: "\\") {
        try escape(into: &text)
      } else {
        text.append(byte)
        advance()
      }
    }
    throw ended("the closing quote")
  }

  private mutating func escape(into text: inout [UInt8]) throws(JSONError) {
    let start = mark
    advance()
    guard let byte = current else { throw ended("the rest of an escape") }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      advance()
      return try unicode(from: start, into: &text)
    default: throw refused(.syntax, at: start, "there is no such escape")
    }
    advance()
  }

  private mutating func unicode(from start: Mark, into text: inout [UInt8])
    throws(JSONError)
  {
    var code = try fourDigits()
    if code >= 0xd800, code < 0xdc00 {
      try skip("\\", "the second half of a surrogate pair")
      try skip("u", "the second half of a surrogate pair")
      let low = try fourDigits()
      guard low >= 0xdc00, low < 0xe000 else {
        throw refused(.syntax, at: start, "half of a surrogate pair is missing")
      }
      code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
    }
    guard let scalar = Unicode.Scalar(code) else {
      throw refused(.syntax, at: start, "half of a surrogate pair is missing")
    }
    text.append(contentsOf: Array(String(Character(scalar)).utf8))
  }

  private mutating func fourDigits() throws(JSONError) -> UInt32 {
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current else { throw ended("a hexadecimal digit") }
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else {
        throw refused(.syntax, "expected a hexadecimal digit")
      }
      code = code << 4 | UInt32(digit)
      advance()
    }
    return code
  }
}
