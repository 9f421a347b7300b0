// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import ControlProcess
import Domain
import Testing
import Units

@Suite struct RunningTests {
  @Test(
    .tags(.`RC-005`, .`SRS-058`),
    arguments: [Int64(10), 100, 1_000, 5_000, 25_000, 250_000, 999_000])
  func `RC-005 SRS-058 reports what the motor delivered, within a microstep of the order`(
    microlitres: Int64
  ) {
    var bench = Bench()
    bench.infuse(Bench.order(rate: .microlitresPerHour(microlitres), vtbi: .millilitres(50)))
    let began = bench.now
    let before = bench.status.delivered
    bench.run(.seconds(100))
    let asked = FlowRate.microlitresPerHour(microlitres).volume(over: bench.now - began)
    let done = bench.status.delivered - before
    // One microstep of the 50 mL barrel is 69.3 nL; one cycle's motion is under way.
    let bound =
      140 + FlowRate.microlitresPerHour(microlitres).volume(over: .milliseconds(20)).native
    #expect((asked - done).magnitude.native <= bound)
    let counted = DriveGeometry.volume(ofMicrosteps: bench.cycle.board.position, in: .mL50)
    #expect((counted - bench.status.delivered).magnitude <= .microlitres(6))
  }

  @Test(.tags(.`RC-002`, .`SRS-001`))
  func `RC-002 SRS-001 takes the motor off within 50 ms of STOP, alone`() {
    var bench = Bench()
    bench.infuse()
    bench.inbox.serviceAlive = false
    bench.inbox.panelAlive = false
    bench.monitorWorks = false
    bench.cycle.board.readings.stopKey = true
    let pressed = bench.now
    while bench.cycle.board.order != .off, bench.now - pressed < .seconds(1) { bench.step() }
    #expect(bench.now - pressed <= .milliseconds(50))
    #expect(!bench.cycle.board.outputs.motorEnable)
    #expect(bench.state == .paused)
  }

  @Test(.tags(.`RC-014`, .`RC-092`, .`SRS-040`))
  func `RC-014 RC-092 SRS-040 falls to KVO at the VTBI and says so`() {
    var bench = Bench()
    bench.infuse(Bench.order(rate: .mLPerHour(360), vtbi: .millilitres(1)))
    bench.run(.seconds(11))
    #expect(bench.state == .kvo)
    #expect(bench.status.commandedRate == .mLPerHour(1))
    #expect(bench.status.alarms.contains(.endOfInfusion))
    #expect((bench.status.delivered - .millilitres(1)).magnitude <= .microlitres(3))
    bench.run(.seconds(36))
    #expect(bench.status.deliveredKVO >= .microlitres(9))
    #expect(bench.ask(.pause)?.accepted == true)
    #expect(bench.ask(.start)?.refusal == .infusionComplete)
  }

  @Test(.tags(.`RC-012`, .`RC-020`, .`SRS-043`))
  func `RC-012 RC-020 SRS-043 stops on occlusion and withdraws no more than its bound`() {
    var bench = Bench()
    bench.infuse()
    bench.run(.seconds(60))
    let before = bench.cycle.board.position
    bench.cycle.board.readings.pressure = .kilopascals(70)
    bench.run(.milliseconds(40))
    #expect(bench.state == .relieving)
    bench.run(.seconds(60))
    #expect(bench.state == .halted)
    #expect(bench.cycle.board.order == .off)
    #expect(bench.status.alarms.contains(.occlusionDownstream))
    let back = DriveGeometry.volume(
      ofMicrosteps: before - bench.cycle.board.position, in: .mL50)
    #expect(back <= DeviceLimits.relief(for: .mL50))
    #expect(back >= .microlitres(1_400))
    #expect(bench.saw(.reliefStarted) && bench.saw(.reliefEnded))
  }

  @Test(.tags(.`RC-012`, .`SRS-043`))
  func `RC-012 SRS-043 ends the withdrawal when the pressure is gone`() {
    var bench = Bench()
    bench.infuse()
    bench.cycle.board.readings.pressure = .kilopascals(70)
    bench.run(.seconds(1))
    bench.cycle.board.readings.pressure = .kilopascals(10)
    bench.run(.milliseconds(50))
    #expect(bench.state == .halted)
    #expect(bench.ask(.start)?.refusal == .alarmPresent)
    #expect(bench.ask(.clear)?.accepted == true)
    #expect(bench.ask(.start)?.accepted == true)
    bench.press(\.confirmKey)
    bench.run(.seconds(1))
    #expect(bench.state == .infusing)
  }

