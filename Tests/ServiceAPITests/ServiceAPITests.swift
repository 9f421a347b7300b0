// SPDX-License-Identifier: Apache-2.0

import Domain
import ServiceAPI
import Testing
import Units

extension Tag {
  @Tag static var `SEC-331`: Self
  @Tag static var `SEC-007`: Self
  @Tag static var `SEC-372`: Self
  @Tag static var `SEC-391`: Self
  @Tag static var `SEC-424`: Self
}

private let session = String(repeating: "0a", count: 32)
private let draft = PrescriptionDraft(
  drug: DrugName("Specimen") ?? DrugName(), syringe: .mL50, rate: .mLPerHour(5),
  vtbi: .millilitres(10))

private let nodes = [
  NetworkNode(name: "node.test", mayPropose: false), NetworkNode(name: "n", mayPropose: true),
]

private let requests: [ServiceRequest] = [
  .setup, .commission(code: "ABCDEFGHJK", login: "ada", Credential(secret: "a\"\\\u{1}ä")),
  .signIn(login: "ada", Credential(secret: "739154", badge: "01ff")),
  .badgeSignIn(Credential(secret: "739154", badge: "104")), .panel, .emergencyUsed(3),
  .agreeUpdate(session: session, image: "00"), .agreeUpdate(session: nil, image: ""),
  .stepUp(session: session, Credential(secret: "x")), .signOut(session: session),
  .whoAmI(session: session), .may(action: "calibrate", session: nil),
  .may(action: "stop", session: session), .people(session: session, from: 7),
  .addPerson(session: session, login: "bob", role: "clinician"),
  .setPerson(session: session, person: 3, role: "auditor", active: false),
  .resetPerson(session: session, person: 3),
  .setSecret(login: "bob", code: "ABCDEFGHJK", Credential(secret: "739154", badge: "01")),
  .requestCertificate(session: session, name: "pump.test"), .network(session: session),
  .leaveNetwork(session: session), .proposals(session: session),
  .takeProposal(session: session, proposal: 3, number: 9),
  .dropProposal(session: session, proposal: 3),
  .setNetwork(session: session, NetworkChange(list: "b\n", nodes: nodes)),
  .setNetwork(
    session: session, NetworkChange(certificate: "c", authority: "a", list: "l", nodes: [])),
  .command(.program, number: 1, draft: draft, session: session, emergency: false),
  .command(.stop, number: .max, draft: nil, session: nil, emergency: true),
]

private let person = PersonView(number: 1, login: "ada", role: "administrator", active: true)

private let answers: [ServiceAnswer] = [
  .done, .setup(hasPeople: true, isReady: false), .session(session, person: person),
  .person(person, steppedUp: true), .people([person, person], more: true), .people([], more: false),
  .code("ABCDEFGHJK", person: 2), .requirement("two persons"), .passedOn(number: 9),
  .panel(PanelNews(hasPeople: true, code: "ABCDE23456", proposals: 16, refused: 3, reason: .busy)),
  .panel(PanelNews(hasPeople: false)), .certificateRequest("-----BEGIN\n"), .proposals([]),
  .proposals(proposals),
  .network(NetworkView(certificateUntil: nil, listUntil: nil, nodes: [])),
  .network(NetworkView(certificateUntil: 1, listUntil: 2, nodes: nodes)),
]

private let proposals = [
  ProposalView(number: 3, from: "n", secondsLeft: 899, draft: draft),
  ProposalView(number: 4, from: "n", by: "ada", secondsLeft: 0, draft: draft),
]

private let peer = NetworkPeer(node: "node.test", certificate: [UInt8](repeating: 3, count: 32))

private let token = [UInt8](repeating: 9, count: 32)

private let intakeRequests: [IntakeRequest] = [
  .permit(IntakePermit(number: .max, token: token, length: 0, node: "n", key: "k\"")),
  .upload(token: token), .standing, .configuration, .library(from: 7), .history(.firmware),
  .history(.drugLibrary), .history(.configuration),
]

private let release = ReleaseView(version: "2.0", release: 7, security: 0, sha256: token)

