// SPDX-License-Identifier: Apache-2.0

/// The text form of certificates and what belongs to them (RFC 7468), read strictly: one object, no headers,
/// no text around it.
package enum PEM {
  package enum Kind: String {
    case certificate = "CERTIFICATE"
    case certificateRequest = "CERTIFICATE REQUEST"
    case revocationList = "X509 CRL"
    case privateKey = "PRIVATE KEY"
  }

  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  package static func encode(_ bytes: [UInt8], kind: Kind) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let bits = group.reduce(0) { $0 << 8 | Int($1) } << (8 * (3 - group.count))
      for place in 0...group.count { text.append(alphabet[bits >> (18 - 6 * place) & 63]) }
      for _ in group.count..<3 { text.append(UInt8(ascii: "=")) }
      if (start / 3 + 1) % 16 == 0 { text.append(UInt8(ascii: "\n")) }
    }
    if text.last != UInt8(ascii: "\n") { text.append(UInt8(ascii: "\n")) }
    return "-----BEGIN \(kind.rawValue)-----\n" + String(decoding: text, as: UTF8.self)
      + "-----END \(kind.rawValue)-----\n"
  }

  package static func decode(_ text: String, kind: Kind, longest: Int) throws(CryptographyError)
    -> [UInt8]
  {
    guard text.utf8.count <= longest else { throw .invalidParameter }
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true)
      .map { $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0 }
    guard lines.count >= 3,
      lines.removeFirst().elementsEqual("-----BEGIN \(kind.rawValue)-----".utf8),
      lines.removeLast().elementsEqual("-----END \(kind.rawValue)-----".utf8)
    else { throw .invalidParameter }
    var bits = 0
    var count = 0
    var padding = 0
    var bytes: [UInt8] = []
    for byte in lines.joined() {
      if byte == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, let value = alphabet.firstIndex(of: byte) else { throw .invalidParameter }
      bits = (bits << 6 | value) & 0xFFFF
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> count))
      }
    }
    // No more than the last group is padded, and what is left over says nothing.
    guard padding * 2 == count, bits & (1 << count - 1) == 0 else { throw .invalidParameter }
    return bytes
  }
}
