// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import SimulatedDisk
import SoftwareUpdate
import Testing
import UpdateMetadata

struct SlotMachineTests {
  @Test func `every event has its answer in every phase`() {
    let expected: [SlotPhase: [SlotEvent: SlotPhase]] = [
      .idle: [.begin: .writing, .start: .idle],
      .writing: [.written: .staged, .start: .returning, .fail: .returning],
      .staged: [.begin: .writing, .arm: .armed, .start: .staged, .fail: .returning],
      .armed: [.start: .trying, .fail: .returning],
      .trying: [.start: .returning, .healthy: .confirming, .fail: .returning],
      .confirming: [.start: .confirming, .settled: .idle],
      .returning: [.start: .returning, .settled: .idle],
    ]
    for phase in SlotPhase.allCases {
      for event in SlotEvent.allCases {
        #expect((try? SlotMachine.next(phase, event)) == expected[phase]?[event])
      }
    }
  }

  private static let publisher = Result { try Publisher() }

  private func device() throws -> (Device, [UInt8]) {
    let publisher = try Self.publisher.get()
    let bundle = try publisher.bundle(2, Device.new, release: 2, security: Device.newSecurity)
    return (try Device(publisher), bundle)
  }

  @Test(.tags(.`SEC-315`)) func `SEC-315 an image that does not confirm itself is tried once`()
    throws
  {
    let (device, bundle) = try device()
    try device.take(bundle)
    var slots = try device.slots()
    #expect(try slots.start().record.version == "1.0")
    try slots.arm()
    let trial = try slots.start()
    #expect(trial.onTrial && trial.record.version == "2.0")
    slots = try device.slots()
    let after = try slots.start()
    #expect(!after.onTrial && after.record.version == "1.0")
    #expect(slots.journal.history.map(\.outcome) == [.installed, .returned])
    #expect(slots.journal.phase == .idle)
  }

  @Test(.tags(.`SEC-430`))
  func `SEC-430 why an image was not kept is in history and news, as a code`()
    throws
  {
    let (device, bundle) = try device()
    try device.take(bundle)
    var slots = try device.slots()
    try slots.fail(.takenBack)
    #expect(slots.journal.news == nil)
    try device.take(bundle)
    slots = try device.slots()
    try slots.arm()
    _ = try slots.start()
    try slots.fail(.notWell)
    let last = try #require(slots.journal.history.last)
    #expect(last.code == "not-well" && last.reason == SlotFailure.notWell.text)
    #expect(slots.journal.history.map(\.code) == ["", "taken-back", "", "not-well"])
    #expect(slots.journal.news?.code == "not-well")
    // It is still so for who starts next, and what was kept has none.
    #expect(try device.slots().journal == slots.journal)
    try slots.recordedNews()
    #expect(slots.journal.news?.code == "not-well" && slots.journal.news?.recorded == true)
    #expect(SlotFailure("").code == "unknown")
    #expect(SlotFailure(String(repeating: "c", count: 60)).code.utf8.count == 24)
  }

  @Test(.tags(.`SEC-310`)) func `SEC-310 the floor rises with confirmation and not before`() throws
  {
    let (device, bundle) = try device()
    let floor = FileFloor(device.disk.root)
    try device.take(bundle)
    var slots = try device.slots()
    try slots.arm()
    _ = try slots.start()
    #expect(try floor.value() == Device.oldSecurity)
    try slots.confirm()
    #expect(try floor.value() == Device.newSecurity)
    try floor.raise(to: 1)
    #expect(try floor.value() == Device.newSecurity)
  }