private let intakeAnswers: [IntakeAnswer] =
  [
    .permitted, .go, .intake(IntakeView()),
    .intake(
      IntakeView(
        state: .taken, number: 3, length: 9, received: 9, kind: .drugLibrary, version: "2.0")),
    .intake(IntakeView(state: .refused, number: 3, length: 9, received: 2, reason: "interrupted")),
    .history([]),
    .history([
      HistoryItem(version: "-", outcome: "refused", code: "expired", reason: "expired \"\u{1}ä")
    ]),
    .configuration(
      ConfigurationView(firmware: nil, drugLibrary: nil, configuration: nil, site: nil)),
    .configuration(
      ConfigurationView(
        firmware: ShelfView(phase: "staged", active: release, candidate: release),
        drugLibrary: ShelfView(phase: "idle", active: nil, candidate: nil),
        configuration: ShelfView(phase: "idle", active: release, candidate: nil),
        site: ConfigurationView.Site(name: "Example", threshold: 2, approvers: 3))),
    .library(
      LibraryPage(
        name: "L", version: "1", sha256: token,
        entries: [
          LibraryPage.Entry(careArea: "ICU", drug: "D", rate: [1, 2, 3, 4], vtbi: nil),
          LibraryPage.Entry(careArea: "ICU", drug: "E", rate: [1, 2, 3, 4], vtbi: [0, 0, 0, 1]),
        ], next: 2)),
  ] + IntakeRefusal.allCases.map { .refused($0) }

private let networkRequests: [NetworkRequest] = [
  .proposals(node: "n"), .proposal(node: "n", number: 3),
  .withdraw(peer, session: nil, number: 3), .withdraw(peer, session: session, number: 1 << 40),
  .propose(peer, key: "key-1", session: nil, draft),
  .propose(peer, key: "key-1", session: session, draft),
  .person(peer, .signIn(login: "ada", Credential(secret: "correct horse battery"))),
  .person(peer, .people(session: session, from: 1)),
  .report([.node("node.test", opened: 1, closed: 0)]),
  .report(DoorRefusal.allCases.map { .refused($0, count: 9, address: "192.0.2.1") }),
  .audit(peer, session: session, .checkpoint), .audit(peer, session: session, .records(from: 0)),
  .audit(peer, session: session, .proof(index: 7)), .audit(peer, session: session, .export),
  .audit(peer, session: session, .consistency(from: 7)),
  .audit(peer, session: session, .piece(file: 2, offset: 7_168)),
  .upload(peer, session: session, key: "key-1", length: 268_435_456),
  .standing, .sign([]), .sign([0, 1, 0xFF]), .sign([UInt8](repeating: 7, count: 256)),
]

private let states: [ProposalState] =
  [.waits, .taken, .dropped, .withdrawn, .lapsed] + Refusal.allCases.map { .refused($0) }

