// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import Testing

struct JSONReaderTests {
  private func refusal(_ text: String) -> JSONError? {
    do {
      _ = try JSONReader.read(Array(text.utf8))
      return nil
    } catch { return error }
  }

  @Test func `reads every kind of value with its place`() throws {
    let node = try JSONReader.read(Array("{\n  \"µ\": [1, -2, true, null, \"a\\u00b5\\n\"]}".utf8))
    guard case .object(let members) = node.content, let member = members.first,
      case .array(let items) = member.node.content
    else {
      Issue.record("not the object that was written")
      return
    }
    #expect(member.key == "µ")
    #expect(member.place == TextPosition(line: 2, column: 3))
    #expect(
      items.map(\.content) == [.integer(1), .integer(-2), .bool(true), .null, .string("aµ\n")])
    #expect(items[1].place == TextPosition(line: 2, column: 12))
  }

  @Test func `joins a surrogate pair and refuses half of one`() throws {
    let node = try JSONReader.read(Array(#""\ud83d\ude00""#.utf8))
    #expect(node.content == .string("😀"))
    #expect(refusal(#""\ud83d""#)?.kind == .syntax)
    #expect(refusal(#""\ude00""#)?.kind == .syntax)
    #expect(refusal(#""\ud83d\u0041""#)?.kind == .syntax)
  }

  @Test func `refuses a duplicate key where it stands`() {
    let error = refusal("{\"a\": 1,\n \"a\": 2}")
    #expect(error?.kind == .duplicateKey)
    #expect(error?.place == TextPosition(line: 2, column: 2))
  }

  @Test func `refuses a text cut at any byte and never traps`() {
    let text = Array(#"{"a": [1, {"b": "x\u0041"}, true], "c": null, "d": "µ"}"#.utf8)
    for length in 0..<text.count {
      #expect(throws: JSONError.self) { try JSONReader.read(Array(text[..<length])) }
    }
    #expect(refusal("{\"a\": [1, 2")?.kind == .truncated)
    #expect(refusal("\"abc")?.kind == .truncated)
    #expect(refusal("tru")?.kind == .truncated)
    #expect(refusal("")?.kind == .truncated)
  }

  @Test func `refuses any single byte changed to any other, or reads it, and never traps`() {
    let text = Array(#"{"a":[1,"x\n"]}"#.utf8)
    var read = 0
    for index in text.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[index] = byte
        if (try? JSONReader.read(changed)) != nil { read += 1 }
      }
    }
    #expect(read > text.count && read < text.count * 256)
  }

  @Test(arguments: ["1e300", "1.5", "9223372036854775808", "-9223372036854775809", "1E5"])
  func `refuses a number that is not whole or too large`(text: String) {
    #expect(refusal(text)?.kind == .number)
  }

  @Test(arguments: [
    "01", "-", "[1,]", "{,}", "[1 2]", "{\"a\" 1}", "1 2", "nul!", "'a'", "\"\\x\"",
  ])
  func `refuses what is not JSON`(text: String) {
    #expect(refusal(text)?.kind == .syntax)
  }

  @Test func `refuses nesting beyond sixteen levels however deep it goes`() {
    #expect(refusal(String(repeating: "[", count: 16) + String(repeating: "]", count: 16)) == nil)
    #expect(refusal(String(repeating: "[", count: 100_000))?.kind == .tooLarge)
  }

  @Test func `refuses more than a mebibyte`() {
    #expect(refusal(String(repeating: " ", count: JSONLimits().size + 1))?.kind == .tooLarge)
  }

  @Test func `refuses bytes that are not UTF-8 and control characters`() {
    #expect(throws: JSONError.self) { try JSONReader.read([0x22, 0xff, 0x22]) }
    #expect(refusal("\"a\u{1}\"")?.kind == .syntax)
  }

  @Test func `writes an error the way editors jump to it`() {
    #expect(refusal("[\n 01]")?.message(in: "a.json") == "a.json:2:2: 01 is not a number")
  }

  @Test func `gives the offset of a mistake in bytes`() {
    #expect(refusal("[\n \"µ\", 01]")?.offset == 9)
    #expect(refusal("[\n \"µ\", 01]")?.place == TextPosition(line: 2, column: 7))
  }

  @Test func `refuses two keys that are one character in two spellings`() {
    #expect(refusal(#"{"\u00e9": 1, "e\u0301": 2}"#)?.kind == .duplicateKey)
  }

  @Test func `finds a key by its bytes alone`() throws {
    let node = try JSONReader.read(Array(#"{"\u212a": 1}"#.utf8))
    #expect(node["K"] == nil)
    #expect(node["\u{212a}"]?.integer == 1)
  }

  @Test func `reads numbers up to the limit asked for`() throws {
    let limits = JSONLimits(integer: JSONLimits.exactInteger)
    let largest = Array("9007199254740992".utf8)
    #expect(try JSONReader.read(largest, limits: limits).integer == 9_007_199_254_740_992)
    for text in ["9007199254740993", "-9007199254740993"] {
      #expect(throws: JSONError.self) { try JSONReader.read(Array(text.utf8), limits: limits) }
    }
  }

  @Test func `takes a hundred thousand random texts without a trap`() {
    let alphabet = Array("{}[]\",:\\u0019aetrufalsn \n-+.\u{e9}".utf8) + [0xff, 0x00]
    var state: UInt64 = 0x5eed
    var read = 0
    for _ in 0..<100_000 {
      var text: [UInt8] = []
      for _ in 0..<(state >> 60) + 1 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        text.append(alphabet[Int(state >> 33) % alphabet.count])
      }
      if (try? JSONReader.read(text)) != nil { read += 1 }
    }
    #expect(read > 0 && read < 100_000)
  }
}
