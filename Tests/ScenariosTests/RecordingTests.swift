// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import Plant
import Testing
import Units

@testable import ControlProcess
@testable import Scenarios

@Suite
struct RecordingTests {
  /// An infusion from its read-back on, and in a longer one an occlusion and its relief.
  private func recording(seconds: Int, capacity: Int = 1 << 24) throws -> [UInt8] {
    let occluded = #", {"at": "20 s", "set": {"occlusion.downstream": "100 %"}}"#
    let text = """
      {"name": "black-box", "summary": "", "seed": 7, "steps": [
        {"at": "300 ms", "program":
          {"drug": "saline", "syringe": "50 mL", "rate": "100 mL/h", "vtbi": "40 mL"}},
        {"at": "400 ms", "do": "start"},
        {"at": "600 ms", "press": "confirm", "for": "100 ms"}
        \(seconds > 20 ? occluded : "")
      ], "end": "\(seconds) s", "sample": "1 s"}
      """
    let scenario = try Scenario(json: Array(text.utf8))
    return try VirtualPump.run(scenario, recording: capacity).recording
  }

  @Test(.tags(.`RC-022`, .`SRS-114`))
  func `RC-022 SRS-114 a replay gives the recorded output in every cycle`() throws {
    let file = try recording(seconds: 60)
    let outcome = try Replay.run(file)
    #expect(outcome.firstDifference == nil)
    #expect(outcome.cycles == 6_000)
    #expect(!outcome.beginsLate)
    #expect(!outcome.endsWithin)
    #expect(file.count < 6_000 * 40)
  }

  @Test(.tags(.`RC-022`, .`SRS-114`))
  func `RC-022 SRS-114 a ring that has lost its beginning replays from its oldest segment`() throws
  {
    let ring = RecordFormat.headerLength + 2 * RecordFormat.segmentLength
    let file = try recording(seconds: 250, capacity: ring)
    #expect(file.count <= ring)
    let outcome = try Replay.run(file)
    #expect(outcome.firstDifference == nil)
    #expect(outcome.beginsLate)
    #expect(outcome.cycles < 24_000)
    #expect(outcome.cycles > 5_000)
    // The last cycle of the run is the last of the ring: a black box keeps the end, not the beginning.
    #expect(outcome.status.cycle == 25_000)
  }

  @Test(.tags(.`RC-022`, .`SRS-114`), arguments: [400, 1_000, 2_222] as [UInt64])
  func `RC-022 SRS-114 a replay names the first cycle that gave something else`(changed: UInt64)
    throws
  {
    let outcome = try Replay.run(try recording(seconds: 30)) { cycle, readings in
      if cycle == changed { readings.drive?.position += 3 }
    }
    let found = try #require(outcome.firstDifference)
    // A status, every fifth cycle, is the latest that shows it.
    #expect(found >= changed && found <= changed + 5)
  }

  @Test(.tags(.`RC-022`, .`SRS-114`))
  func `RC-022 SRS-114 a state that differs at a checkpoint is a difference`() throws {
    let file = try recording(seconds: 130)
    #expect(file.count > RecordFormat.headerLength + RecordFormat.segmentLength)
    // Nothing of what the gauge says shows in an output while mains is there, but it is in the state.
    let outcome = try Replay.run(file) { cycle, readings in
      readings.battery?.chargePerHour += .percent(1)
    }
    #expect(outcome.firstDifference != nil)
  }

  @Test func `equal runs give equal recordings`() throws {
    #expect(try recording(seconds: 10) == recording(seconds: 10))
  }

  @Test(.tags(.`RC-022`, .`SRS-114`))
  func `RC-022 SRS-114 the input of a cycle that never ended is kept`() throws {
    var file = try recording(seconds: 10)
    let length = RecordFormat.headerLength + 8
    let filled = file.count - RecordFormat.headerLength
    // Without its last entry, a cycle's outcome: as if the process had been killed before it.
    let word = RecordFormat.lengthWord(filled - 12)
    for byte in 0..<8 { file[length + byte] = UInt8(truncatingIfNeeded: word >> UInt64(8 * byte)) }
    let outcome = try Replay.run(file)
    #expect(outcome.endsWithin)
    #expect(outcome.cycles == 1_000)
    #expect(outcome.firstDifference == nil)
  }

  /// Reads a file to its end without running anything.
  private func read(_ file: [UInt8]) throws {
    var player = try Player(file)
    while try player.next() != nil {}
  }

  @Test func `refuses a recording that is damaged, foreign or of another version`() throws {
    let file = try recording(seconds: 1)
    try read(file)
    for index in file.indices where index != 5 {
      var damaged = file
      damaged[index] ^= 0x40
      #expect(throws: RecordingRefusal.self, "byte \(index)") { try read(damaged) }
    }
    for length in 0..<file.count {
      #expect(throws: RecordingRefusal.self, "\(length) bytes") { try read(Array(file[..<length])) }
    }
    var other = file
    other[5] = 9
    #expect(throws: RecordingRefusal.version(9)) { try read(other) }
    #expect(throws: RecordingRefusal.notARecording) { try read(Array("hello there".utf8)) }
    #expect(throws: RecordingRefusal.notARecording) { try read([]) }
  }

  @Test func `no content of a segment traps the reader`() throws {
    let file = try recording(seconds: 1)
    var random: UInt64 = 22
    for _ in 0..<2_000 {
      var noise = file
      for _ in 0..<8 {
        random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        noise[Int(random >> 33) % noise.count] = UInt8(truncatingIfNeeded: random >> 24)
      }
      do { _ = try Replay.run(noise) } catch { continue }
    }
  }
}
