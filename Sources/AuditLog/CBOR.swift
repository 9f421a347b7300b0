// SPDX-License-Identifier: Apache-2.0

/// Writes the part of CBOR (RFC 8949) that records use, in its core deterministic form (§4.2.1).
struct CBORWriter {
  private(set) var bytes: [UInt8] = []

  private mutating func head(_ major: UInt8, _ value: UInt64) {
    let type = major << 5
    switch value {
    case 0..<24: bytes.append(type | UInt8(value))
    case 24..<0x100: bytes += [type | 24, UInt8(value)]
    case 0x100..<0x1_0000: big(type | 25, value, 2)
    case 0x1_0000..<0x1_0000_0000: big(type | 26, value, 4)
    default: big(type | 27, value, 8)
    }
  }

  private mutating func big(_ first: UInt8, _ value: UInt64, _ count: UInt64) {
    bytes.append(first)
    var shift = count * 8
    while shift > 0 {
      shift -= 8
      bytes.append(UInt8(truncatingIfNeeded: value >> shift))
    }
  }

  mutating func map(_ pairs: Int) { head(5, UInt64(pairs)) }
  mutating func unsigned(_ value: UInt64) { head(0, value) }
  mutating func signed(_ value: Int64) {
    if value >= 0 { head(0, UInt64(value)) } else { head(1, UInt64(bitPattern: ~value)) }
  }
  mutating func data(_ value: [UInt8]) {
    head(2, UInt64(value.count))
    bytes += value
  }
  mutating func text(_ value: String) {
    let letters = value.utf8
    head(3, UInt64(letters.count))
    bytes += letters
  }
}

/// Reads what ``CBORWriter`` writes and refuses every other form of it.
struct CBORReader {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  var atEnd: Bool { position == bytes.endIndex }

  @inline(__always)
  private mutating func head(_ major: UInt8) throws(FormatError) -> UInt64 {
    guard position < bytes.endIndex else { throw FormatError("a record ends too early") }
    let first = bytes[position]
    guard first >> 5 == major else { throw FormatError("a field of a record has a wrong type") }
    position += 1
    let short = first & 31
    return short < 24 ? UInt64(short) : try number(short)
  }

  private mutating func number(_ short: UInt8) throws(FormatError) -> UInt64 {
    guard short <= 27 else { throw FormatError("a number in a form that records do not use") }
    let count = 1 << Int(short - 24)
    guard bytes.endIndex - position >= count else { throw FormatError("a record ends too early") }
    var value: UInt64 = 0
    for _ in 0..<count {
      value = value << 8 | UInt64(bytes[position])
      position += 1
    }
    let least: UInt64 =
      switch short {
      case 24: 24
      case 25: 0x100
      case 26: 0x1_0000
      default: 0x1_0000_0000
      }
    guard value >= least else { throw FormatError("a number that is not in its shortest form") }
    return value
  }

  mutating func map() throws(FormatError) -> UInt64 { try head(5) }
  mutating func unsigned() throws(FormatError) -> UInt64 { try head(0) }

  mutating func signed() throws(FormatError) -> Int64 {
    guard position < bytes.endIndex else { throw FormatError("a record ends too early") }
    let negative = bytes[position] >> 5 == 1
    let value = try head(negative ? 1 : 0)
    guard value <= UInt64(Int64.max) else { throw FormatError("a number too large") }
    return negative ? ~Int64(value) : Int64(value)
  }

  mutating func data(longest: Int) throws(FormatError) -> [UInt8] {
    Array(try slice(2, longest: longest))
  }

  /// As ``data(longest:)``, without memory of its own when the bytes are the known ones.
  mutating func data(longest: Int, known: [UInt8]) throws(FormatError) -> [UInt8] {
    let bytes = try slice(2, longest: longest)
    return known[...] == bytes ? known : Array(bytes)
  }

  mutating func text(longest: Int) throws(FormatError) -> String {
    let bytes = try slice(3, longest: longest)
    if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw FormatError("a text that is not UTF-8")
    }
    return text
  }

  private mutating func slice(_ major: UInt8, longest: Int) throws(FormatError) -> ArraySlice<UInt8>
  {
    let count = try head(major)
    guard count <= UInt64(longest), Int(count) <= bytes.endIndex - position else {
      throw FormatError("a field of a record is too long")
    }
    defer { position += Int(count) }
    return bytes[position..<position + Int(count)]
  }
}
