// SPDX-License-Identifier: Apache-2.0

public import DurableFiles
public import UpdateMetadata

/// Bytes that come in order and once: a file, a pipe, an upload.
public protocol ByteStream {
  /// At most `most` bytes, `most` from 1; none at the end.
  mutating func read(_ most: Int) throws(UpdateRefusal) -> [UInt8]
}

extension ByteStream {
  /// Exactly `count` bytes; ``UpdateRefusal/wrongLength(_:)`` when the stream ends before.
  mutating func exactly(_ count: Int, of name: String) throws(UpdateRefusal) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      let part = try read(count - bytes.count)
      guard !part.isEmpty else { throw .wrongLength(name) }
      bytes += part
    }
    return bytes
  }
}

/// A durable file from its start.
public struct FileStream<File: DurableFile>: ByteStream {
  private let file: File
  private var offset = 0

  public init(_ file: File) { self.file = file }

  public mutating func read(_ most: Int) throws(UpdateRefusal) -> [UInt8] {
    do {
      let bytes = try file.read(at: offset, count: most)
      offset += bytes.count
      return bytes
    } catch { throw .unavailable("\(error)") }
  }
}

/// Bytes in memory.
public struct MemoryStream: ByteStream {
  private var rest: ArraySlice<UInt8>

  public init(_ bytes: [UInt8]) { rest = bytes[...] }

  public mutating func read(_ most: Int) throws(UpdateRefusal) -> [UInt8] {
    let part = Array(rest.prefix(most))
    rest = rest.dropFirst(most)
    return part
  }
}
