// SPDX-License-Identifier: Apache-2.0

import Domain
import Plant
import StrictJSON
import Units

extension Scenario {
  /// Reads a scenario from the bytes of its file.
  ///
  /// - Throws: ``InputError`` with the place of the first mistake.
  public init(json bytes: [UInt8]) throws(InputError) {
    let node: JSONNode
    do { node = try JSONReader.read(bytes) } catch { throw InputError(error) }
    var object = try ObjectReader(node, "a scenario")
    _ = object.optional("$schema")
    name = try Scenario.name(try object.required("name"))
    summary = try object.optional("summary")?.string("summary") ?? ""
    seed = try Scenario.seed(object.optional("seed"))
    knobs = try Scenario.turns(object.optional("knobs"), "knobs")
    let endNode = try object.required("end")
    end = try endNode.positive(Interval.self, "end")
    guard end <= Scenario.longest else {
      throw InputError(.outOfRange, at: endNode.place, "end must not be beyond 240 h")
    }
    sampleEvery = try Scenario.sampling(object.optional("sample"))
    var steps: [Step] = []
    var latest = Interval.zero
    for node in try object.optional("steps")?.array("steps") ?? [] {
      let step = try Step(node, after: latest)
      guard step.last <= end else {
        throw InputError(.inconsistent, at: node.place, "the step reaches beyond the end")
      }
      latest = step.when.begin
      steps.append(step)
    }
    self.steps = steps
    outcome = try Outcome(object.optional("expect"))
    try object.finish()
  }

  private static func name(_ node: JSONNode) throws(InputError) -> String {
    let text = try node.string("name")
    let plain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    // The name becomes a folder's name: nothing in it may lead elsewhere.
    guard plain, !text.isEmpty, text.utf8.count <= 64 else {
      throw InputError(
        .outOfRange, at: node.place, "name must be 1 to 64 letters, digits and hyphens")
    }
    return text
  }

  private static func seed(_ node: JSONNode?) throws(InputError) -> UInt64 {
    guard let node else { return 1 }
    guard let seed = UInt64(exactly: try node.integer("seed")) else {
      throw InputError(.outOfRange, at: node.place, "seed must not be negative")
    }
    return seed
  }

  private static func sampling(_ node: JSONNode?) throws(InputError) -> Interval {
    guard let node else { return .seconds(1) }
    let every = try node.positive(Interval.self, "sample")
    guard every.native % Plant.step_ns == 0 else {
      throw InputError(.outOfRange, at: node.place, "sample must be a multiple of 10 ms")
    }
    return every
  }

  fileprivate static func turns(_ node: JSONNode?, _ what: String) throws(InputError) -> [KnobTurn]
  {
    var turns: [KnobTurn] = []
    for member in try node?.members(what) ?? [] { turns.append(try KnobTurn(member)) }
    return turns
  }
}

extension KnobTurn {
  /// `"occlusion.downstream": "100 %"`, or `true` and `false` for a switch.
  init(_ member: JSONNode.Member) throws(InputError) {
    guard let knob = Knob(rawValue: member.key) else {
      throw InputError(.unknownKnob, at: member.place, "there is no knob '\(member.key)'")
    }
    self.knob = knob
    let spec = knob.spec
    if spec.kind == .toggle {
      value = try member.node.bool(spec.name) ? 1 : 0
      return
    }
    let measure = try Measure(member.node, spec.name)
    guard measure.unit == spec.unit else {
      throw InputError(
        .unit, at: member.node.place, "\(spec.name) is in \(spec.unit), not in '\(measure.unit)'")
    }
    value = measure.number.binary
    var settings = KnobSettings()
    do { try settings.set(knob, value) } catch {
      throw InputError(.outOfRange, at: member.node.place, "\(error)")
    }
  }
}

extension Step {
  init(_ node: JSONNode, after latest: Interval) throws(InputError) {
    var object = try ObjectReader(node, "a step")
    place = node.place
    when = try Step.when(&object, after: latest)
    let actions = ["program", "do", "press", "set", "expect"]
    var present: [(String, JSONNode)] = []
    for name in actions { if let node = object.optional(name) { present.append((name, node)) } }
    guard let (action, value) = present.first, present.count == 1 else {
      throw InputError(
        present.isEmpty ? .missingKey : .inconsistent, at: node.place,
        "a step has exactly one of \(actions.joined(separator: ", "))")
    }
    switch action {
    case "program": what = .program(try Step.draft(value))
    case "do": what = .ask(try Step.request(value))
    case "press": what = try Step.press(value, for: object.optional("for"))
    case "set": what = .turn(try Scenario.turns(value, "set"))
    default: what = .expect(try Expectation(value, when))
    }
    if case .within = when, action != "expect" {
      throw InputError(.inconsistent, at: node.place, "only an expectation has a window")
    }
    try object.finish()
  }

  /// When nothing of the step can happen any more.
  var last: Interval {
    switch when {
    case .at(let time): time
    case .within(_, let to): to
    }
  }

  private static func when(_ object: inout ObjectReader, after latest: Interval)
    throws(InputError) -> When
  {
    switch (object.optional("at"), object.optional("within")) {
    case (let node?, nil):
      let time = try node.amount(Interval.self, "at")
      guard time >= latest else {
        throw InputError(.inconsistent, at: node.place, "steps stand in the order of their times")
      }
      guard time.native % Plant.step_ns == 0 else {
        throw InputError(.outOfRange, at: node.place, "at must be a multiple of 10 ms")
      }
      return .at(time)
    case (nil, let node?):
      return .within(from: latest, to: latest + (try node.positive(Interval.self, "within")))
    case (nil, nil):
      throw InputError(.missingKey, at: object.place, "a step needs \"at\" or \"within\"")
    case (_?, let node?):
      throw InputError(.inconsistent, at: node.place, "a step has \"at\" or \"within\", not both")
    }
  }