  @Test(.tags(.`RC-012`, .`SRS-042`)) func `RC-012 SRS-042 two samples of pressure stop nothing`() {
    var bench = Bench()
    bench.infuse()
    bench.cycle.board.readings.pressure = .kilopascals(70)
    bench.run(.milliseconds(20))
    bench.cycle.board.readings.pressure = .kilopascals(5)
    bench.run(.seconds(1))
    #expect(bench.state == .infusing)
  }

  @Test(.tags(.`RC-015`, .`SRS-045`))
  func `RC-015 SRS-045 stops on a bubble above the limit and not below`() {
    var bench = Bench()
    bench.infuse(Bench.order(rate: .mLPerHour(36)))
    bench.cycle.board.readings.airDetected = true
    bench.run(.seconds(9))
    bench.cycle.board.readings.airDetected = false
    bench.run(.seconds(1))
    #expect(bench.state == .infusing)
    bench.cycle.board.readings.airDetected = true
    bench.run(.seconds(11))
    #expect(bench.state == .halted)
    #expect(bench.status.alarms.contains(.airInLine))
  }

  @Test(
    .tags(.`RC-013`, .`SRS-047`),
    arguments: [AlarmID.doorOpen, .plungerNotEngaged, .syringeNotSeated])
  func `RC-013 SRS-047 stops when door, plunger or syringe is gone`(alarm: AlarmID) {
    var bench = Bench()
    bench.infuse()
    switch alarm {
    case .doorOpen: bench.cycle.board.readings.doorClosed = false
    case .plungerNotEngaged: bench.cycle.board.readings.plungerEngaged = false
    default: bench.cycle.board.readings.clamp = .zero
    }
    bench.run(.milliseconds(150))
    #expect(bench.state == .halted)
    #expect(bench.cycle.board.order == .off)
    #expect(bench.status.alarms.contains(alarm))
  }

  @Test(.tags(.`RC-018`, .`SRS-023`), arguments: [true, false])
  func `RC-018 SRS-023 stops when the monitor is silent or stands still`(standing: Bool) {
    var bench = Bench()
    bench.infuse()
    bench.monitorWorks = false
    let end = bench.now + .milliseconds(200)
    while bench.now < end {
      if standing { bench.inbox.safetyAt = bench.now }
      bench.step()
    }
    #expect(bench.state == .halted)
    #expect(bench.cycle.board.order == .off)
    #expect(bench.status.alarms.contains(.monitorLost))
  }

  @Test(.tags(.`RC-027`, .`SRS-053`))
  func `RC-027 SRS-053 a motor that does not follow is a fault`() {
    var bench = Bench()
    bench.infuse(Bench.order(rate: .mLPerHour(50)))
    bench.cycle.board.jammed = true
    bench.run(.seconds(3))
    #expect(bench.state == .faulted)
    #expect(bench.cycle.board.order == .off)
    #expect(bench.status.alarms.contains(.driveFault))
    #expect(bench.ask(.start)?.refusal == .faulted)
  }

  @Test(.tags(.`RC-027`, .`SRS-053`))
  func `RC-027 SRS-053 a drive that jumps or falls silent is a fault`() {
    var bench = Bench()
    bench.infuse()
    bench.cycle.board.readings.drive = nil
    bench.run(.milliseconds(150))
    #expect(bench.state == .faulted)
  }

  @Test(.tags(.`RC-029`, .`SRS-059`))
  func `RC-029 SRS-059 stops without its pressure sensor, not for one reading`() {
    var bench = Bench()
    bench.infuse()
    bench.cycle.board.readings.pressure = nil
    bench.step()
    bench.cycle.board.readings.pressure = .kilopascals(5)
    bench.run(.seconds(1))
    #expect(bench.state == .infusing)
    bench.cycle.board.readings.pressure = nil
    bench.run(.milliseconds(150))
    #expect(bench.state == .halted)
    #expect(bench.status.alarms.contains(.pressureSensorFault))
  }

