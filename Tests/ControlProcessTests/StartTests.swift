// SPDX-License-Identifier: Apache-2.0

import ControlProcess
import DeviceInterface
import Domain
import Testing
import Units

@Suite struct StartTests {
  @Test(.tags(.`RC-001`, .`SRS-011`)) func `RC-001 SRS-011 starts only after CONFIRM`() {
    var bench = Bench()
    #expect(bench.ask(.program, Bench.order())?.accepted == true)
    #expect(bench.ask(.start)?.accepted == true)
    bench.run(.seconds(5))
    #expect(bench.state == .awaitingConfirm)
    #expect(bench.cycle.board.position == 0)
    bench.press(\.confirmKey)
    bench.run(.seconds(5))
    #expect(bench.state == .infusing)
    #expect(bench.cycle.board.position > 0)
    #expect(bench.status.confirmations == 1)
  }

  @Test(.tags(.`RC-140`, .`SRS-213`))
  func `RC-140 SRS-213 software that is not proved starts nothing and says so`() {
    var bench = Bench()
    bench.cycle.start(at: bench.now, unproved: true)
    bench.run(.milliseconds(100))
    #expect(bench.state == .faulted)
    #expect(bench.status.alarms.contains(.softwareUnproved))
    #expect(bench.ask(.program, Bench.order())?.refusal == .faulted)
    #expect(bench.ask(.start)?.refusal == .faulted)
    bench.press(\.confirmKey)
    bench.ask(.clear)
    bench.run(.seconds(5))
    #expect(bench.state == .faulted)
    #expect(bench.status.alarms.contains(.softwareUnproved))
    #expect(bench.cycle.board.position == 0)
  }

  @Test(.tags(.`RC-001`, .`SRS-007`))
  func `RC-001 SRS-007 ignores a key held since before the read-back`() {
    var bench = Bench()
    bench.ask(.program, Bench.order())
    bench.cycle.board.readings.confirmKey = true
    bench.run(.milliseconds(100))
    bench.ask(.start)
    bench.run(.seconds(2))
    #expect(bench.state == .awaitingConfirm)
    bench.cycle.board.readings.confirmKey = false
    bench.run(.milliseconds(100))
    bench.press(\.confirmKey)
    bench.run(.milliseconds(200))
    #expect(bench.state == .infusing)
  }

  @Test(.tags(.`RC-001`, .`RC-092`, .`SRS-008`))
  func `RC-001 RC-092 SRS-008 lapses after 60 seconds`() {
    var bench = Bench()
    bench.ask(.program, Bench.order())
    bench.ask(.start)
    bench.run(.seconds(61))
    #expect(bench.state == .programmed)
    #expect(bench.status.alarms.contains(.confirmTimeout))
    bench.press(\.confirmKey)
    #expect(bench.state == .programmed)
  }

  @Test(.tags(.`RC-007`, .`SRS-098`))
  func `RC-007 SRS-098 refuses what the device's limits forbid`() {
    var bench = Bench()
    let reply = bench.ask(.program, Bench.order(rate: .mLPerHour(1_300)))
    #expect(reply?.refusal == .prescriptionInvalid)
    #expect(reply?.detail == PrescriptionError.rateTooHigh.rawValue)
    #expect(bench.status.held == nil)
  }

  @Test(.tags(.`RC-003`, .`SRS-019`))
  func `RC-003 SRS-019 does not move without the monitor's agreement`() {
    var bench = Bench()
    bench.monitorAgrees = false
    bench.infuse()
    bench.run(.seconds(1))
    #expect(bench.state == .starting)
    bench.run(.seconds(2))
    #expect(bench.state == .halted)
    #expect(bench.status.alarms.contains(.monitorRefused))
    #expect(bench.cycle.board.position == 0)
  }

  @Test(.tags(.`RC-025`, .`SRS-108`))
  func `RC-025 SRS-108 refuses to start a device without real-time guarantees`() {
    var board = ScriptedBoard()
    board.simulated = false
    var bench = Bench(board: board)
    bench.inbox.realtime = false
    bench.ask(.program, Bench.order())
    #expect(bench.ask(.start)?.refusal == .realtimeUnavailable)
    #expect(bench.status.alarms.contains(.realtimeUnavailable))
  }

  @Test(.tags(.`RC-030`, .`SRS-092`))
  func `RC-030 SRS-092 says in its status that the board is simulated`() {
    let bench = Bench()
    #expect(bench.status.simulated)
  }

  @Test(.tags(.`RC-013`, .`SRS-048`))
  func `RC-013 SRS-048 refuses to start with a door open or another syringe`() {
    var bench = Bench()
    bench.ask(.program, Bench.order())
    bench.cycle.board.readings.doorClosed = false
    #expect(bench.ask(.start)?.refusal == .doorOpen)
    bench.cycle.board.readings.doorClosed = true
    bench.cycle.board.readings.clamp = .micrometres(21_050)
    bench.run(.seconds(1))
    #expect(bench.status.seated == .mL20)
    #expect(bench.ask(.start)?.refusal == .syringeNotReady)
  }

  @Test(.tags(.`RC-001`, .`SRS-012`))
  func `RC-001 SRS-012 changes a running rate only after CONFIRM`() {
    var bench = Bench()
    bench.infuse()
    #expect(bench.ask(.program, Bench.order(rate: .mLPerHour(10)))?.accepted == true)
    bench.run(.seconds(1))
    #expect(bench.status.commandedRate == .mLPerHour(5))
    #expect(bench.status.pending?.rate == .mLPerHour(10))
    bench.press(\.confirmKey)
    bench.run(.milliseconds(300))
    #expect(bench.state == .infusing)
    #expect(bench.status.commandedRate == .mLPerHour(10))
    #expect(bench.status.pending == nil)
    #expect(bench.status.confirmations == 2)
  }

  @Test(.tags(.`RC-093`, .`SRS-013`))
  func `RC-093 SRS-013 refuses a running change of drug or syringe`() {
    var bench = Bench()
    bench.infuse()
    let other = PrescriptionDraft(syringe: .mL20, rate: .mLPerHour(5), vtbi: .millilitres(10))
    #expect(bench.ask(.program, other)?.refusal == .changeNotAllowed)
  }

  @Test(.tags(.`SRS-018`)) func `SRS-018 answers a repeated command again without doing it again`()
  {
    var bench = Bench()
    bench.inbox.command = Command(.program, from: .service, number: 7, draft: Bench.order())
    bench.step()
    bench.ask(.heartbeat)
    bench.inbox.command = Command(.program, from: .service, number: 7, draft: Bench.order())
    bench.step()
    #expect(bench.status.reply?.accepted == true)
    #expect(bench.events.filter { $0.kind == .commandAccepted }.count == 1)
  }

  @Test(.tags(.`SEC-002`)) func `SEC-002 refuses the panel what only the service may ask`() {
    var bench = Bench()
    bench.ask(.program, Bench.order())
    #expect(bench.ask(.start, from: .panel)?.refusal == .originNotAllowed)
  }
}
