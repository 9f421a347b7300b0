// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import SimulatedDisk
import SoftwareUpdate
import Testing
import UpdateMetadata

/// The process dies or the storage fails in each phase; nothing is lost with power.
struct InterruptionTests {
  private static let publisher = Result { try Publisher() }

  /// A device in a phase, by the way that leads there.
  private func device(in phase: SlotPhase) throws -> (Device, [UInt8]) {
    let publisher = try Self.publisher.get()
    let bundle = try publisher.bundle(2, Device.new, release: 2, security: Device.newSecurity)
    let device = try Device(publisher)
    switch phase {
    case .idle: break
    case .staged: try device.take(bundle)
    case .armed, .trying:
      try device.take(bundle)
      var slots = try device.slots()
      try slots.arm()
      if phase == .trying { _ = try slots.start() }
    case .writing:
      try interrupt(device, after: "writing") { try device.take(bundle) }
    case .confirming:
      try device.take(bundle)
      var slots = try device.slots()
      try slots.arm()
      _ = try slots.start()
      try interrupt(device, after: "confirming") { try slots.confirm() }
    case .returning:
      try device.take(bundle)
      var slots = try device.slots()
      try slots.arm()
      _ = try slots.start()
      try interrupt(device, after: "returning") { try slots.fail(SlotFailure("test")) }
    }
    return (device, bundle)
  }

  /// Lets the storage fail from the first operation at which the journal holds the word.
  private func interrupt(_ device: Device, after word: String, _ work: () throws -> Void) throws {
    let pattern = "\"phase\":\"\(word)\""
    for extra in 0..<400 {
      let place = device.disk.operations + 1 + extra
      device.disk.fail(place...Int.max, with: .io)
      let before = device.disk.operations
      try? work()
      device.disk.heal()
      let text = String(
        decoding: try device.disk.root.contents(of: "journal", limit: 65_536), as: UTF8.self)
      if text.contains(pattern) { return }
      #expect(device.disk.operations > before)
    }
    Issue.record("the journal never came to \(word)")
  }

  @Test(arguments: SlotPhase.allCases)
  func `Killed in each phase, the device starts and the update can go on`(phase: SlotPhase) throws {
    let (device, bundle) = try device(in: phase)
    let text = String(
      decoding: try device.disk.root.contents(of: "journal", limit: 65_536), as: UTF8.self)
    #expect(text.contains("\"phase\":\"\(phase.rawValue)\""))
    var slots = try device.slots()
    let choice = try slots.start()
    switch phase {
    case .idle, .writing, .staged, .returning:
      #expect(choice.record.version == "1.0" && !choice.onTrial)
    case .armed: #expect(choice.record.version == "2.0" && choice.onTrial)
    case .trying: #expect(choice.record.version == "1.0" && !choice.onTrial)
    case .confirming: #expect(choice.record.version == "2.0" && !choice.onTrial)
    }
    try device.check("killed in \(phase)")
    if slots.journal.phase == .trying { try slots.confirm() }
    if slots.journal.phase == .idle, slots.journal.running.version == "1.0" {
      try device.take(bundle)
    }
    slots = try device.slots()
    #expect(slots.journal.phase == .staged || slots.journal.running.version == "2.0")
  }

  @Test(arguments: SlotPhase.allCases, [StorageError.io, .noSpace])
  func `Fails in each phase, the running image is kept until the storage is well`(
    phase: SlotPhase, error: StorageError
  ) throws {
    let (start, bundle) = try device(in: phase)
    for operation in 1...40 {
      let device = start.copy()
      let place = device.disk.operations + operation
      device.disk.fail(place...place, with: error)
      if var slots = try? device.slots() {
        if let choice = try? slots.start(), choice.onTrial { try? slots.confirm() }
        try? device.take(bundle)
      }
      device.disk.heal()
      try device.check("\(error) in \(phase) at \(operation)")
      var slots = try device.slots()
      _ = try slots.start()
      if slots.journal.phase == .trying { try slots.confirm() }
      if slots.journal.phase == .idle, slots.journal.running.version == "1.0" {
        try device.take(bundle)
      }
    }
  }
}