  @Test(.tags(.`RC-029`, .`SRS-140`))
  func `RC-029 SRS-140 stops on a pressure that stands still and does not start with one`() {
    var bench = Bench()
    bench.infuse()
    bench.run(.seconds(30))
    #expect(bench.state == .infusing)
    bench.cycle.board.lives = false
    bench.run(.milliseconds(8_900))
    #expect(bench.state == .infusing)
    bench.run(.milliseconds(1_200))
    #expect(bench.state == .halted)
    #expect(bench.status.alarms.contains(.pressureSensorFault))
    bench.ask(.stop)
    bench.ask(.program, Bench.order())
    let refused = bench.ask(.start)
    #expect(refused?.refusal == .alarmPresent)
    #expect(refused?.detail == AlarmID.pressureSensorFault.rawValue)
    bench.cycle.board.lives = true
    bench.run(.seconds(2))
    bench.ask(.clear)
    #expect(bench.ask(.start)?.accepted == true)
  }

  @Test(.tags(.`RC-029`, .`SRS-142`))
  func `RC-029 SRS-142 names a gauge that stands still on battery, and none on mains`() {
    var bench = Bench()
    bench.infuse()
    let gauge = bench.cycle.board.readings.battery
    bench.cycle.board.gaugeLives = false
    bench.run(.minutes(3))
    #expect(!bench.status.alarms.contains(.gaugeFault))
    bench.cycle.board.readings.mains = false
    bench.run(.seconds(59))
    #expect(!bench.status.alarms.contains(.gaugeFault))
    bench.run(.seconds(2))
    #expect(bench.status.alarms.contains(.gaugeFault))
    #expect(bench.state == .infusing)
    #expect(bench.cycle.board.readings.battery == gauge)
  }

  @Test(.tags(.`RC-023`, .`SRS-143`))
  func `RC-023 SRS-143 tells refused frames at once, and a flood of them every ten seconds`() {
    var bench = Bench()
    bench.inbox.refused = 1
    bench.inbox.refusal = 21
    bench.step()
    let first = bench.events.last { $0.kind == .frameRefused }
    #expect(first?.a == 1)
    #expect(first?.subject == 21)
    for _ in 0..<3_000 {
      bench.inbox.refused += 1
      bench.step()
    }
    let told = bench.events.filter { $0.kind == .frameRefused }.map(\.a)
    #expect(told == [1, 1_001, 2_001, 3_001])
    bench.inbox.refused += 5
    bench.run(.seconds(30))
    #expect(bench.events.last { $0.kind == .frameRefused }?.a == 3_006)
    #expect(bench.events.filter { $0.kind == .frameRefused }.count == 5)
  }

  @Test(.tags(.`RC-021`, .`SRS-066`))
  func `RC-021 SRS-066 announces a low battery and stops on a depleted one`() {
    var bench = Bench()
    bench.infuse()
    bench.cycle.board.readings.mains = false
    bench.cycle.board.readings.battery = BatteryReading(
      voltage: .millivolts(3_600), charge: .percent(10), chargePerHour: -.percent(25))
    bench.run(.seconds(1))
    #expect(bench.state == .infusing)
    #expect(bench.status.alarms.contains(.batteryLow))
    bench.cycle.board.readings.battery?.voltage = .millivolts(3_250)
    bench.run(.seconds(1))
    #expect(bench.state == .halted)
    #expect(bench.status.alarms.contains(.batteryDepleted))
  }

  @Test(.tags(.`RC-008`, .`SRS-073`))
  func `RC-008 SRS-073 infuses on without service and panel, and tells`() {
    var bench = Bench()
    bench.infuse()
    bench.inbox.serviceAlive = false
    bench.inbox.panelAlive = false
    bench.run(.seconds(5))
    #expect(bench.state == .infusing)
    #expect(bench.status.alarms.contains(.serviceLost))
    #expect(bench.status.alarms.contains(.panelLost))
    bench.inbox.serviceAlive = true
    bench.inbox.panelAlive = true
    bench.run(.seconds(1))
    #expect(bench.status.alarms.isEmpty)
  }