  private static func press(_ node: JSONNode, for hold: JSONNode?) throws(InputError) -> What {
    let key = try node.name(of: HardKey.self, "key")
    let time = try hold?.positive(Interval.self, "for") ?? .milliseconds(100)
    return .press(key, time)
  }

  private static func request(_ node: JSONNode) throws(InputError) -> CommandKind {
    let kind = try node.name(of: CommandKind.self, "request")
    guard kind != .program, kind != .heartbeat else {
      throw InputError(.inconsistent, at: node.place, "'\(kind)' is not asked for with \"do\"")
    }
    return kind
  }

  private static func draft(_ node: JSONNode) throws(InputError) -> PrescriptionDraft {
    var object = try ObjectReader(node, "a program")
    let drug = try drug(object.optional("drug"))
    let syringe = try syringe(try object.required("syringe"))
    let rate = try object.optional("rate")?.positive(FlowRate.self, "rate")
    let vtbi = try object.optional("vtbi")?.positive(Volume.self, "vtbi")
    let time = try object.optional("time")?.positive(Interval.self, "time")
    let kvo = try object.optional("kvo")?.positive(FlowRate.self, "kvo")
    let occlusion = try object.optional("occlusion")?.pressure("occlusion")
    try object.finish()
    let full: (FlowRate, Volume)?
    switch (rate, vtbi, time) {
    case (let rate?, let vtbi?, nil): full = (rate, vtbi)
    case (let rate?, nil, let time?):
      full = InfusionTriple.complete(rate: rate, time: time).map { (rate, $0) }
    case (nil, let vtbi?, let time?):
      full = InfusionTriple.complete(vtbi: vtbi, time: time).map { ($0, vtbi) }
    case (nil, nil, nil), (nil, nil, _?), (nil, _?, nil), (_?, nil, nil), (_?, _?, _?): full = nil
    }
    guard let (rate, vtbi) = full else {
      throw InputError(
        .inconsistent, at: node.place, "a program has exactly two of rate, vtbi and time")
    }
    return PrescriptionDraft(
      drug: drug, syringe: syringe, rate: rate, vtbi: vtbi, kvo: kvo,
      occlusion: occlusion ?? .mmHg(450))
  }

  private static func drug(_ node: JSONNode?) throws(InputError) -> DrugName {
    guard let node else { return DrugName() }
    guard let drug = DrugName(try node.string("drug")) else {
      throw InputError(
        .outOfRange, at: node.place, "drug must be at most 24 printable ASCII characters")
    }
    return drug
  }

  private static func syringe(_ node: JSONNode) throws(InputError) -> Syringe {
    let volume = try node.positive(Volume.self, "syringe")
    for syringe in Syringe.allCases where syringe.capacity == volume { return syringe }
    let known = Syringe.allCases.map { "\($0.rawValue)" }.joined(separator: ", ")
    throw InputError(.unknownName, at: node.place, "there is no such syringe; known: \(known) mL")
  }
}

extension Expectation {
  init(_ node: JSONNode, _ when: Step.When) throws(InputError) {
    var object = try ObjectReader(node, "an expectation")
    let state = try object.optional("state")?.name(of: TherapyState.self, "state")
    let alarm = try object.optional("alarm")?.name(of: AlarmID.self, "alarm")
    let noAlarm = try object.optional("noAlarm")?.name(of: AlarmID.self, "alarm")
    let gate = try object.optional("gate")?.name(of: GateState.self, "gate")
    let event = try object.optional("event")?.name(of: EventKind.self, "event")
    try object.finish()
    if let event, state == nil, noAlarm == nil, gate == nil {
      guard case .within = when else {
        throw InputError(.inconsistent, at: node.place, "an event is expected within a window")
      }
      self = .event(event, alarm)
      return
    }
    let all: [Expectation?] = [
      state.map { .state($0) }, alarm.map { .alarm($0) }, noAlarm.map { .noAlarm($0) },
      gate.map { .gate($0) }, event.map { .event($0, nil) },
    ]
    let present = all.compactMap { $0 }
    guard let only = present.first, present.count == 1 else {
      throw InputError(
        .inconsistent, at: node.place,
        "an expectation is one of state, alarm, noAlarm, gate, or event with or without its alarm")
    }
    self = only
  }
}

extension Outcome {
  init(_ node: JSONNode?) throws(InputError) {
    self.init()
    guard let node else { return }
    var object = try ObjectReader(node, "expect")
    if let target = object.optional("delivered") { delivered = try Target(target) }
    airAtMost = try object.optional("airAtMost")?.amount(Volume.self, "airAtMost")
    pressureAtMost = try object.optional("pressureAtMost")?.pressure("pressureAtMost")
    state = try object.optional("state")?.name(of: TherapyState.self, "state")
    if let list = object.optional("alarms") {
      var set = AlarmSet()
      for node in try list.array("alarms") { set.insert(try node.name(of: AlarmID.self, "alarm")) }
      alarms = set
    }
    try object.finish()
  }
}

extension Outcome.Target {
  init(_ node: JSONNode) throws(InputError) {
    var object = try ObjectReader(node, "delivered")
    value = try object.required("value").amount(Volume.self, "value")
    let slack = try object.required("tolerance")
    if try Measure(slack, "tolerance").unit == "%" {
      tolerance = .share(try slack.share("tolerance"))
    } else {
      tolerance = .volume(try slack.amount(Volume.self, "tolerance"))
    }
    try object.finish()
  }
}
