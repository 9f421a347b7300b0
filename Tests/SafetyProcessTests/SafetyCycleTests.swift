// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import SafetyProcess
import Testing
import Units

@Suite struct SafetyCycleTests {
  /// A cycle, its inbox and its clock.
  struct Bench {
    var cycle: SafetyCycle<ScriptedBoard>
    var inbox = SafetyInbox()
    var now = Instant.nanoseconds(1_000_000_000)
    var status = ControlStatus()
    var outboxes: [SafetyOutbox] = []
    var statuses: [SafetyStatus] = []

    init(_ board: ScriptedBoard = ScriptedBoard()) {
      cycle = SafetyCycle(board: board)
      cycle.start(at: now)
    }

    mutating func run(_ cycles: Int) {
      for _ in 0..<cycles {
        now = now + .milliseconds(10)
        status.cycle += 1
        inbox.control = status
        inbox.controlAt = now
        outboxes.append(cycle.step(inbox, at: now))
        statuses.append(cycle.status)
      }
    }

    var events: [PumpEvent] {
      outboxes.flatMap { box in (0..<box.events.count).map { box.events[$0] } }
    }

    mutating func startInfusion() throws {
      run(20)
      let draft = PrescriptionDraft(syringe: .mL50, rate: .mLPerHour(5), vtbi: .millilitres(10))
      status.held = draft
      status.heldHash = try Prescription(draft).hash
      status.state = .awaitingConfirm
      run(5)
      status.state = .starting
      status.confirmations = 1
      run(20)
    }
  }

  @Test(.tags(.`RC-004`, .`SRS-031`))
  func `RC-004 SRS-031 writes the safe value before anything else`() {
    var board = ScriptedBoard()
    board.failures = 100
    let bench = Bench(board)
    #expect(bench.cycle.board.outputs == [SafetyOutputs()])
  }

  @Test(.tags(.`RC-003`, .`SRS-020`))
  func `RC-003 SRS-020 closes the gate for what was confirmed and says so`() throws {
    var bench = Bench()
    try bench.startInfusion()
    let last = try #require(bench.statuses.last)
    #expect(last.gate == .closed)
    #expect(last.agreed == bench.status.heldHash)
    #expect(bench.cycle.board.outputs.last?.gate == true)
    let gates = bench.events.filter { $0.kind == .gateChanged }.map(\.b)
    #expect(
      gates == [GateState.open, .proving, .closed].map { Int64($0.rawValue) })
  }

  @Test func `publishes every 50 ms and at once when something happens`() throws {
    var bench = Bench()
    try bench.startInfusion()
    bench.run(100)
    let published = bench.outboxes.suffix(100).filter(\.publish).count
    #expect(published == 20)
    let changes = bench.outboxes.filter { $0.events.count > 0 }
    #expect(!changes.isEmpty)
    #expect(changes.allSatisfy { $0.publish })
  }

  @Test(.tags(.`RC-097`, .`SRS-111`)) func `RC-097 SRS-111 numbers its events without a gap`()
    throws
  {
    var bench = Bench()
    try bench.startInfusion()
    bench.cycle.board.readings.encoder = nil
    bench.run(20)
    let events = bench.events
    #expect(events.map(\.number) == (1...UInt32(events.count)).map { $0 })
    #expect(events.first?.kind == .started)
    #expect(events.contains { $0.kind == .tripped && $0.subject == AlarmID.encoderFault.rawValue })
    #expect(
      events.contains { $0.kind == .alarmRaised && $0.subject == AlarmID.encoderFault.rawValue })
    #expect(bench.statuses.last?.lastEvent == UInt32(events.count))
    #expect(events.allSatisfy { $0.source == .safety })
  }

  @Test(.tags(.`RC-019`)) func `RC-019 strokes the watchdog once a cycle`() {
    var bench = Bench()
    bench.run(50)
    #expect(bench.cycle.board.outputs.filter(\.stroke).count == 50)
  }

  @Test func `tries a board that does not answer once a second`() {
    var board = ScriptedBoard()
    board.failures = 2
    var bench = Bench(board)
    #expect(bench.cycle.board.preparations == 1)
    bench.run(1)
    #expect(bench.cycle.board.preparations == 1)
    bench.run(89)
    #expect(bench.cycle.board.preparations == 1)
    bench.run(120)
    #expect(bench.cycle.board.preparations == 3)
    bench.run(300)
    #expect(bench.cycle.board.preparations == 3)
  }

  @Test(.tags(.`RC-030`)) func `RC-030 says that its board is simulated`() {
    var board = ScriptedBoard()
    for simulated in [true, false] {
      board.simulated = simulated
      var bench = Bench(board)
      bench.run(1)
      #expect(bench.statuses.first?.simulated == simulated)
      #expect(bench.events.first?.a == (simulated ? 1 : 0))
    }
  }

  @Test(.tags(.`RC-023`, .`SRS-143`))
  func `RC-023 SRS-143 tells refused frames at once, and a flood of them every ten seconds`() {
    var bench = Bench()
    for _ in 0..<3_001 {
      bench.inbox.refused += 1
      bench.inbox.refusal = 51
      bench.run(1)
    }
    let told = bench.events.filter { $0.kind == .frameRefused }
    #expect(told.map(\.a) == [1, 1_001, 2_001, 3_001])
    #expect(told.allSatisfy { $0.source == .safety && $0.subject == 51 })
  }

  @Test func `shows what it hears and how late it was`() {
    var bench = Bench()
    bench.inbox.missed = 3
    bench.inbox.lateness = .milliseconds(2)
    bench.run(1)
    bench.inbox.lateness = .zero
    bench.run(1)
    let status = bench.statuses.last
    #expect(status?.heard == bench.status.cycle)
    #expect(status?.missed == 3)
    #expect(status?.worstLateness == .milliseconds(2))
    #expect(status?.cycle == 2)
    #expect(status?.pressure == .kilopascals(10))
  }
}
