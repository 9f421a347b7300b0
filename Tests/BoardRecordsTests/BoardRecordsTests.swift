// SPDX-License-Identifier: Apache-2.0

import BoardDocs
import BoardRecords
import Cryptography
import EveryCase
import StrictJSON
import Testing

@Suite struct BoardRecordsTests {
  private static let body = JSONNode.object([
    ("passed", .bool(true)), ("readings", .array([.integer(500), .integer(-1)])),
    ("serial", .string("RP-0001 \"ä\"")),
  ])

  private static func key(_ byte: UInt8) throws -> Ed25519.PrivateKey {
    var seed = [UInt8](repeating: byte, count: 32)
    return try Ed25519.PrivateKey(seed: SecretBytes(wiping: &seed))
  }

  @Test(.tags(.`SEC-367`)) func `SEC-367 takes back what it wrote and knows whose it is`() throws {
    let key = try Self.key(1)
    let record = try SignedRecord(.calibration, Self.body, signedBy: key)
    let back = try SignedRecord(bytes: record.bytes)
    #expect(back.bytes == record.bytes)
    #expect(back.record["serial"]?.string == "RP-0001 \"ä\"")
    try back.check(signedBy: key.publicKey.bytes)
    #expect(throws: RecordRefusal.wrongKey) {
      try back.check(signedBy: Self.key(2).publicKey.bytes)
    }
  }

  @Test(.tags(.`SEC-367`))
  func `SEC-367 no byte of a record can be another one`() throws {
    let key = try Self.key(1)
    let bytes = try SignedRecord(.calibration, Self.body, signedBy: key).bytes
    everyCase(of: pairs(0..<bytes.count, 0..<8 as Range<UInt8>)) { position, bit in
      var other = bytes
      other[position] ^= 1 << bit
      #expect(throws: RecordRefusal.self, "byte \(position), bit \(bit)") {
        try SignedRecord(bytes: other).check(signedBy: key.publicKey.bytes)
      }
    }
  }

  @Test(.tags(.`SEC-367`)) func `SEC-367 a record of one kind is none of another`() throws {
    let key = try Self.key(1)
    let bytes = try SignedRecord(.bringUp, Self.body, signedBy: key).bytes
    let text = String(decoding: bytes, as: UTF8.self)
    let parts = text.split(separator: "bring-up", omittingEmptySubsequences: false)
    #expect(parts.count == 2)
    let forged = Array((parts[0] + "calibration" + parts[1]).utf8)
    #expect(throws: RecordRefusal.badSignature) {
      try SignedRecord(bytes: forged).check(signedBy: key.publicKey.bytes)
    }
  }

  @Test func `refuses what is no record with its reason`() {
    for (text, refusal) in [
      ("{}", RecordRefusal.malformed("format")), (#"{"format":1}"#, .malformed("kind")),
      (#"{"format":1,"kind":"calibration","record":[]}"#, .malformed("record")),
      (#"{"format":1,"kind":"calibration","record":{}}"#, .malformed("key")),
    ] {
      #expect(throws: refusal) { try SignedRecord(bytes: Array(text.utf8)) }
    }
    #expect(throws: RecordRefusal.tooLarge) {
      try SignedRecord(bytes: [UInt8](repeating: 0x20, count: SignedRecord.largest + 1))
    }
    #expect(throws: RecordRefusal.self) { try SignedRecord(bytes: Array("{".utf8)) }
  }

  private static func generated(_ name: String) -> [[UInt8]] {
    BoardDocument.everything.filter { $0.path.hasSuffix("/\(name)") }.map { Array($0.text.utf8) }
  }

  @Test(.tags(.`SRS-167`)) func `SRS-167 every board has a checklist with each way to measure`()
    throws
  {
    let lists = try Self.generated("bring-up.json").map { try Checklist(bytes: $0) }
    #expect(lists.count >= 3)
    for list in lists {
      var ways: Set<String> = []
      for (index, step) in list.steps.enumerated() {
        #expect(step.number == index + 1 && !step.what.isEmpty && !step.expected.isEmpty)
        switch step.way {
        case .observe: ways.insert("observe")
        case .lines(let names):
          ways.insert("lines")
          #expect(names.count > 3)
        case .bus(_, let addresses):
          ways.insert("bus")
          #expect(!addresses.isEmpty)
        case .line: ways.insert("line")
        }
      }
      #expect(ways.count == 4, "\(list.board)")
    }
  }

  private static let plan = #"""
    {"format":1,"board":"b","pairs":[{"one":"p/up","other":"p/down","within":20}],"points":[
    {"id":"p/up","name":"","unit":"mV","expected":500,"within":40},
    {"id":"p/down","name":"","unit":"mV","expected":500,"within":40},
    {"id":"d","name":"","unit":"mg","expected":-5,"within":0}]}
    """#

  @Test(.tags(.`RC-127`, .`SRS-168`))
  func `RC-127 SRS-168 judges each reading by its limit and by the one it is paired with`() throws {
    let plan = try CalibrationPlan(bytes: Array(Self.plan.utf8))
    for (up, down, d, good) in [
      (500, 500, -5, [true, true, true]), (540, 520, -5, [true, true, true]),
      (541, 521, -5, [false, true, true]), (540, 519, -5, [false, false, true]),
      (460, 460, -4, [true, true, false]), (Int64.min, Int64.max, 0, [false, false, false]),
    ] as [(Int64, Int64, Int64, [Bool])] {
      let found = try plan.judge([("d", d), ("p/down", down), ("p/up", up)])
      #expect(found.map(\.good) == good, "\(up) \(down) \(d)")
      #expect(found.map(\.point.id) == ["p/up", "p/down", "d"])
    }
  }

  @Test(.tags(.`RC-127`, .`SRS-168`))
  func `RC-127 SRS-168 a reading too few or too many is no calibration`() throws {
    let plan = try CalibrationPlan(bytes: Array(Self.plan.utf8))
    #expect(throws: RecordRefusal.missing("d")) { try plan.judge([("p/up", 1), ("p/down", 1)]) }
    #expect(throws: RecordRefusal.missing("p/down")) { try plan.judge([("p/up", 1), ("d", 1)]) }
    #expect(throws: RecordRefusal.unexpected("x")) { try plan.judge([("x", 1)]) }
    #expect(throws: RecordRefusal.unexpected("d")) { try plan.judge([("d", 1), ("d", 1)]) }
    for text in ["d", "d,1,2", "d,1.5", "d, 1", "d,9223372036854775808"] {
      #expect(throws: RecordRefusal.self, "\(text)") { try CalibrationPlan.readings(text) }
    }
    let read = try CalibrationPlan.readings("# note\nd,-1\np/up,2\n")
    #expect(read.map(\.id) == ["d", "p/up"] && read.map(\.value) == [-1, 2])
  }

  @Test(.tags(.`RC-127`, .`SRS-168`))
  func
    `RC-127 SRS-168 every board's plan is met by its own expected values and by no other by far`()
    throws
  {
    let plans = try Self.generated("calibration.json").map { try CalibrationPlan(bytes: $0) }
    #expect(plans.count >= 3)
    for plan in plans {
      let exact = plan.points.map { (id: $0.id, value: $0.expected) }
      #expect(try plan.judge(exact).allSatisfy(\.good))
      for index in exact.indices {
        var off = exact
        off[index].value += plan.points[index].within + 1
        #expect(try !plan.judge(off)[index].good, "\(plan.points[index].id)")
      }
    }
  }

  @Test(.tags(.`SRS-167`)) func `SRS-167 reads what the board's tools print`() {
    let grid = """
           0  1  2  3  4  5  6  7  8  9  a  b  c  d  e  f
      00:                         -- -- -- -- -- -- 0e --
      30: -- -- -- -- -- -- 36 -- -- -- -- -- -- -- -- --
      50: 50 51 -- -- -- -- -- -- -- -- -- -- -- -- -- --
      """
    #expect(ToolOutput.addresses(inGrid: grid) == [0x0e, 0x36, 0x50, 0x51])
    #expect(ToolOutput.addresses(inGrid: "50: UU 51") == nil)
    #expect(ToolOutput.addresses(inGrid: "") == [])
    let one =
      "\tline  23: \"pump-stop-key\" unused input active-high\n\tline 24: \"pump-stop-key-2\" x"
    #expect(ToolOutput.count(of: "pump-stop-key", inLines: one) == 1)
    #expect(ToolOutput.count(of: "pump-stop-key", inLines: one + "\n" + one) == 2)
    #expect(ToolOutput.level("1\n") == true && ToolOutput.level(" 0") == false)
    #expect(ToolOutput.level("") == nil && ToolOutput.level("10") == nil)
  }
}
