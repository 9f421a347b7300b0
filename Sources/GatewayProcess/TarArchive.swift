// SPDX-License-Identifier: Apache-2.0

/// The parts of an archive of POSIX ustar that holds plain files: a header before each, padding behind it, and an end.
enum TarArchive {
  static let block = 512

  /// Two blocks of zeros.
  static let end = [UInt8](repeating: 0, count: 2 * block)

  /// The header of a file; nil when its path has more than 100 bytes or its length more than 8 GiB.
  static func header(path: String, length: Int64) -> [UInt8]? {
    guard (1...100).contains(path.utf8.count), (0..<8 << 30).contains(length) else { return nil }
    var header = [UInt8](repeating: 0, count: block)
    func put(_ text: some Sequence<UInt8>, at offset: Int) {
      for (index, byte) in text.enumerated() { header[offset + index] = byte }
    }
    func octal(_ value: Int64, digits: Int) -> [UInt8] {
      let text = String(value, radix: 8)
      return Array((String(repeating: "0", count: digits - text.utf8.count) + text).utf8)
    }
    put(path.utf8, at: 0)
    put(octal(0o644, digits: 7), at: 100)
    put(octal(0, digits: 7), at: 108)
    put(octal(0, digits: 7), at: 116)
    put(octal(length, digits: 11), at: 124)
    put(octal(0, digits: 11), at: 136)
    // The sum is taken with its own field blank.
    put([UInt8](repeating: UInt8(ascii: " "), count: 8), at: 148)
    header[156] = UInt8(ascii: "0")
    put("ustar\u{0}00".utf8, at: 257)
    let sum = header.reduce(Int64(0)) { $0 + Int64($1) }
    put(octal(sum, digits: 6) + [0, UInt8(ascii: " ")], at: 148)
    return header
  }

  /// What fills the last block of a file of this length.
  static func padding(after length: Int64) -> [UInt8] {
    [UInt8](repeating: 0, count: Int((Int64(block) - length % Int64(block)) % Int64(block)))
  }
}