  @Test(.tags(.`SEC-310`))
  func `SEC-310 an image below the floor is refused although it is signed`()
    throws
  {
    let publisher = try Publisher()
    let device = try Device(publisher)
    let bundle = try publisher.bundle(2, Device.new, release: 2, security: Device.oldSecurity - 1)
    #expect(throws: SlotError.update(.insecureVersion(floor: 3, offered: 2))) {
      try device.take(bundle)
    }
    try device.check(mayBeNew: false, "below the floor")
  }

  @Test(.tags(.`SEC-309`)) func `SEC-309 an older release is refused although it is signed`() throws
  {
    let publisher = try Publisher()
    let device = try Device(publisher)
    let bundle = try publisher.bundle(2, Device.new, release: 0, security: 9)
    #expect(throws: SlotError.update(.oldRelease(installed: 1, offered: 0))) {
      try device.take(bundle)
    }
  }

  @Test(.tags(.`SEC-032`, .`SEC-308`))
  func `SEC-032 SEC-308 an image for other hardware is refused`() throws {
    let publisher = try Publisher()
    let device = try Device(publisher)
    let bundle = try publisher.bundle(2, Device.new, release: 2, security: 9, hardware: "other")
    #expect(throws: SlotError.update(.wrongHardware(offered: "other"))) { try device.take(bundle) }
  }

  @Test func `a downgrade comes back as a newly signed release at the floor`() throws {
    let (device, bundle) = try device()
    try device.take(bundle)
    var slots = try device.slots()
    try slots.arm()
    _ = try slots.start()
    try slots.confirm()
    #expect(throws: SlotError.refused(.nothingToTakeBack)) { try slots.fail(.takenBack) }
    let publisher = try Self.publisher.get()
    let older = try publisher.bundle(3, Device.old, release: 3, security: Device.newSecurity)
    try device.take(older)
    slots = try device.slots()
    try slots.arm()
    #expect(try slots.start().onTrial)
    try slots.confirm()
    #expect(try device.content() == Device.old)
  }

  @Test(.tags(.`SEC-034`, .`SEC-402`))
  func `SEC-034 SEC-402 the image that runs is read again before each start`() throws {
    let (device, _) = try device()
    var slots = try device.slots()
    let choice = try slots.start()
    #expect(!choice.onTrial)
    for (position, byte) in [(0, UInt8(0xff)), (77, 0xff)] {
      let file = try device.disk.root.folder("a").open("image")
      let before = try file.read(at: position, count: 1)
      try file.write([byte], at: position)
      #expect(throws: SlotError.update(.wrongHash(choice.record.name))) { try slots.start() }
      try file.write(before, at: position)
      #expect(try slots.start() == choice)
    }
    try device.disk.root.folder("a").remove("image")
    #expect(throws: SlotError.update(.wrongHash(choice.record.name))) { try slots.start() }
  }

  @Test(.tags(.`SEC-401`, .`SRS-216`))
  func `SEC-401 SRS-216 a refusal waits until it is on record, and the newest ones have room`()
    throws
  {
    let (device, _) = try device()
    var slots = try device.slots()
    for number in 1...40 { try slots.remember(refusal: "code-\(number)") }
    slots = try device.slots()
    #expect(slots.journal.refused == 40)
    #expect(slots.journal.refusal?.number == 9)
    #expect(slots.journal.refusal?.code == "code-9")
    try slots.recordedRefusal(40)
    #expect(slots.journal.refusal?.number == 9)
    for number in 9...40 as ClosedRange<UInt32> {
      #expect(try device.slots().journal.refusal?.code == "code-\(number)")
      try slots.recordedRefusal(number)
    }
    #expect(try device.slots().journal.refusal == nil)
    try slots.remember(refusal: String(repeating: "c", count: 60))
    #expect(slots.journal.refusal?.number == 41)
    #expect(slots.journal.refusal?.code.utf8.count == 24)
  }

  @Test func `an image damaged after it was written is not started`() throws {
    let (device, bundle) = try device()
    try device.take(bundle)
    var slots = try device.slots()
    try slots.arm()
    let file = try device.disk.root.folder("b").open("image")
    try file.write([0xff], at: 77)
    #expect(try slots.start().record.version == "1.0")
    #expect(slots.journal.history.last?.outcome == .returned)
  }

  @Test(.tags(.`SEC-312`)) func `SEC-312 no single changed byte of a bundle's metadata is taken`()
    throws
  {
    let (device, bundle) = try device()
    let length = bundle.count - Device.new.count
    for index in 0..<length {
      let device = device.copy()
      var changed = bundle
      changed[index] ^= 0x01
      if (try? device.take(changed)) != nil {
        // Only the case of a hexadecimal digit of a signature carries no meaning.
        #expect((bundle[index] | 0x20) == (changed[index] | 0x20), "byte \(index)")
      }
      #expect(try device.content() == Device.old, "byte \(index)")
    }
    for index in stride(from: length, to: bundle.count, by: 4_999) {
      let device = device.copy()
      var changed = bundle
      changed[index] ^= 0x80
      #expect(throws: SlotError.update(.wrongHash("image"))) { try device.take(changed) }
      #expect(try device.slots().journal.phase == .idle)
    }
  }

  @Test(.tags(.`SEC-037`, .`SEC-314`))
  func `SEC-037 SEC-314 a bundle cut at any byte, or with one more, is refused`()
    throws
  {
    let (device, bundle) = try device()
    for count in 0..<(bundle.count - Device.new.count) {
      #expect(throws: SlotError.self) { try device.copy().take(Array(bundle.prefix(count))) }
    }
    #expect(throws: SlotError.update(.wrongLength("image"))) {
      try device.copy().take(bundle.dropLast())
    }
    #expect(throws: SlotError.update(.notABundle("something follows the target"))) {
      try device.copy().take(bundle + [0])
    }
  }

  @Test(.tags(.`SEC-379`)) func `SEC-379 a flood of refusals pushes nothing out and grows nothing`()
    throws
  {
    let (device, bundle) = try device()
    try device.take(bundle)
    var slots = try device.slots()
    try slots.fail(.takenBack)
    for number in 1...500 { try slots.remember(refusal: "code-\(number)") }
    let journal = try device.slots().journal
    #expect(journal.history.prefix(2).map(\.outcome) == [.installed, .discarded])
    #expect(
      journal.history.dropFirst(2).map(\.reason)
        == (493...500).map { "code-\($0)" })
    #expect(journal.untold == (469...500).map { "code-\($0)" })
    #expect(journal.refused == 500 && journal.refusal?.number == 469)
    #expect(try device.disk.root.contents(of: "journal", limit: 8_192).count > 1_000)
  }

  @Test(.tags(.`SEC-314`), arguments: [UInt64(1) << 31, 1 << 32, 1 << 53, 1 << 63, .max])
  func `SEC-314 a size that cannot be is refused before anything is read`(size: UInt64) throws {
    let (device, _) = try device()
    var bytes = Array("PUMPUPD1".utf8) + Publisher.big(2, 4)
    bytes += [14] + Array("timestamp.json".utf8) + Publisher.big(size, 8)
    bytes += [5] + Array("image".utf8) + Publisher.big(1, 8)
    #expect(throws: SlotError.self) { try device.take(bytes) }
    #expect(try device.content() == Device.old)
  }

  @Test(.tags(.`SEC-314`)) func `SEC-314 a hundred thousand random texts are refused as bundles`()
    throws
  {
    var state: UInt64 = 0xb0d1e
    var refused = 0
    for _ in 0..<100_000 {
      var bytes = Array("PUMPUPD1".utf8)
      for _ in 0..<20 + Int(state >> 58) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        // Mostly small numbers, so that tables and names are reached.
        bytes.append(
          state >> 62 == 0 ? UInt8(truncatingIfNeeded: state >> 33) : UInt8(state >> 61 & 3))
      }
      do { _ = try Bundle(MemoryStream(bytes), limits: .device) } catch { refused += 1 }
    }
    #expect(refused > 90_000)
  }
}
