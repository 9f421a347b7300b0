// SPDX-License-Identifier: Apache-2.0

import Domain
import Plant
import Scenarios
import StrictJSON
import Testing
import Units

struct ScenarioReadingTests {
  private func read(_ text: String) throws(InputError) -> Scenario {
    try Scenario(json: Array(text.utf8))
  }

  private func refusal(_ text: String) -> InputError? {
    do {
      _ = try read(text)
      return nil
    } catch { return error }
  }

  private func refusal(step: String) -> InputError? {
    refusal("{\"name\": \"a\", \"end\": \"1 min\", \"steps\": [\n\(step)]}")
  }

  private func program(_ fields: String) -> InputError? {
    refusal(step: "{\"at\": \"0 s\", \"program\": {\"syringe\": \"50 mL\", \(fields)}}")
  }

  private let whole = """
    {"name": "whole", "summary": "All there is.", "seed": 7,
     "knobs": {"syringe.fill": "20 mL", "mains.present": false, "patient.height": "-0.5 m"},
     "steps": [
       {"at": "1 s", "program": {"drug": "saline", "syringe": "50 mL", "rate": "5 mL/h",
         "vtbi": "10 mL", "kvo": "0.5 mL/h", "occlusion": "300 mmHg"}},
       {"at": "2 s", "do": "start"},
       {"at": "2.5 s", "press": "confirm", "for": "80 ms"},
       {"within": "2 s", "expect": {"state": "infusing"}},
       {"at": "1 min", "set": {"occlusion.downstream": "100 %"}},
       {"within": "30 min", "expect": {"event": "alarmRaised", "alarm": "occlusionDownstream"}},
       {"at": "31 min", "expect": {"noAlarm": "airInLine"}}
     ],
     "end": "2 h", "sample": "500 ms",
     "expect": {"delivered": {"value": "10 mL", "tolerance": "1 %"}, "state": "kvo",
       "airAtMost": "0 uL", "pressureAtMost": "150 kPa", "alarms": ["nearEnd", "endOfInfusion"]}}
    """

