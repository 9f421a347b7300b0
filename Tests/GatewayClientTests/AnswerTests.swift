// SPDX-License-Identifier: Apache-2.0

import GatewayClient
import ServiceAPI
import StrictJSON
import Testing

/// Each decoder with a good body.
private let decoders: [(name: String, good: String, read: @Sendable ([UInt8]) throws -> Void)] = [
  (
    "device", #"{"api":"1","name":"P","notice":"n","simulated":true,"udi_di":null,"udi_pi":null}"#,
    { _ = try Answers.device($0) }
  ),
  (
    "status",
    #"{"battery_ppm":null,"delivered_nL":1,"deliveredKVO_nL":0,"gate":"open","held":{"drug":"S","kvo_nL_h":0,"#
      + #""occlusion_Pa":60000,"rate_nL_h":5000000,"syringe_mL":50,"vtbi_nL":10},"mains":true,"measured_nL":1,"#
      + #""pending":null,"pressure_Pa":-3,"rate_nL_h":5,"simulated":true,"state":"infusing","#
      + #""timeRemaining_ms":9,"uncertainty_nL":0}"#,
    { _ = try Answers.status($0) }
  ),
  ("alarms", #"{"controller":["occlusion"],"monitor":null}"#, { _ = try Answers.alarms($0) }),
  (
    "update",
    #"{"candidate":null,"candidate_sha256":null,"ended":null,"intake":null,"#
      + #""kind":"firmware","needs_power":false,"#
      + #""outcome":"none","reason":null,"running":"1","stage":"none"}"#,
    { _ = try Answers.update($0) }
  ),
  (
    "proposals",
    #"{"proposals":[{"by":null,"from":"n","number":1,"order":{"drug":"","kvo_nL_h":0,"occlusion_Pa":1,"#
      + #""rate_nL_h":1,"syringe_mL":50,"vtbi_nL":1},"seconds_left":3}]}"#,
    { _ = try Answers.proposals($0) }
  ),
  (
    "proposal",
    #"{"by":"ada","from":"n","number":1,"order":{"drug":"","kvo_nL_h":0,"occlusion_Pa":1,"#
      + #""rate_nL_h":1,"syringe_mL":50,"vtbi_nL":1},"reason":"doorOpen","seconds_left":0,"#
      + #""state":"refused"}"#,
    { _ = try Answers.proposal($0) }
  ),
  (
    "intake",
    #"{"kind":"firmware","length_bytes":9,"number":1,"reason":null,"received_bytes":9,"state":"taken","version":"2"}"#,
    { _ = try Answers.intake($0) }
  ),
  (
    "history",
    #"{"entries":[{"code":"ended","outcome":"returned","reason":"r","version":"2"}],"kind":"firmware"}"#,
    { _ = try Answers.history($0, of: .firmware) }
  ),
  (
    "configuration",
    #"{"configuration":null,"drug_library":null,"firmware":{"active":{"release":1,"security":0,"sha256":""#
      + String(repeating: "0a", count: 32) + #"","version":"1"},"candidate":null,"phase":"idle"},"#
      + #""site":{"approvers":3,"name":"S","threshold":2}}"#,
    { _ = try Answers.configuration($0) }
  ),
  (
    "library",
    #"{"entries":[{"care_area":"ICU","drug":"D","rate_nL_h":[1,2,3,4],"vtbi_nL":null}],"name":"L","next":null,"#
      + #""sha256":""# + String(repeating: "0a", count: 32) + #"","version":"4"}"#,
    { _ = try Answers.library($0, from: 0) }
  ),
  ("proposed", #"{"number":3}"#, { _ = try Answers.proposed($0) }),
  (
    "token",
    #"{"person":{"active":true,"login":"a","number":1,"role":"auditor"},"session":""#
      + String(repeating: "0a", count: 32) + #""}"#, { _ = try Answers.token($0) }
  ),
  (
    "session",
    #"{"person":{"active":true,"login":"a","number":1,"role":"auditor"},"stepped_up":false}"#,
    { _ = try Answers.session($0) }
  ),
  (
    "people", #"{"more":false,"people":[{"active":true,"login":"a","number":1,"role":"auditor"}]}"#,
    { _ = try Answers.people($0) }
  ),
  ("code", #"{"code":"ABC","person":2}"#, { _ = try Answers.code($0) }),
  (
    "records",
    #"{"next":null,"records":[{"index":0,"event":"started","session":18446744073709551615},{"index":1}]}"#,
    { _ = try Answers.records($0, from: 0) }
  ),
  (
    "consistency",
    #"{"checkpoint":"c","from":1,"hashes":[""# + String(repeating: "0a", count: 32)
      + #""],"size":2}"#, { _ = try Answers.consistency($0) }
  ),
  (
    "problem",
    #"{"detail":"d","status":403,"title":"t","type":"urn:pump:problem:certificate"}"#,
    { _ = try GatewayProblem($0, status: 403, retryAfter: nil) }
  ),
]

@Suite struct AnswerTests {
  @Test(.tags(.`SRS-240`)) func `SRS-240 each answer is read, and none with a member more or less`()
    throws
  {
    for (name, good, read) in decoders {
      try read(Array(good.utf8))
      let more = good.dropLast() + #","more":1}"#
      #expect(throws: NotAnAnswer.self, "\(name)") { try read(Array(more.utf8)) }
      let node = try JSONReader.read(
        Array(good.utf8),
        limits: {
          var limits = JSONLimits(); limits.takesUnsigned = true; return limits
        }())
      let members = try #require(node.members)
      for left in members.indices {
        var fewer = members
        fewer.remove(at: left)
        let text = CanonicalJSON.text(JSONNode(content: .object(fewer), place: .start))
        #expect(throws: NotAnAnswer.self, "\(name) without \(members[left].key)") { try read(text) }
      }
    }
  }

  @Test(.tags(.`SRS-240`)) func `SRS-240 a hundred thousand spoiled bodies are read or refused`() {
    var refused = 0
    for (seed, decoder) in decoders.enumerated() {
      mutations(of: Array(decoder.good.utf8), count: 8_000, seed: UInt64(seed) + 21) { bytes in
        do { try decoder.read(bytes) } catch { refused += 1 }
      }
    }
    #expect(refused > 50_000)
  }

  @Test(.tags(.`SRS-240`)) func `SRS-240 lists in pages come to their end`() throws {
    let back = #"{"next":5,"records":[{"index":5}]}"#
    #expect(throws: NotAnAnswer.self) { try Answers.records(Array(back.utf8), from: 5) }
    let twice =
      #"{"more":true,"people":[{"active":true,"login":"a","number":2,"role":"x"},"#
      + #"{"active":true,"login":"b","number":2,"role":"x"}]}"#
    #expect(throws: NotAnAnswer.self) { try Answers.people(Array(twice.utf8)) }
    for (entries, next) in [("", 5), (Self.entry, 3), (Self.entry, 4)] {
      let page = Self.library(entries, next)
      #expect(throws: NotAnAnswer.self) { try Answers.library(Array(page.utf8), from: 4) }
    }
    #expect(try Answers.library(Array(Self.library(Self.entry, 5).utf8), from: 4).next == 5)
  }

  private static let entry = #"{"care_area":"A","drug":"D","rate_nL_h":[1,2,3,4],"vtbi_nL":null}"#
  private static func library(_ entries: String, _ next: Int) -> String {
    #"{"entries":["# + entries + #"],"name":"L","next":"# + "\(next)" + #","sha256":""#
      + String(repeating: "0a", count: 32) + #"","version":"4"}"#
  }

  @Test(.tags(.`SRS-240`, .`SEC-436`))
  func
    `SRS-240 SEC-436 a proposal has a state of the contract, a reason that fits, and plain names`()
    throws
  {
    let good = try #require(decoders.first { $0.name == "proposal" }).good
    for (right, wrong) in [
      (#""refused""#, #""taken""#), (#""refused""#, #""gone""#), (#""doorOpen""#, "null"),
      (#""doorOpen""#, #""door""#), (#""ada""#, #""\u001b[2J""#), (#""n""#, #""\u202e""#),
    ] {
      let body = good.replacing(right, with: wrong)
      #expect(body != good)
      #expect(throws: NotAnAnswer.self, "\(wrong)") { try Answers.proposal(Array(body.utf8)) }
    }
  }

  @Test(.tags(.`SEC-436`)) func `SEC-436 what a terminal would obey is no text of an update`() {
    for (_, good, read) in decoders.filter({ ["intake", "history", "library"].contains($0.name) }) {
      for spoiled in ["\\u001b[2J", "\\u0007", "\\u202e", "\\n"] {
        let body = good.replacing(#""version":""#, with: #""version":""# + spoiled)
        #expect(body != good)
        #expect(throws: NotAnAnswer.self, "\(spoiled)") { try read(Array(body.utf8)) }
      }
    }
  }
}

@Suite struct ProfileTests {
  private static let good =
    Array(
      #"{"profiles":[{"address":"https://10.0.4.7:8443","authority":"/a","certificate":"/c","key":"/k","name":"a","#
        .utf8) + Array(#""server":"a.test"},{"address":"https://[::1]:1","authority":"/a","#.utf8)
    + Array(
      #""certificate":"/c","key":"/k","list":"/l","name":"b","server":"b.test"}],"v":1}"#.utf8)

  @Test(.tags(.`SRS-238`, .`SEC-434`))
  func `SRS-238 SEC-434 profiles come back as they were kept`() throws {
    var book = try ProfileBook(Self.good)
    #expect(book.profiles.map(\.name) == ["a", "b"] && book.profiles[1].list == "/l")
    #expect(try ProfileBook(book.bytes) == book)
    #expect(throws: ProfileMistake.noSuchProfile) { try book.remove("c") }
    #expect(throws: ProfileMistake.nameTaken) { try book.add(book.profiles[0]) }
    for number in 2..<ProfileBook.most { try book.add(Self.profile("p\(number)")) }
    #expect(throws: ProfileMistake.tooMany) { try book.add(Self.profile("q")) }
    #expect(book.bytes.count < ProfileBook.longest)
    #expect(try ProfileBook(book.bytes) == book)
  }

  private static func profile(_ name: String) throws(ProfileMistake) -> Profile {
    try Profile(
      name: name, address: GatewayAddress("https://a.test:1"), server: "a.test", authority: "/a",
      certificate: "/c", key: "/k", list: nil)
  }

  @Test(.tags(.`SRS-238`)) func `SRS-238 what is no address, name or path is refused`() {
    for text in [
      "", "https://", "https://a", "http://a:1", "https://a:0", "https://a:65536", "https://a:1/b",
      "https://u@a:1", "https://a:1?b", "https://[a]:1", "https://a..b:1", "https://-a:1",
      "https://a b:1", "https://a:+1", "https://[::1]", "HTTPS://a:1", "https://ä:1",
      "https://" + String(repeating: "a", count: 254) + ":1",
    ] {
      #expect(throws: ProfileMistake.address, "\(text)") { try GatewayAddress(text) }
    }
    for name in ["", "A", "1a", "-a", "a/b", "a.", "ä", String(repeating: "a", count: 33)] {
      #expect(!Profile.isName(name), "\(name)")
    }
  }

  @Test(.tags(.`SEC-434`))
  func `SEC-434 twenty thousand spoiled files of profiles are read or refused`() {
    var refused = 0
    mutations(of: Self.good, count: 20_000, seed: 5) { bytes in
      do throws(ProfileMistake) { _ = try ProfileBook(bytes) } catch { refused += 1 }
    }
    #expect(refused > 10_000)
  }
}
