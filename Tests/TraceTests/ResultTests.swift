// SPDX-License-Identifier: Apache-2.0

import EveryCase
import Foundation
import Testing

@testable import Trace

/// What the two test runners write down is understood, or refused.
@Suite struct ResultTests {
  private static func test(_ name: String, tags: String, id: String = "T.S/a") -> String {
    #"{"kind":"test","payload":{"_tags":[\#(tags)],"displayName":"\#(name)","id":"\#(id)","isParameterized":false,"kind":"function","name":"`\#(name)`()","sourceLocation":{"_filePath":"/x/Tests/T/T.swift","column":4,"fileID":"T/T.swift","line":12}},"version":0}"#
      + "\n"
  }

  private static func event(_ kind: String, symbol: String = "pass", id: String = "T.S/a") -> String
  {
    #"{"kind":"event","payload":{"kind":"\#(kind)","messages":[{"symbol":"\#(symbol)","text":"…"}],"testID":"\#(id)"},"version":0}"#
      + "\n"
  }

  private static let end = event("runEnded")

  @Test(arguments: [
    ("testEnded", "pass", TestOutcome.Result.passed), ("testEnded", "fail", .failed),
    ("testEnded", "passWithKnownIssue", .failed), ("testSkipped", "skip", .skipped),
    ("testStarted", "default", .unfinished),
  ])
  func `a Swift test is as its last event says`(
    kind: String, symbol: String, result: TestOutcome.Result
  ) throws {
    let run = try EventStream.read(
      (Self.test("RC-001 stops", tags: #"".RC-001""#) + Self.event(kind, symbol: symbol) + Self.end)
        .utf8)
    let outcome = try #require(run.outcomes.first)
    #expect(outcome.result == result)
    #expect(outcome.ids == [ItemID(.control, 1)])
    #expect(outcome.file == "Tests/T/T.swift")
    #expect(outcome.line == 12)
    #expect(run.findings == [])
  }

  @Test(arguments: [("RC-001 stops", ""), ("stops", #"".RC-001""#), ("RC-001", #"".HAZ-001""#)])
  func `name and tags of a Swift test say the same ids`(name: String, tags: String) throws {
    let run = try EventStream.read(
      (Self.test(name, tags: tags) + Self.event("testEnded") + Self.end).utf8)
    #expect(run.findings.map(\.description.isEmpty) == [false])
    #expect(run.findings.first?.rule == .nameAndTag)
    #expect(run.findings.first?.line == 12)
  }

  private static func count(_ line: Int, _ ran: Int, of all: Int, in file: String = "T/T.swift")
    -> String
  {
    #"{"fileID":"\#(file)","line":\#(line),"of":\#(all),"ran":\#(ran)}"# + "\n"
  }

  @Test(arguments: [
    (count(12, 3, of: 3), TestOutcome.Kind.exhaustive, 3),
    (count(15, 3, of: 3) + count(17, 2, of: 2), .exhaustive, 5),
    (count(15, 2, of: 3), .example, 2),
    (count(15, 3, of: 3) + count(15, 1, of: 2), .example, 4),
    (count(15, 0, of: 0), .example, 0),
    // Above the test, and in another file: another test's.
    (count(11, 3, of: 3), .example, 0),
    (count(15, 3, of: 3, in: "T/U.swift"), .example, 0),
    ("", .example, 0),
  ])
  func `a Swift test is exhaustive when it counted every case`(
    counts: String, kind: TestOutcome.Kind, cases: Int
  ) throws {
    let run = try EventStream.read(
      (Self.test("all", tags: "\".exhaustive\"") + Self.event("testEnded") + Self.end).utf8,
      counts: CaseCounts(counts.utf8))
    #expect(run.outcomes.first?.kind == kind)
    #expect(run.outcomes.first?.cases == cases)
  }

  @Test(arguments: ["{}", "garbage", count(1, 2, of: 1), count(1, -1, of: 1), count(1, 0, of: -1)])
  func `counts that cannot be are refused`(text: String) {
    #expect(throws: TestRun.Failure.self) { try CaseCounts(text.utf8) }
  }

  @Test func `the helper of the tests writes what is read here`() throws {
    var seen: [Int] = []
    everyCase(of: 0..<5) { seen.append($0) }
    #expect(seen == [0, 1, 2, 3, 4])
    #expect(pairs([1, 2], "ab").map { "\($0)\($1)" } == ["1a", "1b", "2a", "2b"])
    guard let path = ProcessInfo.processInfo.environment["PUMP_CASES"] else { return }
    let written = try String(contentsOfFile: path, encoding: .utf8)
    #expect(written.contains(#""fileID":"TraceTests/ResultTests.swift""#))
    _ = try CaseCounts(written.utf8)
  }

  @Test func `a stream that breaks off is refused`() {
    let whole = Self.test("a", tags: "") + Self.event("testEnded")
    #expect(throws: TestRun.Failure.incomplete) { try EventStream.read(whole.utf8) }
    #expect(throws: TestRun.Failure.malformed(line: 3, what: "no record of an event stream")) {
      try EventStream.read((whole + Self.end.prefix(40)).utf8)
    }
  }

  @Test func `pytest's results are read with their kinds, places and odd names`() throws {
    let text = """
      <?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest" tests="5">
      <testcase classname="Tests.T.test_a" name="test_RC\("_001")_stops" file="Tests/T/test_a.py" line="4">
      <properties><property name="cases" value="7/7" /></properties></testcase>
      <testcase classname="Tests.T.test_a" name="test_b[a&lt;b &#65;&#x42; &odd;]" file="Tests/T/test_a.py" line="9" />
      <testcase classname="Tests.T.test_a" name="test_c"><properties><property name="cases" value="6/7"/></properties><failure message="a > b">&lt;testcase&gt;</failure></testcase>
      <testcase classname="Tests.T.test_a" name="test_d"><error>x</error><skipped/></testcase>
      <testcase classname="Tests.T.test_a" name="test_e"><skipped type="pytest.xfail"/></testcase>
      </testsuite></testsuites>
      """
    let run = try JUnit.read(text)
    #expect(run.outcomes.map(\.result) == [.passed, .passed, .failed, .failed, .skipped])
    #expect(run.outcomes[0].ids == [ItemID(.control, 1)])
    #expect(run.outcomes[0].kind == .exhaustive)
    #expect(run.outcomes[0].cases == 7)
    #expect(run.outcomes[0].line == 5)
    #expect(run.outcomes[1].kind == .example)
    #expect(run.outcomes[1].name == "Tests.T.test_a::test_b[a<b AB &odd;]")
    #expect(run.outcomes[2].kind == .example)
    #expect(run.outcomes[2].file == "Tests/T/test_a.py")
    #expect(run.findings == [])
  }

  @Test(arguments: [
    "", "<testsuites>", "<testsuites><testcase name=\"a\"/>", "<!DOCTYPE a><testsuites/>",
    "<testsuites a=b/>", "<testsuites a/>", "<testsuites a=\"b", "< testsuites/>", "<![CDATA[",
  ])
  func `a result file that is no whole JUnit is refused`(text: String) {
    #expect(throws: TestRun.Failure.self) { try JUnit.read(text) }
  }

  @Test func `garbage gives a refusal or outcomes, and nothing else`() {
    var chance = SplitMix(state: 7)
    let stream = Array(
      (Self.test("RC-001 a", tags: #"".RC-001""#) + Self.event("testEnded") + Self.end).utf8)
    let xml = Array(#"<testsuites><testcase name="a&#65;"><skipped/></testcase></testsuites>"#.utf8)
    for round in 0..<20_000 {
      var bytes = round.isMultiple(of: 2) ? stream : xml
      for _ in 0..<(1 + Int(chance.next() % 4)) {
        bytes[Int(chance.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: chance.next())
      }
      bytes.removeLast(Int(chance.next() % UInt64(bytes.count)))
      _ = try? EventStream.read(bytes)
      _ = try? JUnit.read(String(decoding: bytes, as: UTF8.self))
    }
    for index in xml.indices {
      for value in UInt8.min...UInt8.max {
        var bytes = xml
        bytes[index] = value
        let run = try? JUnit.read(String(decoding: bytes, as: UTF8.self))
        #expect((run?.outcomes.count ?? 0) <= 1)
      }
    }
  }
}

/// A small seeded generator: the same garbage in every run.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}
