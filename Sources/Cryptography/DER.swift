// SPDX-License-Identifier: Apache-2.0

/// Writes the few forms of ASN.1 (X.690, DER) that certificates are made of.
package enum DER {
  package static func item(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    var length = [UInt8(truncatingIfNeeded: content.count)]
    if content.count > 127 {
      var rest = content.count
      length = []
      while rest > 0 {
        length.insert(UInt8(truncatingIfNeeded: rest), at: 0)
        rest >>= 8
      }
      length.insert(0x80 | UInt8(truncatingIfNeeded: length.count), at: 0)
    }
    return [tag] + length + content
  }

  package static func sequence(_ items: [UInt8]...) -> [UInt8] { item(0x30, items.flatMap(\.self)) }
  package static func set(_ items: [UInt8]...) -> [UInt8] { item(0x31, items.flatMap(\.self)) }
  /// The tag `[number]` around what it names.
  package static func explicit(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
    item(0xA0 | number, content)
  }
  package static func octets(_ bytes: [UInt8]) -> [UInt8] { item(0x04, bytes) }
  package static func bits(_ bytes: [UInt8], unused: UInt8 = 0) -> [UInt8] {
    item(0x03, [unused] + bytes)
  }
  package static func text(_ text: String) -> [UInt8] { item(0x0C, Array(text.utf8)) }
  package static let yes = item(0x01, [0xFF])

  /// A number that is not negative, big-endian.
  package static func integer(_ bytes: [UInt8]) -> [UInt8] {
    var digits = Array(bytes.drop { $0 == 0 })
    if digits.first.map({ $0 >= 0x80 }) ?? true { digits.insert(0, at: 0) }
    return item(0x02, digits)
  }

  package static func integer(_ number: Int64) -> [UInt8] {
    integer((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * $0)) })
  }

  package static func identifier(_ arcs: Int...) -> [UInt8] {
    var bytes = [UInt8(truncatingIfNeeded: arcs[0] * 40 + arcs[1])]
    for arc in arcs.dropFirst(2) {
      var digits = [UInt8(truncatingIfNeeded: arc & 0x7F)]
      var rest = arc >> 7
      while rest > 0 {
        digits.insert(0x80 | UInt8(truncatingIfNeeded: rest & 0x7F), at: 0)
        rest >>= 7
      }
      bytes += digits
    }
    return item(0x06, bytes)
  }

  // MARK: What certificates and requests share

  /// A distinguished name of a common name alone.
  package static func name(_ common: String) -> [UInt8] {
    sequence(set(sequence(identifier(2, 5, 4, 3), text(common))))
  }

  package static func `extension`(_ identifier: [UInt8], critical: Bool = false, _ value: [UInt8])
    -> [UInt8]
  {
    sequence(identifier, critical ? yes : [], octets(value))
  }

  package static func alternativeName(_ name: String) -> [UInt8] {
    self.extension(identifier(2, 5, 29, 17), sequence(item(0x82, Array(name.utf8))))
  }

  /// What is signed, and over it the signature: ECDSA with SHA-256.
  package static func signed(
    _ content: [UInt8], by key: P256.PrivateKey
  ) throws(CryptographyError) -> [UInt8] {
    sequence(content, algorithm, bits(try key.sign(content)))
  }

  package static let algorithm = sequence(identifier(1, 2, 840, 10_045, 4, 3, 2))
}