private let networkAnswers: [NetworkAnswer] =
  states.map { .proposalStanding(ProposalStanding(proposal: proposals[1], state: $0)) } + [
    .withdrawn,
    .proposal(number: 3, isNew: true), .proposals([]), .proposals(proposals),
    .permit(token: token), .intake(IntakeView()), .noted, .audit(.text("a\nb \u{2014}\n")),
    .audit(.records([#"{"a":"\"b"}"#, "{}"], next: 9)),
    .audit(.records([], next: nil)), .audit(.export(size: 7)), .audit(.nothing),
    .audit(
      .consistency(
        AuditConsistency(
          from: 1, size: 2, hashes: [[UInt8](repeating: 9, count: 32)], checkpoint: "c\n"))),
    .audit(.piece(path: "tile/0/000", length: 9, bytes: [UInt8](repeating: 7, count: 7_168))),
    .audit(.refused(ServiceRefusal(.needsStepUp))),
    .person(.people([person, person], more: true)), .person(.proposals(proposals)),
    .none, .signature([1, 2]), .refused(ServiceRefusal(.unavailable)),
    .standing(NetworkStanding(certificate: "c\n", authority: "a", list: "", nodes: nodes)),
  ]

@Suite struct `The messages of the service` {
  @Test func `each request and answer is read back as it was`() throws {
    for request in requests { #expect(try ServiceRequest(request.bytes) == request) }
    for answer in answers { #expect(try ServiceAnswer(answer.bytes) == answer) }
    for request in networkRequests { #expect(try NetworkRequest(request.bytes) == request) }
    for answer in networkAnswers { #expect(try NetworkAnswer(answer.bytes) == answer) }
    for request in intakeRequests { #expect(try IntakeRequest(request.bytes) == request) }
    for answer in intakeAnswers { #expect(try IntakeAnswer(answer.bytes) == answer) }
    for reason in ServiceRefusal.Reason.allCases {
      let plain = ServiceAnswer.refused(ServiceRefusal(reason))
      let full = ServiceAnswer.refused(ServiceRefusal(reason, milliseconds: 5, detail: "why"))
      #expect(try ServiceAnswer(plain.bytes) == plain)
      #expect(try ServiceAnswer(full.bytes) == full)
    }
  }

  @Test(.tags(.`SEC-391`)) func `SEC-391 a packet with a PIN is the request that it stands for`()
    throws
  {
    let pin = Array("739154".utf8)
    #expect(
      try PINPacket.make(badge: "104", pin: pin).map { try ServiceRequest($0) }
        == .badgeSignIn(Credential(secret: "739154", badge: "104")))
    #expect(
      try PINPacket.make(badge: "104", session: session, pin: pin).map { try ServiceRequest($0) }
        == .stepUp(session: session, Credential(secret: "739154", badge: "104")))
    for wrong in ["73915", "7391547391547", "73915a", "73915*", "73915\""] {
      #expect(PINPacket.make(badge: "104", pin: Array(wrong.utf8)) == nil)
    }
    #expect(PINPacket.make(badge: "1*4", pin: pin) == nil)
  }

  @Test(
    .tags(.`SEC-331`),
    arguments: [
      "", "{}", "[]", "null", #"{"v":1}"#, #"{"v":2,"do":"setup"}"#, #"{"v":1,"do":"fly"}"#,
      #"{"v":1,"do":"setup","more":1}"#, #"{"v":1,"do":"setup","do":"setup"}"#,
      #"{"v":1,"do":"whoami"}"#, #"{"v":1,"do":"whoami","session":"00"}"#,
      #"{"v":1,"do":"whoami","session":7}"#, #"{"v":1,"do":"sign-in","login":"a"}"#,
      #"{"v":1,"do":"command","command":"heartbeat","number":1,"emergency":false}"#,
      #"{"v":1,"do":"command","command":"stop","number":0,"emergency":false}"#,
      #"{"v":1,"do":"command","command":"stop","number":4294967296,"emergency":false}"#,
      #"{"v":1,"do":"command","command":"stop","number":1}"#,
      #"{"v":1,"do":"command","command":"program","number":1,"emergency":false}"#,
      #"{"v":1,"do":"command","command":"stop","number":1,"emergency":false,"draft":{}}"#,
      #"{"v":1,"do":"setup"} x"#, #"{"v":1.0,"do":"setup"}"#,
    ])
  func `SEC-331 what is not exactly a request is refused with a reason`(text: String) {
    #expect(throws: NotUnderstood.self) { try ServiceRequest(Array(text.utf8)) }
  }

  @Test(
    .tags(.`SEC-331`),
    arguments: [
      ("\"syringe_mL\":50", "\"syringe_mL\":49"), ("\"drug\":\"Specimen\"", "\"drug\":\"ä\""),
      ("\"rate_nL_h\":5000000", "\"rate_nL_h\":-1"),
      ("\"rate_nL_h\":5000000", "\"rate_nL_h\":\"5\""),
      ("\"vtbi_nL\":10000000", "\"vtbi_nL\":1e7"), ("\"vtbi_nL\"", "\"vtbi_uL\""),
    ])
  func `SEC-331 an order with one wrong field is refused`(right: String, wrong: String) throws {
    let request = ServiceRequest.command(
      .program, number: 1, draft: draft, session: nil, emergency: false)
    let text = String(decoding: request.bytes, as: UTF8.self)
    let parts = text.split(separator: right, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    let changed = parts.joined(separator: wrong)
    #expect(throws: NotUnderstood.self) { try ServiceRequest(Array(changed.utf8)) }
  }

  @Test(
    .tags(.`SEC-372`),
    arguments: [
      "", "{}", #"{"v":1}"#, #"{"v":2,"do":"standing"}"#, #"{"v":1,"do":"setup"}"#,
      #"{"v":1,"do":"standing","more":1}"#, #"{"v":1,"do":"sign"}"#,
      #"{"v":1,"do":"sign","content":7}"#, #"{"v":1,"do":"sign","content":"0"}"#,
      #"{"v":1,"do":"sign","content":"0g"}"#, #"{"v":1,"do":"sign","content":"٠٠"}"#,
      #"{"v":1,"do":"command","command":"start","number":1,"emergency":true}"#,
      #"{"v":1,"do":"proposal","node":"n"}"#, #"{"v":1,"do":"proposal","number":1}"#,
      #"{"v":1,"do":"proposal","node":"n","number":-1}"#,
      #"{"v":1,"do":"proposal","node":"n","number":"1"}"#,
      #"{"v":1,"do":"proposal","node":"n","number":1,"session":"00"}"#,
      #"{"v":1,"do":"withdraw","node":"n","number":1}"#,
    ])
  func `SEC-372 what is not exactly a request of the gateway is refused`(text: String) {
    #expect(throws: NotUnderstood.self) { try NetworkRequest(Array(text.utf8)) }
  }

  @Test(
    .tags(.`SEC-372`),
    arguments: [
      ("\"state\":\"refused\"", "\"state\":\"taken\""),
      ("\"state\":\"refused\"", "\"state\":\"gone\""),
      ("\"reason\":\"doorOpen\"", "\"reason\":null"),
      ("\"reason\":\"doorOpen\"", "\"reason\":\"door\""),
      ("\"reason\":\"doorOpen\"", "\"reason\":10"), ("\"reason\":\"doorOpen\",", ""),
      ("\"seconds_left\":0", "\"seconds_left\":0,\"more\":1"),
    ])
  func `SEC-372 a state and a reason that do not fit are refused`(right: String, wrong: String)
    throws
  {
    let answer = NetworkAnswer.proposalStanding(
      ProposalStanding(proposal: proposals[1], state: .refused(.doorOpen)))
    let text = String(decoding: answer.bytes, as: UTF8.self)
    let parts = text.split(separator: right, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    #expect(throws: NotUnderstood.self) {
      try NetworkAnswer(Array(parts.joined(separator: wrong).utf8))
    }
  }

  @Test(
    .tags(.`SEC-424`),
    arguments: [
      "", "{}", "[]", #"{"v":1}"#, #"{"v":2,"do":"standing"}"#, #"{"v":1,"do":"install"}"#,
      #"{"v":1,"do":"standing","more":1}"#, #"{"v":1,"do":"upload"}"#,
      #"{"v":1,"do":"upload","token":"09"}"#, #"{"v":1,"do":"history","kind":"drugLibrary"}"#,
      #"{"v":1,"do":"library","from":-1}"#, #"{"v":1,"do":"library","from":1.0}"#,
    ])
  func `SEC-424 what is not exactly a request at the intake is refused`(text: String) {
    #expect(throws: NotUnderstood.self) { try IntakeRequest(Array(text.utf8)) }
  }

  @Test(
    .tags(.`SEC-424`),
    arguments: [
      ("\"number\":7", "\"number\":0"), ("\"number\":7", "\"number\":4294967296"),
      ("\"length\":268435456", "\"length\":268435457"),
      ("\"length\":268435456", "\"length\":-1"),
      ("\"key\":\"k\"", "\"key\":\"\(String(repeating: "k", count: 65))\""),
      ("\"token\":\"09", "\"token\":\"0g"), ("\"token\":\"09", "\"token\":\""),
    ])
  func `SEC-424 a permit with one wrong field is refused`(right: String, wrong: String) throws {
    let permit = IntakeRequest.permit(
      IntakePermit(number: 7, token: token, length: IntakePermit.largest, node: "n", key: "k"))
    let text = String(decoding: permit.bytes, as: UTF8.self)
    let parts = text.split(separator: right, omittingEmptySubsequences: false)
    try #require(parts.count == 2)
    #expect(throws: NotUnderstood.self) {
      try IntakeRequest(Array(parts.joined(separator: wrong).utf8))
    }
  }

  @Test(.tags(.`SEC-372`))
  func `SEC-372 a name of a node is a DNS name in lower case`() {
    for name in ["n", "node.test", "a-b.c1", "1", String(repeating: "a", count: 64)] {
      #expect(NetworkNode.isName(name))
    }
    for name in [
      "", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "A", "*.a", "ä", "a b", "a\n",
      String(repeating: "a", count: 65),
    ] {
      #expect(!NetworkNode.isName(name))
    }
  }

  // Cut, flipped, repeated and chance bytes: a value or a reason, and a value says itself again.
  @Test(.tags(.`SEC-007`, .`SEC-424`))
  func `SEC-007 SEC-424 any bytes give a message or a refusal`() {
    var chance = SystemRandomNumberGenerator()
    for round in 0..<60_000 {
      var bytes =
        switch round % 6 {
        case 0: requests[round / 6 % requests.count].bytes
        case 1: answers[round / 6 % answers.count].bytes
        case 2: networkRequests[round / 6 % networkRequests.count].bytes
        case 3: intakeRequests[round / 6 % intakeRequests.count].bytes
        case 4: intakeAnswers[round / 6 % intakeAnswers.count].bytes
        default: networkAnswers[round / 6 % networkAnswers.count].bytes
        }
      for _ in 0..<Int.random(in: 0...4, using: &chance) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &chance)
        switch Int.random(in: 0..<4, using: &chance) {
        case 0: bytes.removeSubrange(place...)
        case 1: bytes[place] = UInt8.random(in: 0...255, using: &chance)
        case 2: bytes.insert(bytes[place], at: place)
        default: bytes += bytes[place...]
        }
      }
      if let request = try? ServiceRequest(bytes) {
        #expect((try? ServiceRequest(request.bytes)) == request)
      }
      if let answer = try? ServiceAnswer(bytes) {
        #expect((try? ServiceAnswer(answer.bytes)) == answer)
      }
      if let request = try? NetworkRequest(bytes) {
        #expect((try? NetworkRequest(request.bytes)) == request)
      }
      if let request = try? IntakeRequest(bytes) {
        #expect((try? IntakeRequest(request.bytes)) == request)
      }
      if let answer = try? IntakeAnswer(bytes) {
        #expect((try? IntakeAnswer(answer.bytes)) == answer)
      }
      if let answer = try? NetworkAnswer(bytes) {
        #expect((try? NetworkAnswer(answer.bytes)) == answer)
      }
    }
  }
}
