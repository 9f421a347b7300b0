// SPDX-License-Identifier: Apache-2.0

public import UpdateMetadata

/// One file that carries an update to a device without a network.
///
/// ```
/// offset  bytes
///      0      8  "PUMPUPD1"
///      8      4  number of entries, 1 to 80, big-endian like every number here
///     12         for each entry: 1 byte length of its name, the name, 8 bytes length of its content
///                the contents, in the order of the table, without a gap
/// ```
///
/// Metadata comes first and the one target last. A name is a label and leads to no file. The table is
/// untrusted: it only bounds what is read, and what is read is checked against signed metadata.
public struct Bundle<Stream: ByteStream>: MetadataSource {
  public static var magic: [UInt8] { Array("PUMPUPD1".utf8) }
  /// Entries of one bundle.
  public static var mostEntries: Int { 80 }
  /// Bytes of all its metadata.
  public static var mostMetadata: Int { 1 << 20 }

  private var files: [String: [UInt8]] = [:]
  private var stream: Stream
  /// The last entry.
  public let targetName: String
  public let targetLength: Int64

  /// Reads the table and the metadata; the target stays in the stream.
  public init(_ stream: Stream, limits: MetadataLimits) throws(UpdateRefusal) {
    var stream = stream
    guard try stream.exactly(8, of: "bundle") == Self.magic else {
      throw .notABundle("it does not begin as one")
    }
    let count = Self.number(try stream.exactly(4, of: "bundle"))
    guard count >= 1, count <= Self.mostEntries else {
      throw .notABundle("it does not have 1 to \(Self.mostEntries) entries")
    }
    var table: [(name: String, length: Int64)] = []
    for _ in 0..<count {
      let length = Int(Self.number(try stream.exactly(1, of: "bundle")))
      let name = String(validating: try stream.exactly(length, of: "bundle"), as: UTF8.self)
      let size = Self.number(try stream.exactly(8, of: "bundle"))
      guard let name, !name.isEmpty, size <= 1 << 53 else {
        throw .notABundle("an entry has no name or no possible length")
      }
      table.append((name, Int64(size)))
    }
    let target = table.removeLast()
    // SEC-037 SEC-314: every size is judged before a byte of content is read or kept.
    var total: Int64 = 0
    for entry in table {
      guard entry.length <= limits.largest else { throw .tooLarge(entry.name) }
      total += entry.length
    }
    guard total <= Self.mostMetadata else { throw .tooLarge("the bundle's metadata") }
    for entry in table {
      let bytes = try stream.exactly(Int(entry.length), of: entry.name)
      guard files.updateValue(bytes, forKey: entry.name) == nil else {
        throw .notABundle("\(entry.name) stands twice")
      }
    }
    self.stream = stream
    targetName = target.name
    targetLength = target.length
  }

  public mutating func metadata(_ name: String, limit: Int) throws(UpdateRefusal) -> [UInt8]? {
    guard let bytes = files[name] else { return nil }
    guard bytes.count <= limit else { throw .tooLarge(name) }
    return bytes
  }

  /// The next bytes of the target, at most 256 KiB; none at its end.
  public mutating func target(left: Int64) throws(UpdateRefusal) -> [UInt8] {
    guard left > 0 else { return [] }
    let bytes = try stream.read(Int(min(left, 262_144)))
    guard !bytes.isEmpty else { throw .wrongLength(targetName) }
    return bytes
  }

  /// Refuses anything behind the target.
  public mutating func end() throws(UpdateRefusal) {
    guard try stream.read(1).isEmpty else { throw .notABundle("something follows the target") }
  }

  private static func number(_ bytes: [UInt8]) -> UInt64 {
    bytes.reduce(0) { $0 << 8 | UInt64($1) }
  }
}
