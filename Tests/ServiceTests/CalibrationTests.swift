// SPDX-License-Identifier: Apache-2.0

import BoardRecords
import Cryptography
import Foundation
import SecureStore
import StrictJSON
import Synchronization
import Testing

@testable import pump_serviced

@Suite struct CalibrationTests {
  private let folder = NSTemporaryDirectory() + "pump-\(UInt32.random(in: 0...UInt32.max))"

  private func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let path = folder + "/" + name
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    return path
  }

  private func record(
    _ kind: SignedRecord.Kind = .calibration, passed: Bool = true, by key: Ed25519.PrivateKey
  ) throws -> [UInt8] {
    try SignedRecord(
      kind, .object([("passed", .bool(passed)), ("serial", .string("RP-1"))]), signedBy: key
    ).bytes
  }

  @Test(.tags(.`RC-127`, .`SRS-168`, .`SEC-367`))
  func `RC-127 SRS-168 SEC-367 takes a good calibration of the trusted key and nothing else`()
    throws
  {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let key = try Ed25519.PrivateKey()
    let other = try Ed25519.PrivateKey()
    let trusted = try write("key", Array((Hex.encode(key.publicKey.bytes) + "\n").utf8))
    let good = try write("good", record(by: key))
    #expect(try CalibrationKeeper.take(record: good, key: trusted).bytes == record(by: key))
    for bytes in [
      try record(by: other), try record(.bringUp, by: key), try record(passed: false, by: key), [],
      Array("{}".utf8),
    ] {
      let bad = try write("bad", bytes)
      #expect(throws: RecordRefusal.self) {
        try CalibrationKeeper.take(record: bad, key: trusted)
      }
    }
    #expect(throws: RecordRefusal.self) {
      try CalibrationKeeper.take(record: good, key: folder + "/none")
    }
    #expect(throws: RecordRefusal.self) {
      try CalibrationKeeper.take(record: folder + "/none", key: trusted)
    }
  }

  @Test(.tags(.`RC-127`, .`SRS-168`))
  func `RC-127 SRS-168 keeps it sealed, once, across starts of the service`() throws {
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let bytes = try record(by: Ed25519.PrivateKey())
    let told = Mutex(0)
    for _ in 0..<2 {
      let records = SealedRecords(
        folder: folder, keys: DeviceKeys(folder: folder), pause: 0.01)
      records.keep(calibration: bytes) { told.withLock { $0 += 1 } }
      records.close()
      #expect(records.isKeeping)
    }
    #expect(told.withLock { $0 } == 1)
    let trust = try Trust(folder: folder, keys: DeviceKeys(folder: folder))
    #expect(try trust.store.get(CalibrationKeeper.key, from: .configuration)?.content == bytes)
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      let file = FileManager.default.contents(atPath: folder + "/" + name) ?? Data()
      #expect(file.range(of: Data("RP-1".utf8)) == nil, "\(name)")
    }
  }
}
