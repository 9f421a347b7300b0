// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import EveryCase
import Foundation
import SimulatedDisk
import SoftwareUpdate
import Testing
import UpdateMetadata

/// Power is cut in the midst of every operation on the storage, with what was not synced lost, kept,
/// torn or zeroed.
struct PowerCutTests {
  /// A piece of an update's life: what stood before, the work, and whether the new image may run after.
  enum Work: String, CaseIterable, CustomTestStringConvertible {
    case install, agree, start, confirm, takeBack, returnFromTrial, discard
    var testDescription: String { rawValue }

    /// Brings a device to where this work begins.
    func prepare(_ device: Device, _ bundle: [UInt8]) throws {
      switch self {
      case .install: return
      case .agree, .discard: try device.take(bundle)
      case .start, .takeBack:
        try device.take(bundle)
        var slots = try device.slots()
        try slots.arm()
      case .confirm, .returnFromTrial:
        try device.take(bundle)
        var slots = try device.slots()
        try slots.arm()
        _ = try slots.start()
      }
    }

    func run(_ device: Device, _ bundle: [UInt8]) throws {
      if self == .install { return try device.take(bundle) }
      var slots = try device.slots()
      switch self {
      case .install: return
      case .agree: try slots.arm()
      case .start: _ = try slots.start()
      case .confirm: try slots.confirm()
      case .takeBack, .discard: try slots.fail(.takenBack)
      case .returnFromTrial: _ = try slots.start()
      }
    }

    /// Whether the new image may run at the next start after a cut in this work.
    var mayBeNew: Bool {
      switch self {
      case .install, .discard, .returnFromTrial: false
      case .agree, .start, .confirm, .takeBack: true
      }
    }
  }

  private static let publisher = Result { try Publisher() }

  private func begin(_ work: Work) throws -> (Device, [UInt8], first: Int, last: Int) {
    let publisher = try Self.publisher.get()
    let bundle = try publisher.bundle(2, Device.new, release: 2, security: Device.newSecurity)
    let device = try Device(publisher)
    try work.prepare(device, bundle)
    let whole = device.copy()
    let first = whole.disk.operations + 1
    try work.run(whole, bundle)
    return (device, bundle, first, whole.disk.operations)
  }

  private func cut(
    _ work: Work, at operation: Int, seed: UInt64, _ device: Device, _ bundle: [UInt8]
  )
    throws
  {
    let place = "\(work) cut at \(operation), seed \(seed)"
    let device = device.copy()
    device.disk.cutPower(at: operation, seed: seed)
    #expect(throws: (any Error).self, "\(place)") { try work.run(device, bundle) }
    device.disk.powerOn()
    try device.check(mayBeNew: work.mayBeNew, place)
    // The device goes on: it starts, and the update can be taken again to its end.
    var slots = try device.slots()
    let choice = try slots.start()
    if choice.onTrial { try slots.confirm() }
    if slots.journal.running.version == "1.0" {
      if slots.journal.phase != .staged { try device.take(bundle) }
      slots = try device.slots()
      try slots.arm()
      _ = try slots.start()
      try slots.confirm()
    }
    #expect(try device.content() == Device.new, "\(place)")
    #expect(try FileFloor(device.disk.root).value() == Device.newSecurity, "\(place)")
    #expect(try device.names().isSubset(of: Device.allowed), "\(place)")
  }

  @Test(.tags(.`SEC-033`, .`SEC-316`), arguments: Work.allCases)
  func `SEC-033 SEC-316 a cut at every operation leaves exactly old or exactly new`(work: Work)
    throws
  {
    let (device, bundle, first, last) = try begin(work)
    #expect(last >= first)
    try everyCase(of: pairs(first...last, 0..<4)) { operation, seed in
      try cut(work, at: operation, seed: UInt64(seed), device, bundle)
    }
  }

  /// 500 of them in the usual run, 10 500 with the slow tests.
  @Test(.tags(.`SEC-316`)) func `SEC-316 cuts at random leave exactly old or exactly new`() throws {
    let count = ProcessInfo.processInfo.environment["PUMP_SLOW"] == nil ? 500 : 10_500
    var state: UInt64 = 0x0bad_5eed
    let works = try Work.allCases.map { ($0, try begin($0)) }
    for _ in 0..<count {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let (work, (device, bundle, first, last)) = works[Int(state >> 33) % works.count]
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let operation = first + Int(state >> 33) % (last - first + 1)
      try cut(work, at: operation, seed: state, device, bundle)
    }
  }

  /// A second cut while the first is being mended.
  @Test(.tags(.`SEC-316`), arguments: Work.allCases)
  func `SEC-316 a second cut while the first is mended does no harm`(work: Work) throws {
    let (device, bundle, first, last) = try begin(work)
    for operation in first...last {
      let once = device.copy()
      once.disk.cutPower(at: operation, seed: 3)
      try? work.run(once, bundle)
      once.disk.powerOn()
      let mended = once.copy()
      var slots = try mended.slots()
      _ = try slots.start()
      guard mended.disk.operations > once.disk.operations else { continue }
      try everyCase(of: once.disk.operations + 1...mended.disk.operations) { second in
        let twice = once.copy()
        twice.disk.cutPower(at: second, seed: UInt64(second))
        if var slots = try? twice.slots() { _ = try? slots.start() }
        twice.disk.powerOn()
        try twice.check(mayBeNew: work.mayBeNew, "\(work) cut at \(operation) and \(second)")
      }
    }
  }
}