  @Test(.tags(.`RC-009`, .`SRS-087`, .`RC-001`))
  func `RC-009 SRS-087 RC-001 with the service lost the panel orders within the emergency limits`()
  {
    func order(_ rate: FlowRate, _ vtbi: Volume = .millilitres(10)) -> PrescriptionDraft {
      PrescriptionDraft(syringe: .mL50, rate: rate, vtbi: vtbi)
    }
    var bench = Bench()
    let small = order(.mLPerHour(100), .millilitres(50))
    // Not while the service is there, and not in the moment in which it is only late.
    #expect(bench.ask(.program, small, from: .panel)?.refusal == .originNotAllowed)
    bench.inbox.serviceAlive = false
    bench.run(.seconds(1))
    #expect(bench.ask(.program, small, from: .panel)?.refusal == .originNotAllowed)
    bench.run(.seconds(3))
    #expect(bench.status.alarms.contains(.serviceLost))
    for large in [
      order(.nLPerHour(100_000_001)), order(.mLPerHour(5), .nanolitres(50_000_001)),
    ] {
      #expect(bench.ask(.program, large, from: .panel)?.refusal == .originNotAllowed)
    }
    #expect(bench.ask(.program, small, from: .panel)?.accepted == true)
    #expect(bench.ask(.start, from: .panel)?.accepted == true)
    bench.run(.seconds(2))
    #expect(bench.state == .awaitingConfirm && bench.cycle.board.order == .off)
    #expect(bench.ask(.cancel, from: .panel)?.accepted == true)
    #expect(bench.state == .programmed)
    // What the service had programmed beyond them does not start, and what ran before may go on.
    bench = Bench()
    #expect(bench.ask(.program, order(.mLPerHour(200)))?.accepted == true)
    bench.inbox.serviceAlive = false
    bench.run(.seconds(5))
    #expect(bench.ask(.start, from: .panel)?.refusal == .originNotAllowed)
    bench = Bench()
    bench.infuse()
    bench.inbox.serviceAlive = false
    bench.run(.seconds(5))
    #expect(bench.ask(.pause, from: .panel)?.accepted == true)
    #expect(bench.ask(.start, from: .panel)?.accepted == true)
    #expect(bench.state == .awaitingConfirm)
    bench.inbox.serviceAlive = true
    bench.run(.seconds(1))
    #expect(bench.ask(.cancel, from: .panel)?.refusal == .originNotAllowed)
  }

  @Test(.tags(.`RC-132`, .`SRS-208`, .`RC-126`))
  func `RC-132 SRS-208 RC-126 a returned update lights the lamp and sounds, and stops nothing`() {
    var bench = Bench()
    bench.infuse()
    #expect(!bench.cycle.board.outputs.lampYellow)
    bench.inbox.updateReturned = true
    var sounded = 0
    for _ in 0..<2_000 {
      bench.step()
      if bench.cycle.board.outputs.buzzer { sounded += 1 }
    }
    // Two pulses of 200 ms in 16.6 s, and two more.
    #expect(sounded == 80)
    #expect(bench.cycle.board.outputs.lampYellow && !bench.cycle.board.outputs.lampRed)
    #expect(bench.state == .infusing)
    #expect(bench.status.alarms == .of(.updateReturned))
    let raised = bench.events.filter { $0.kind == .alarmRaised }
    #expect(raised.map(\.subject) == [AlarmID.updateReturned.rawValue])
    // A service that is gone takes nothing back.
    bench.inbox.serviceAlive = false
    bench.run(.seconds(5))
    #expect(bench.status.alarms.contains(.updateReturned))
    bench.inbox.serviceAlive = true
    bench.inbox.updateReturned = false
    bench.run(.seconds(1))
    #expect(bench.status.alarms.isEmpty && bench.state == .infusing)
  }

  @Test(.tags(.`RC-026`, .`SRS-004`))
  func `RC-026 SRS-004 a key down at start or for a minute is stuck`() {
    var board = ScriptedBoard()
    board.readings.confirmKey = true
    var bench = Bench(board: board)
    #expect(bench.status.alarms.contains(.keyStuck))
    bench.cycle.board.readings.confirmKey = false
    bench.run(.milliseconds(100))
    #expect(!bench.status.alarms.contains(.keyStuck))
    bench.cycle.board.readings.stopKey = true
    bench.run(.seconds(59))
    #expect(!bench.status.alarms.contains(.keyStuck))
    bench.run(.seconds(2))
    #expect(bench.status.alarms.contains(.keyStuck))
  }

  @Test(.tags(.`RC-024`, .`SRS-083`))
  func `RC-024 SRS-083 pauses the audio for 120 s and no longer`() {
    var bench = Bench()
    #expect(bench.ask(.silence)?.refusal == .nothingToSilence)
    bench.infuse()
    bench.cycle.board.readings.doorClosed = false
    bench.run(.milliseconds(100))
    #expect(bench.ask(.silence, from: .panel)?.accepted == true)
    var sounded = false
    for _ in 0..<1_150 {
      bench.run(.milliseconds(100))
      sounded = sounded || bench.cycle.board.outputs.buzzer
    }
    #expect(!sounded)
    for _ in 0..<200 {
      bench.run(.milliseconds(100))
      sounded = sounded || bench.cycle.board.outputs.buzzer
    }
    #expect(sounded)
  }
}
