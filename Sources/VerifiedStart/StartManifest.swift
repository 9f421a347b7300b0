// SPDX-License-Identifier: Apache-2.0

public import Cryptography
import DurableFiles

/// Why a list of files is not believed.
public enum ManifestRefusal: Error, Hashable, Sendable {
  /// Longer than ``StartManifest/longest``.
  case tooLong
  /// Not the form that it must have; the number of the first line that is not, from 1.
  case malformed(line: Int)
  /// The key that is trusted did not sign it.
  case notSigned
}

/// The files of a device's software, as whoever released it signed them.
///
/// ```
/// pump-manifest 1
/// version VERSION
/// file SIZE SHA256 PATH
/// …
/// signature ED25519
/// ```
///
/// Lines end with a line feed; hashes and the signature are lower-case hexadecimal. Paths are relative to the
/// root of the file system, of names of letters, digits, and within them dots and dashes, in ascending order of their bytes, each once. The signature is over every byte before
/// its line. Nothing is read before the signature is good.
public struct StartManifest: Hashable, Sendable {
  /// A file, and what it must hold.
  public struct File: Hashable, Sendable {
    public let path: String
    public let size: Int
    public let hash: [UInt8]
  }

  /// The longest list in bytes.
  public static let longest = 1 << 20
  /// The most files.
  public static let mostFiles = 4_096
  /// The largest file: 4 GiB.
  public static let largestFile = 1 << 32

  public let version: String
  public let files: [File]

  // SEC-400: the signature first, then a strict reader.
  public init(_ bytes: [UInt8], signedBy key: Ed25519.PublicKey) throws(ManifestRefusal) {
    guard bytes.count <= Self.longest else { throw .tooLong }
    let tail = Self.signatureWord.count + 2 * Ed25519.signatureSize + 1
    guard bytes.count > tail, bytes.last == 0x0a else { throw .notSigned }
    let signed = Array(bytes[..<(bytes.count - tail)])
    let line = bytes[(bytes.count - tail)..<(bytes.count - 1)]
    guard signed.last == 0x0a, line.starts(with: Self.signatureWord),
      let signature = Self.hex(line.dropFirst(Self.signatureWord.count)),
      key.isValid(signature, for: signed)
    else { throw .notSigned }
    try self.init(unsigned: signed)
  }

  /// Reads what stands before the signature.
  init(unsigned bytes: [UInt8]) throws(ManifestRefusal) {
    let lines = bytes.split(separator: 0x0a, omittingEmptySubsequences: false).dropLast()
    guard bytes.last == 0x0a, lines.first.map({ $0.elementsEqual("pump-manifest 1".utf8) }) == true
    else { throw .malformed(line: 1) }
    guard lines.count > 1, let version = Self.words(lines[1], 2), version[0] == "version",
      version[1].utf8.count <= 64
    else { throw .malformed(line: 2) }
    self.version = version[1]
    guard lines.count > 2 else { throw .malformed(line: 3) }
    var files: [File] = []
    for index in 2..<lines.count {
      guard files.count < Self.mostFiles, let words = Self.words(lines[index], 4),
        words[0] == "file", let size = Self.number(words[1]), size <= Self.largestFile,
        let hash = Self.hex(words[2].utf8), hash.count == SHA256.size, Self.isPath(words[3]),
        files.last.map({ $0.path.utf8.lexicographicallyPrecedes(words[3].utf8) }) ?? true
      else { throw .malformed(line: index + 1) }
      files.append(File(path: words[3], size: size, hash: hash))
    }
    self.files = files
  }

  /// The file of a path, which may begin with a slash.
  public func file(_ path: String) -> File? {
    let relative = path.hasPrefix("/") ? String(path.dropFirst()) : path
    return files.first { $0.path == relative }
  }

  private static let signatureWord = Array("signature ".utf8)

  /// A line's words, each of printable ASCII without a space; exactly that many.
  private static func words(_ line: ArraySlice<UInt8>, _ count: Int) -> [String]? {
    let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == count,
      parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy { 0x21..<0x7f ~= $0 } })
    else { return nil }
    return parts.map { String(decoding: $0, as: UTF8.self) }
  }

  /// A number without a sign or a needless zero.
  private static func number(_ text: String) -> Int? {
    guard text == "0" || text.first != "0", text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
      return nil
    }
    return Int(text)
  }

  private static func hex(_ digits: some Collection<UInt8>) -> [UInt8]? {
    guard digits.allSatisfy({ 0x30...0x39 ~= $0 || 0x61...0x66 ~= $0 }) else { return nil }
    return Hex.decode(String(decoding: digits, as: UTF8.self))
  }

  /// A relative path whose parts are names that can be opened: none is empty, `.` or `..`.
  private static func isPath(_ text: String) -> Bool {
    text.utf8.count <= 255
      && text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
        isFileName(String($0))
      }
  }
}
