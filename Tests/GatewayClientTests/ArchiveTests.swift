// SPDX-License-Identifier: Apache-2.0

import GatewayClient
import Testing

/// A header as POSIX has it.
private func header(_ path: String, _ length: Int, kind: UInt8 = 0x30) -> [UInt8] {
  func octal(_ value: Int, _ digits: Int) -> [UInt8] {
    let text = String(value, radix: 8)
    return Array((String(repeating: "0", count: digits - text.count) + text).utf8)
  }
  var bytes = [UInt8](repeating: 0, count: 512)
  func put(_ part: [UInt8], _ place: Int) {
    bytes.replaceSubrange(place..<(place + part.count), with: part)
  }
  put(Array(path.utf8), 0)
  put(octal(0o644, 7), 100)
  put(octal(length, 11), 124)
  put([UInt8](repeating: 0x20, count: 8), 148)
  put([kind], 156)
  put(Array("ustar\u{0}00".utf8), 257)
  put(octal(bytes.reduce(0) { $0 + Int($1) }, 6) + [0, 0x20], 148)
  return bytes
}

private let end = [UInt8](repeating: 0, count: 1_024)
private let good =
  header("checkpoint", 5) + Array("hello".utf8) + [UInt8](repeating: 0, count: 507)
  + header("tile/0/x000", 512) + [UInt8](repeating: 7, count: 512) + header("none", 0) + end

private func read(_ bytes: [UInt8], by size: Int) -> Result<[String], ArchiveReader.Fault> {
  Result { () throws(ArchiveReader.Fault) in
    var reader = ArchiveReader()
    var files: [String] = []
    var count = 0
    for start in stride(from: 0, to: bytes.count, by: size) {
      for piece in try reader.take(Array(bytes[start..<min(start + size, bytes.count)])) {
        switch piece {
        case .file(let path, let length):
          files.append(path.joined(separator: "/") + " \(length)")
        case .bytes(let part): count += part.count
        }
      }
    }
    try reader.end()
    return files + ["\(count)"]
  }
}

@Suite struct ArchiveTests {
  @Test(.tags(.`SEC-437`)) func `SEC-437 an archive is the same whatever its division`() throws {
    for size in [1, 3, 100, 511, 512, 513, 4_000] {
      #expect(
        try read(good, by: size).get() == ["checkpoint 5", "tile/0/x000 512", "none 0", "517"])
    }
  }

  @Test(.tags(.`SEC-437`))
  func `SEC-437 no name leads out of the folder, and nothing but files is taken`() {
    for path in ["../a", "/a", "a/../b", "a//b", "./a", ".a", "a/", "a b", "a\\b", "ä", ""] {
      #expect(read(header(path, 0) + end, by: 512) == .failure(.path), "\(path)")
    }
    for kind: UInt8 in [0x31, 0x32, 0x35, 0x78, 0x67, 0] {
      #expect(read(header("a", 0, kind: kind) + end, by: 512) == .failure(.kind))
    }
    #expect(read(Array(good.dropLast(512)), by: 512) == .failure(.cut))
    #expect(read(good + [0], by: 512) == .failure(.afterEnd))
    var bad = header("a", 0)
    bad[100] ^= 1
    #expect(read(bad + end, by: 512) == .failure(.checksum))
  }

  @Test(.tags(.`SEC-437`)) func `SEC-437 five thousand spoiled archives are read or refused`() {
    var refused = 0
    mutations(of: good, count: 5_000, seed: 9) { bytes in
      if case .failure = read(bytes, by: 1 + bytes.count % 700) { refused += 1 }
    }
    #expect(refused > 2_000)
  }
}
