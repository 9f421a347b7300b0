// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import Scenarios
import Testing
import Units

/// A board whose readings follow a rule, one of them failing now and then.
private struct RuledBoard: ControlBoard {
  var count: Int64 = 0
  var simulated: Bool { true }
  var memorySize: Int { 512 }
  mutating func prepare() throws(BusError) {}
  mutating func sense(at now: Instant) -> ControlReadings {
    count += 1
    var readings = ControlReadings()
    readings.doorClosed = count % 7 != 0
    readings.pressure = count % 11 == 0 ? nil : .pascals(count * count)
    readings.drive = DriveReport(position: -count, faults: [.noPower], energised: true)
    readings.battery = BatteryReading(
      voltage: .millivolts(3_700), charge: .percent(50), chargePerHour: .percent(-1))
    return readings
  }
  mutating func act(_ order: DriveOrder, _ outputs: ControlOutputs, at now: Instant) {}
  mutating func writeMemory(_ block: MemoryBlock, at address: Int) throws(BusError) {
    if count % 5 == 0 { throw .timeout }
  }
  mutating func readMemory(_ count: Int, at address: Int) throws(BusError) -> MemoryBlock {
    var block = MemoryBlock()
    for byte in 0..<count { block.append(UInt8(byte)) }
    return block
  }
}

/// A controller small enough to see through: its status is a function of all it was given.
private struct SmallController<Board: ControlBoard> {
  var board: Board
  /// What a changed program would do differently, from this cycle on.
  var bendsAt: UInt64 = .max
  var status = ControlStatus()

  mutating func start() {
    try? board.prepare()
    if let block = try? board.readMemory(4, at: 0) { status.confirmations = UInt32(block[3]) }
  }

  mutating func step(_ input: RecordedInput) {
    let readings = board.sense(at: input.now)
    status.cycle += 1
    status.pressure = readings.pressure
    status.position = readings.drive?.position ?? 0
    status.doorClosed = readings.doorClosed
    status.missed = input.missed &+ (input.safety?.missed ?? 0)
    status.timeRemaining = input.safetyAt.map { input.now - $0 } ?? .zero
    if let draft = input.command?.draft { status.held = draft }
    if status.cycle == bendsAt { status.position += 1 }
    var block = MemoryBlock()
    block.append(UInt8(truncatingIfNeeded: status.cycle))
    do { try board.writeMemory(block, at: 8) } catch { status.alarms.insert(.journalFault) }
    board.act(.speed(status.position), ControlOutputs(), at: input.now)
  }
}

@Suite
struct RecordingTests {
  private func input(_ cycle: Int64) -> RecordedInput {
    var input = RecordedInput(at: .zero + .milliseconds(1_000 + cycle * 10))
    input.missed = UInt32(cycle / 100)
    input.realtime = cycle > 3
    if cycle % 50 == 1 {
      input.command = Command(
        .program, from: .service, number: UInt32(cycle),
        draft: PrescriptionDraft(
          syringe: .mL50, rate: .nLPerHour(cycle), vtbi: .millilitres(10)))
    }
    if cycle >= 5 {
      var safety = SafetyStatus()
      safety.missed = UInt32(cycle / 5)
      input.safety = safety
      input.safetyAt = .zero + .milliseconds(1_000 + cycle / 5 * 50)
    }
    return input
  }

  private func record(_ cycles: Int64, capacity: Int = 1 << 24) -> Recorder {
    var recorder = Recorder(capacity: capacity)
    recorder.start(at: .zero + .seconds(1))
    var controller = SmallController(board: RecordingBoard(RuledBoard(), recorder: recorder))
    controller.start()
    for cycle in 1...cycles {
      let input = input(cycle)
      controller.board.recorder?.begin(input)
      controller.step(input)
      controller.board.recorder?.end(cycle % 5 == 0 ? controller.status : nil, EventBatch())
    }
    return controller.board.recorder ?? recorder
  }

  private func replay(_ file: [UInt8], bendsAt: UInt64 = .max) throws -> Player {
    var player = try Player(file)
    #expect(try player.start() == .zero + .seconds(1))
    var controller = SmallController(
      board: PlaybackBoard(player, memorySize: 512), bendsAt: bendsAt)
    controller.start()
    while let input = try controller.board.player.next() {
      if bendsAt == .max {
        #expect(input == self.input(Int64(controller.board.player.cycles)))
      }
      controller.step(input)
      try controller.board.player.end(
        controller.board.player.cycles % 5 == 0 ? controller.status : nil, EventBatch())
      if controller.board.player.firstDifference != nil { break }
    }
    return controller.board.player
  }

  @Test(.tags(.`RC-022`, .`SRS-114`))
  func `RC-022 SRS-114 a replay gives back every input and the same output`() throws {
    let recorder = record(20_000)
    let player = try replay(recorder.finish())
    #expect(player.firstDifference == nil)
    #expect(player.cycles == 20_000)
    #expect(recorder.finish().count < 20_000 * 40)
  }

  @Test(.tags(.`RC-022`, .`SRS-114`), arguments: [1, 2, 777, 1_999])
  func `RC-022 SRS-114 a replay names the first differing cycle`(
    cycle: UInt64
  ) throws {
    #expect(try replay(record(2_000).finish(), bendsAt: cycle).firstDifference == cycle)
  }

  @Test func `equal runs give equal recordings`() {
    #expect(record(500).finish() == record(500).finish())
  }

  @Test func `ends at a whole cycle when it is full`() throws {
    let recorder = record(20_000, capacity: 200_000)
    #expect(recorder.isFull)
    #expect(recorder.finish().count <= 200_000)
    let player = try replay(recorder.finish())
    #expect(player.firstDifference == nil)
    #expect(player.cycles == recorder.cycles)
    #expect(player.cycles < 20_000)
  }

  @Test func `refuses a recording that is damaged, cut, foreign or of another version`() throws {
    let file = record(200).finish()
    for index in file.indices.dropFirst(6) {
      var damaged = file
      damaged[index] ^= 0x40
      #expect(throws: RecordingRefusal.self) { try Player(damaged) }
    }
    for length in 7..<file.count {
      #expect(throws: RecordingRefusal.truncated(block: 1)) {
        try Player(Array(file[..<length]))
      }
    }
    var other = file
    other[5] = 9
    #expect(throws: RecordingRefusal.version(9)) { try Player(other) }
    #expect(throws: RecordingRefusal.notARecording) { try Player(Array("hello there".utf8)) }
    #expect(throws: RecordingRefusal.notARecording) { try Player([]) }
  }
}
