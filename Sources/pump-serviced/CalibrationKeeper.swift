// SPDX-License-Identifier: Apache-2.0

import BoardRecords
import Cryptography
import Foundation

/// Takes in the record of the board's calibration, when the key that is trusted signed it.
enum CalibrationKeeper {
  /// Where the record stands in the store's table of configuration.
  static let key: Int64 = 1

  /// The record's bytes as they are kept, and the words for the audit log.
  struct Taken: Equatable {
    let bytes: [UInt8]
    let words: String
  }

  /// Reads record and key; a record of a calibration that was not good is refused like a forged one.
  // RC-127 SRS-168 SEC-367: what is kept is a good calibration that the trusted key signed.
  static func take(record path: String, key keyPath: String) throws(RecordRefusal) -> Taken {
    guard let text = FileManager.default.contents(atPath: keyPath),
      let trusted = Hex.decode(
        String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)),
      trusted.count == Ed25519.keySize
    else { throw .malformed("the key's file") }
    guard let content = FileManager.default.contents(atPath: path) else {
      throw .malformed("the record's file cannot be read")
    }
    let record = try SignedRecord(bytes: Array(content))
    try record.check(signedBy: trusted)
    guard record.kind == .calibration else { throw .malformed("not a calibration") }
    guard record.passed else {
      throw .malformed("not a calibration that was good")
    }
    return Taken(
      bytes: record.bytes, words: "calibration \(Hex.encode(SHA256.hash(record.bytes).prefix(8)))")
  }
}
