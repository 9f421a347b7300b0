// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import SimulatedDisk
import Testing

@testable import AuditLog

typealias SimulatedLog = AuditTrail<
  SimulatedFolder, FileAuditKeys<SimulatedFolder>, FileCounter<SimulatedFolder>
>

/// A log on a simulated disk with its keys and counter beside it.
struct Rig: Sendable {
  var disk = SimulatedDisk()
  var seconds: UInt64 = 1_000
  var boots: UInt8 = 0
  var origin = "pump.example/SN1/audit"

  var now: AuditTime {
    AuditTime(
      monotonic: seconds * 1_000_000_000, wall: 1_700_000_000_000 + seconds * 1_000,
      quality: .unsynchronised)
  }

  init() throws {
    _ = try folder
    _ = try secrets
    try disk.root.sync()
  }

  var folder: SimulatedFolder { get throws { try disk.root.folder("log") } }
  var secrets: SimulatedFolder { get throws { try disk.root.folder("keys") } }

  mutating func open(_ policy: AuditPolicy = AuditPolicy()) throws -> SimulatedLog {
    boots += 1
    var policy = policy
    policy.segment = segment
    return try AuditTrail(
      folder, origin: origin, keys: FileAuditKeys(secrets), counter: FileCounter(secrets),
      policy: policy, boot: [UInt8](repeating: boots, count: 16), now: now)
  }

  var segment: UInt64 = 4_096

  /// The key that the log began with, as an inspector has it.
  func firstKey() throws -> NoteKey {
    var key: [UInt8] = []
    _ = try AuditStore(folder, segment: segment) { (bytes) throws(AuditError) in
      if let record = try? AuditRecord(bytes), record.entry.event == .logCreated {
        key = record.entry.payload
      }
    }
    return try NoteKey(name: origin, publicKey: key)
  }

  /// All records of the newest two segments.
  func records() throws -> [AuditRecord] {
    var records: [AuditRecord] = []
    _ = try AuditStore(folder, segment: segment) { (bytes) throws(AuditError) in
      if let record = try? AuditRecord(bytes) { records.append(record) }
    }
    return records
  }
}

extension AuditEntry {
  static func routine(_ number: Int) -> AuditEntry {
    AuditEntry(.requestReceived, source: .service, subject: 1, a: Int64(number))
  }
  static func alarm(_ number: Int) -> AuditEntry {
    AuditEntry(.alarmRaised, source: .control, number: UInt32(number), subject: 4)
  }
}
