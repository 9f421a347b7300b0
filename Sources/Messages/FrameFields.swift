// SPDX-License-Identifier: Apache-2.0

import Domain

/// Writes fields to the end of a frame.
struct FrameWriter: FieldVisitor {
  var bytes: FrameBytes

  mutating func field(_ byte: inout UInt8) throws(FieldRefusal) {
    guard bytes.append(byte) else { throw .tooLong }
  }
}

/// Reads fields from a frame, from one position up to another and never past it.
struct FrameReader: FieldVisitor {
  let bytes: FrameBytes
  private(set) var position: Int
  private let end: Int

  init(_ bytes: FrameBytes, from position: Int, to end: Int) {
    self.bytes = bytes
    self.position = position
    self.end = end
  }

  mutating func field(_ byte: inout UInt8) throws(FieldRefusal) {
    guard position < end else { throw .tooShort }
    byte = bytes[position]
    position += 1
  }
}
