// SPDX-License-Identifier: Apache-2.0

import ControlProcess
import Domain
import Plant
import Scenarios
import StrictJSON
import Testing
import Units

/// A rig without a pump: it obeys at once and shows what its script says.
private struct ScriptedRig: TrialRig {
  var now = Instant.zero + .seconds(1)
  var control = ControlStatus()
  var safety = SafetyStatus()
  var plant = Plant(seed: 1)
  /// Of what is commanded, the part that is shown as delivered, in per cent.
  var shownPercent: Int64 = 100
  var truthPercent: Int64 = 100
  /// What the display forgets after half a minute.
  var forgotten = Volume.zero
  private var integrator = FlowIntegrator()
  private(set) var keys: [String] = []
  private(set) var asked: [CommandKind] = []

  var truth: PlantTruth {
    var truth = plant.truth
    truth.delivered_fL = integrator.volume.native * truthPercent / 100 * 1_000_000
    truth.infusedFluid_fL = truth.delivered_fL
    return truth
  }

  mutating func linePressure() -> Pressure { .pascals(Int64(plant.linePressure_Pa)) }

  func value(of knob: Knob) -> Double { plant.value(of: knob) }
  mutating func turn(_ knob: Knob, _ value: Double) throws(KnobError) {
    try plant.set(knob, value)
    if knob == .doorClosed { control.alarms.set(.doorOpen, value == 0) }
  }
  mutating func key(_ key: HardKey, down: Bool) {
    keys.append("\(key) \(down ? "down" : "up") \((now - .zero).milliseconds - 1_000)")
    if key == .confirm, down { change(to: .infusing) }
  }

  private var pending = EventBatch()
  private mutating func change(to state: TherapyState) {
    pending.append(
      PumpEvent(
        number: 1, source: .control, kind: .stateChanged, at: now,
        a: Int64(control.state.rawValue), b: Int64(state.rawValue)))
    control.state = state
    control.commandedRate = state == .infusing ? .mLPerHour(60) : .zero
  }

  mutating func ask(_ command: Command) {
    asked.append(command.kind)
    if command.kind == .start { change(to: .awaitingConfirm) }
  }

  mutating func step(_ events: inout RigEvents) {
    now = now + .milliseconds(10)
    if control.state.delivers { integrator.add(control.commandedRate, over: .milliseconds(10)) }
    control.delivered = Volume(native: integrator.volume.native * shownPercent / 100)
    if now >= .zero + .seconds(31) { control.delivered -= forgotten }
    events.control = ControlOutbox(publish: true, events: pending)
    pending = EventBatch()
  }
}

struct TrialTests {
  private func run(_ steps: String, expect: String = "{}", rig: ScriptedRig = ScriptedRig())
    throws -> (TrialResult, ScriptedRig)
  {
    let text = """
      {"name": "t", "end": "1 min", "steps": [\(steps)], "expect": \(expect)}
      """
    var trial = Trial(try Scenario(json: Array(text.utf8)), on: rig, seed: 1)
    trial.run()
    return (trial.finish(), trial.rig)
  }

  private let infuse = """
    {"at": "1 s", "do": "start"}, {"at": "2 s", "press": "confirm", "for": "80 ms"},
    {"within": "1 s", "expect": {"event": "stateChanged"}},
    {"within": "1 s", "expect": {"state": "infusing"}}
    """