  @Test func `reads a whole scenario`() throws {
    let scenario = try read(whole)
    #expect(scenario.name == "whole")
    #expect(scenario.seed == 7)
    #expect(scenario.end == .hours(2))
    #expect(scenario.sampleEvery == .milliseconds(500))
    #expect(
      scenario.knobs == [
        KnobTurn(knob: .syringeFill, value: 20), KnobTurn(knob: .mainsPresent, value: 0),
        KnobTurn(knob: .patientHeight, value: -0.5),
      ])
    #expect(scenario.steps.count == 7)
    guard case .program(let draft) = scenario.steps[0].what else {
      Issue.record("the first step is not the program")
      return
    }
    #expect(draft.drug.text == "saline")
    #expect(draft.rate == .mLPerHour(5))
    #expect(draft.vtbi == .millilitres(10))
    #expect(draft.kvo == .microlitresPerHour(500))
    #expect(draft.occlusion == .mmHg(300))
    #expect(scenario.steps[3].when == .within(from: .milliseconds(2_500), to: .milliseconds(4_500)))
    guard case .expect(let expectation) = scenario.steps[5].what else {
      Issue.record("the sixth step expects nothing")
      return
    }
    #expect(expectation == .event(.alarmRaised, .occlusionDownstream))
    #expect(scenario.outcome.delivered?.allowed == .microlitres(100))
    #expect(scenario.outcome.alarms?.contains(.nearEnd) == true)
    #expect(scenario.outcome.airAtMost == .zero)
  }

  @Test func `refuses the whole scenario cut at any byte`() {
    let bytes = Array(whole.utf8)
    for length in 0..<bytes.count {
      #expect(throws: InputError.self) { try Scenario(json: Array(bytes[..<length])) }
    }
  }

  @Test func `takes any two of rate, volume and time`() throws {
    func rateAndVolume(_ fields: String) throws -> (FlowRate, Volume)? {
      let text = """
        {"name": "a", "end": "1 h", "steps": [
          {"at": "0 s", "program": {"syringe": "50 mL", \(fields)}}]}
        """
      guard case .program(let draft) = try read(text).steps[0].what else { return nil }
      return (draft.rate, draft.vtbi)
    }
    let wanted = (FlowRate.mLPerHour(5), Volume.millilitres(10))
    let forms = [
      #""rate": "5 mL/h", "vtbi": "10 mL""#, #""rate": "5 mL/h", "time": "2 h""#,
      #""vtbi": "10 mL", "time": "120 min""#,
    ]
    for form in forms { #expect(try #require(try rateAndVolume(form)) == wanted) }
    #expect(program(#""rate": "5 mL/h""#)?.kind == .inconsistent)
    #expect(
      program(#""rate": "5 mL/h", "vtbi": "10 mL", "time": "2 h""#)?.kind == .inconsistent)
  }

  @Test func `refuses an unknown knob with its place`() {
    let error = refusal("{\"name\": \"a\", \"end\": \"1 s\",\n  \"knobs\": {\"warp\": \"9 %\"}}")
    #expect(error?.kind == .unknownKnob)
    #expect(error?.message(in: "x.json") == "x.json:2:13: there is no knob 'warp'")
  }

  @Test func `refuses a negative rate`() {
    let error = program(#""rate": "-5 mL/h", "vtbi": "10 mL""#)
    #expect(error?.kind == .outOfRange)
    #expect(error?.place.line == 2)
  }

  @Test func `refuses 1e300 as a number and inside a quantity`() {
    #expect(program(#""rate": 1e300, "vtbi": "10 mL""#)?.kind == .number)
    #expect(program(#""rate": "1e300 mL/h", "vtbi": "10 mL""#)?.kind == .number)
    #expect(program(#""rate": "999999999999999999 mL/h", "vtbi": "10 mL""#)?.kind == .outOfRange)
    #expect(
      refusal(#"{"name": "a", "end": "1 s", "knobs": {"syringe.fill": "1e300 mL"}}"#)?.kind
        == .number)
  }

  @Test func `refuses a missing or foreign unit`() {
    #expect(program(#""rate": "5", "vtbi": "10 mL""#)?.kind == .unit)
    #expect(program(#""rate": 5, "vtbi": "10 mL""#)?.kind == .unit)
    #expect(program(#""rate": "5 ", "vtbi": "10 mL""#)?.kind == .unit)
    #expect(program(#""rate": "5 mL", "vtbi": "10 mL""#)?.kind == .unit)
    #expect(program(#""rate": "5 ml/h", "vtbi": "10 mL""#)?.kind == .unit)
    #expect(
      refusal(#"{"name": "a", "end": "1 s", "knobs": {"syringe.fill": "5 L"}}"#)?.kind == .unit)
  }

  @Test func `refuses a value finer than the native unit`() {
    #expect(program(#""rate": "5.0000001 mL/h", "vtbi": "10 mL""#)?.kind == .outOfRange)
    #expect(program(#""rate": "5 mL/h", "vtbi": "10 mL", "occlusion": "450 mmHg""#) == nil)
    #expect(
      program(#""rate": "5 mL/h", "vtbi": "10 mL", "occlusion": "450.5 mmHg""#)?.kind
        == .outOfRange)
  }

  @Test func `refuses a knob out of its range and a switch that is not true or false`() {
    func knob(_ text: String) -> InputError? {
      refusal("{\"name\": \"a\", \"end\": \"1 s\", \"knobs\": {\(text)}}")
    }
    #expect(knob(#""occlusion.downstream": "101 %""#)?.kind == .outOfRange)
    #expect(knob(#""syringe.size": "7 mL""#)?.kind == .outOfRange)
    #expect(knob(#""mains.present": "1""#)?.kind == .wrongType)
    #expect(knob(#""mains.present": true"#) == nil)
  }

  @Test func `refuses steps without order, with two actions, or beyond the end`() {
    #expect(
      refusal(step: #"{"at": "9 s", "do": "start"}, {"at": "8 s", "do": "stop"}"#)?.kind
        == .inconsistent)
    #expect(refusal(step: #"{"at": "9 s", "do": "start", "set": {}}"#)?.kind == .inconsistent)
    #expect(refusal(step: #"{"at": "2 min", "do": "start"}"#)?.kind == .inconsistent)
    #expect(refusal(step: #"{"at": "1 s"}"#)?.kind == .missingKey)
    #expect(refusal(step: #"{"do": "start"}"#)?.kind == .missingKey)
    #expect(
      refusal(step: #"{"at": "1 s", "within": "1 s", "do": "start"}"#)?.kind == .inconsistent)
    #expect(refusal(step: #"{"within": "1 s", "do": "start"}"#)?.kind == .inconsistent)
    #expect(refusal(step: #"{"at": "1 ms", "do": "start"}"#)?.kind == .outOfRange)
  }

  @Test func `refuses unknown words and keys with the list of known ones`() {
    let word = refusal(step: #"{"at": "1 s", "do": "explode"}"#)
    #expect(word?.kind == .unknownName)
    #expect(word?.reason.contains("silence") == true)
    #expect(refusal(step: #"{"at": "1 s", "do": "program"}"#)?.kind == .inconsistent)
    #expect(refusal(step: #"{"at": "1 s", "do": "start", "foo": 1}"#)?.kind == .unknownKey)
    #expect(refusal(step: #"{"at": "1 s", "press": "power"}"#)?.kind == .unknownName)
    #expect(
      refusal(step: #"{"at": "1 s", "expect": {"event": "alarmRaised"}}"#)?.kind == .inconsistent)
    #expect(
      refusal(step: #"{"at": "1 s", "expect": {"state": "kvo", "gate": "open"}}"#)?.kind
        == .inconsistent)
  }

  @Test func `refuses a name that could lead out of its folder`() {
    for name in ["../x", "a/b", "", "a b", "."] {
      #expect(refusal("{\"name\": \"\(name)\", \"end\": \"1 s\"}")?.kind == .outOfRange)
    }
  }

  @Test func `needs a name and an end within ten days`() {
    #expect(refusal(#"{"end": "1 s"}"#)?.kind == .missingKey)
    #expect(refusal(#"{"name": "a"}"#)?.kind == .missingKey)
    #expect(refusal(#"{"name": "a", "end": "241 h"}"#)?.kind == .outOfRange)
    #expect(refusal(#"{"name": "a", "end": "0 s"}"#)?.kind == .outOfRange)
    #expect(refusal(#"{"name": "a", "seed": -1, "end": "1 s"}"#)?.kind == .outOfRange)
    #expect(refusal(#"[]"#)?.kind == .wrongType)
  }

  @Test func `reads decimals exactly`() throws {
    #expect(try #require(WrittenNumber("12.50")).digits == 1250)
    #expect(try #require(WrittenNumber("-0.5")).binary == -0.5)
    #expect(try #require(WrittenNumber("0.1")).binary == 0.1)
    for text in ["", "-", ".5", "5.", "1.2.3", "+1", "1e3", "1234567890123456789", "٣", "- 1"] {
      #expect(WrittenNumber(Substring(text)) == nil)
    }
  }
}
