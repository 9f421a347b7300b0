// SPDX-License-Identifier: Apache-2.0

import Domain
import DurableFiles
import Foundation
import KeyStore
import SecureStore
import Testing
import Units

@testable import pump_serviced

@Suite struct `The sealed records of the service` {
  private func event(_ number: UInt32, _ kind: EventKind, _ a: Int64 = 0) -> PumpEvent {
    PumpEvent(number: number, source: .control, kind: kind, at: .zero, a: a)
  }

  private func folder() -> String {
    NSTemporaryDirectory() + "pump-\(UInt32.random(in: 0...UInt32.max))"
  }

  @Test(.tags(.`RC-064`))
  func `RC-064 an event is sealed in the store within a second, in its table`() throws {
    let folder = folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let records = SealedRecords(folder: folder, keys: DeviceKeys(folder: folder), pause: 0.01)
    let events = [
      event(1, .started), event(2, .confirmed), event(3, .rateChanged, 987_654_321),
      event(5, .infusionEnded), event(6, .alarmRaised), event(7, .stopPressed),
    ]
    for event in events { records.append(event) }
    records.close()
    #expect(records.isKeeping)
    let trust = try Trust(folder: folder, keys: DeviceKeys(folder: folder))
    let history = try trust.store.records(of: .history).map {
      String(decoding: $0.content, as: UTF8.self)
    }
    #expect(history.count == 5)
    #expect(history[2].contains("987654321"))
    #expect(history[3].contains(#""missed":1"#))
    #expect(try trust.store.count(of: .alarms) == 1)
    #expect(try trust.store.check() == [])
    // The infusion has a key of its own; without it, it alone is gone.
    let episodes = trust.keys.ids(of: .episode)
    #expect(episodes.count == 1)
    try trust.keys.destroy(Set(episodes))
    #expect(try trust.store.records(of: .history).count == 2)
    // Nothing of an order is in any file.
    for name in try FileManager.default.subpathsOfDirectory(atPath: folder) {
      guard let bytes = FileManager.default.contents(atPath: folder + "/" + name) else { continue }
      #expect(bytes.range(of: Data("987654321".utf8)) == nil, "\(name)")
      #expect(bytes.range(of: Data("rateChanged".utf8)) == nil, "\(name)")
    }
  }

  @Test(.tags(.`SEC-351`))
  func `SEC-351 the key of an infusion is destroyed with its last record`() throws {
    let folder = folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let trust = try Trust(
      folder: folder, keys: DeviceKeys(folder: folder),
      retention: Retention(history: 5, alarms: 5, others: 5))
    var numbering = Numbering()
    var number: UInt32 = 0
    for _ in 0..<3 {
      for kind in [EventKind.confirmed, .infusionEnded] {
        number += 1
        try trust.keep([(event(number, kind), Date())], &numbering)
      }
    }
    // One that runs has a key and, in this batch of nothing, no record yet.
    let running = try trust.keys.current(.episode)
    let before = trust.keys.ids(of: .episode)
    #expect(before.count == 4)
    try trust.destroyUnusedKeys(but: [running])
    // The oldest infusion has lost one of its two records and keeps its key.
    #expect(trust.keys.ids(of: .episode) == before)
    number += 1
    try trust.keep([(event(number, .stateChanged), Date())], &numbering)
    try trust.destroyUnusedKeys(but: [running])
    #expect(trust.keys.ids(of: .episode) == Array(before.dropFirst()))
    #expect(try trust.store.records(of: .history).count == 5)
    try trust.destroyUnusedKeys(but: [])
    #expect(trust.keys.ids(of: .episode) == Array(before.dropFirst().dropLast()))
  }

  @Test(.tags(.`RC-065`))
  func `RC-065 what cannot be kept waits, is counted against the service, and is kept later`()
    throws
  {
    let folder = folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // A file stands where the folder of the keys belongs.
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Data([1]).write(to: URL(fileURLWithPath: folder + "/keys"))
    let records = SealedRecords(folder: folder, keys: DeviceKeys(folder: folder), pause: 0.01)
    records.append(event(1, .started))
    let until = ContinuousClock.now + .seconds(60)
    while records.isKeeping, ContinuousClock.now < until { Thread.sleep(forTimeInterval: 0.1) }
    #expect(!records.isKeeping)
    try FileManager.default.removeItem(atPath: folder + "/keys")
    while !records.isKeeping, ContinuousClock.now < until { Thread.sleep(forTimeInterval: 0.1) }
    #expect(records.isKeeping)
    records.close()
    #expect(
      try Trust(folder: folder, keys: DeviceKeys(folder: folder)).store.count(of: .history) == 1)
  }
}