  @Test func `runs every cycle once, asks and presses at the written times`() throws {
    let (result, rig) = try run(infuse, expect: #"{"state": "infusing"}"#)
    #expect(result.failures.isEmpty)
    #expect(result.cycles == 6_000)
    #expect(rig.asked == [.start])
    #expect(rig.keys == ["confirm down 2000", "confirm up 2080"])
  }

  @Test(.tags(.`RC-005`, .`RC-099`, .`SRS-115`))
  func `RC-005 RC-099 SRS-115 passes while displayed, commanded and delivered agree`()
    throws
  {
    let (result, _) = try run(
      infuse, expect: #"{"delivered": {"value": "0.96666 mL", "tolerance": "1 %"}}"#)
    #expect(result.failures.isEmpty)
    #expect(result.agreement.displayed == result.agreement.commanded)
  }

  @Test(.tags(.`RC-005`, .`RC-099`, .`SRS-115`))
  func `RC-005 RC-099 SRS-115 fails when the display runs away from the command`() throws {
    var rig = ScriptedRig()
    rig.shownPercent = 95
    rig.truthPercent = 95
    let (result, _) = try run(infuse, rig: rig)
    #expect(result.failures.map(\.reason).contains { $0.hasPrefix("RC-005: displayed") })
  }

  @Test(.tags(.`RC-005`, .`RC-099`, .`SRS-115`))
  func `RC-005 RC-099 SRS-115 fails when the plant delivers less than is shown`() throws {
    var rig = ScriptedRig()
    rig.truthPercent = 90
    let (result, _) = try run(infuse, rig: rig)
    #expect(result.failures.contains { $0.reason.contains("and delivered") })
  }

  @Test(.tags(.`RC-005`, .`RC-099`, .`SRS-115`))
  func `RC-005 RC-099 SRS-115 fails when the display drops without a relief`() throws {
    var rig = ScriptedRig()
    rig.forgotten = .microlitres(200)
    let (result, _) = try run(infuse, rig: rig)
    #expect(result.failures.contains { $0.reason.hasPrefix("RC-005: displayed") })
  }

  @Test func `reports what was expected, where it is written and what was there`() throws {
    let (result, _) = try run(
      #"{"at": "1 s", "do": "start"}, {"within": "2 s", "expect": {"state": "kvo"}}"#)
    let failure = try #require(result.failures.first)
    #expect(failure.place.line == 1)
    #expect(
      failure.reason
        == "expected state kvo by 3.000 s; state awaitingConfirm, gate untested, alarms []")
    #expect(!result.passed)
  }

  @Test func `looks at a time exactly and at a window to its last cycle`() throws {
    let (met, _) = try run(
      #"{"at": "1 s", "do": "start"}, {"within": "10 ms", "expect": {"state": "awaitingConfirm"}}"#)
    #expect(met.passed)
    let (early, _) = try run(
      #"{"at": "1 s", "do": "start"}, {"at": "1 s", "expect": {"state": "awaitingConfirm"}}"#)
    #expect(!early.passed)
  }

  @Test func `an event before its window does not meet it`() throws {
    let (result, _) = try run(
      """
      {"at": "1 s", "do": "start"}, {"at": "5 s", "expect": {"state": "awaitingConfirm"}},
      {"within": "5 s", "expect": {"event": "stateChanged"}}
      """)
    #expect(result.failures.count == 1)
  }

  @Test func `collects every alarm that ever signalled and judges the set`() throws {
    let steps = """
      {"at": "1 s", "set": {"door.closed": false}}, {"within": "1 s", "expect": {"alarm": "doorOpen"}},
      {"at": "3 s", "set": {"door.closed": true}},
      {"within": "1 s", "expect": {"noAlarm": "doorOpen"}}
      """
    #expect(try run(steps, expect: #"{"alarms": ["doorOpen"]}"#).0.passed)
    #expect(try !run(steps, expect: #"{"alarms": []}"#).0.passed)
    #expect(try !run(steps, expect: #"{"alarms": ["doorOpen", "airInLine"]}"#).0.passed)
  }

  @Test func `writes the same bytes for the same trial, and one row a second`() throws {
    let first = try run(infuse).0
    let second = try run(infuse).0
    #expect(first.records.events == second.records.events)
    #expect(first.records.samples == second.records.samples)
    #expect(first.records.samples.count(where: { $0 == 0x0a }) == 62)
    #expect(
      String(decoding: first.records.events, as: UTF8.self).hasPrefix(
        "{\"time_s\":\"1.000000000\",\"source\":\"control\",\"number\":1,"
          + "\"event\":\"stateChanged\",\"from\":\"standby\",\"to\":\"awaitingConfirm\","
          + "\"a\":0,\"b\":2}\n"))
    #expect(throws: Never.self) { try JSONReader.read(Array(first.json.utf8)) }
  }
}
