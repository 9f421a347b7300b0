// SPDX-License-Identifier: Apache-2.0

import Domain
import SafetyMonitor
import Units

/// A monitor with a controller that says what the test wants and a screw that turns as the test wants.
struct Rig {
  var core = MonitorCore()
  var now = Instant.nanoseconds(1_000_000_000)
  var status = ControlStatus()
  /// The controller publishes and its counter goes on.
  var speaks = true
  var counts = true
  /// The controller's half of the motor's power.
  var enable = true
  /// Power as the sense line sees it, whatever the gate does.
  var power: Bool?
  var linesLost = false
  var encoderPresent = true
  var noise: Int64 = 0
  var pressure: Pressure? = .kilopascals(10)
  /// One reading in a hundred is another: a sensor that measures is never still.
  var pressureLives = true

  /// The pump's own files are not proved to be those that were signed.
  var unproved = false

  private(set) var actions = MonitorActions()
  private(set) var tripped: [AlarmID] = []
  private(set) var strokes = 0
  private var screw = FlowIntegrator()
  private var offset: Int64 = 0
  private var random: UInt64 = 1
  private var cycles = 0
  private var received: ControlStatus?
  private var receivedAt: Instant?

  let syringe: Syringe

  init(_ syringe: Syringe = .mL50) {
    self.syringe = syringe
    status.pressure = .kilopascals(10)
  }

  /// Steps the monitor every 10 ms for a time while the screw displaces fluid at a real rate.
  mutating func run(_ time: Interval, at rate: FlowRate = .zero) {
    for _ in 0..<(time.native / 10_000_000) { step(rate) }
  }

  /// Turns the screw by encoder counts between two cycles.
  mutating func turn(_ counts: Int64) { offset += counts }

  private mutating func step(_ rate: FlowRate) {
    let period = Interval.milliseconds(10)
    now = now + period
    screw.add(rate, over: period)
    cycles += 1
    if counts { status.cycle += 1 }
    if speaks && cycles % 5 == 0 { publish() }
    var inputs = MonitorInputs()
    inputs.control = received
    inputs.unproved = unproved
    inputs.controlAt = receivedAt
    inputs.encoder = encoderPresent ? angle() : nil
    inputs.pressure = pressure.map {
      pressureLives && cycles % 100 == 50 ? $0 - .pascals(1) : $0
    }
    inputs.motorPowered = power ?? (actions.gate && enable)
    inputs.linesLost = linesLost
    actions = core.decide(&inputs, at: now)
    if let alarm = actions.tripped { tripped.append(alarm) }
    if actions.stroke { strokes += 1 }
  }

  /// Sends the status at once, as the controller does at a change of state.
  mutating func publish() {
    received = status
    receivedAt = now
  }

  private mutating func angle() -> Int64 {
    let nanometres = syringe.barrel.travel(for: screw.volume)?.native ?? 0
    var angle = nanometres * 4_096 / 800_000 + offset
    if noise > 0 {
      random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      angle += Int64(random &>> 33) % (2 * noise + 1) - noise
    }
    return angle & 4_095
  }

  // MARK: What the controller does

  mutating func become(_ state: TherapyState) {
    status.state = state
    publish()
  }

  mutating func hold(_ draft: PrescriptionDraft) throws {
    status.held = draft
    status.heldHash = try Prescription(draft).hash
  }

  /// Programs a draft, confirms it and waits for the gate.
  mutating func start(_ draft: PrescriptionDraft) throws {
    run(.milliseconds(200))
    try hold(draft)
    become(.programmed)
    run(.milliseconds(100))
    confirm()
    run(.milliseconds(200))
  }

  /// A read-back, and a press of CONFIRM.
  mutating func confirm() {
    become(.awaitingConfirm)
    run(.milliseconds(100))
    status.confirmations += 1
    become(.starting)
  }

  /// Starts a draft and delivers at its rate for a time.
  mutating func infuse(_ draft: PrescriptionDraft, for time: Interval) throws {
    try start(draft)
    become(.infusing)
    run(time, at: draft.rate)
  }
}

extension PrescriptionDraft {
  /// The order most tests use: 100 mL/h from 50 mL, so that faults show within seconds.
  static func order(
    _ rate: FlowRate = .mLPerHour(100), vtbi: Volume = .millilitres(50), in syringe: Syringe = .mL50
  ) -> PrescriptionDraft {
    PrescriptionDraft(syringe: syringe, rate: rate, vtbi: vtbi)
  }
}
