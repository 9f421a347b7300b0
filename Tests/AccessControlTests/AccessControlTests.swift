// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import KeyStore
import SimulatedDisk
import Synchronization
import Testing
import Units

@testable import AccessControl

/// People in memory; can be told to fail.
private final class Records: PersonRecords {
  let people = Mutex<[PersonID: [UInt8]]>([:])
  let isBroken = Mutex(false)

  func all() throws(RecordsError) -> [(PersonID, [UInt8])] {
    if isBroken.withLock({ $0 }) { throw RecordsError() }
    return people.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
  }

  func put(_ bytes: [UInt8], _ id: PersonID) throws(RecordsError) {
    if isBroken.withLock({ $0 }) { throw RecordsError() }
    people.withLock { $0[id] = bytes }
  }
}

private let password = Secret.password("correct horse battery")
private let pin = Secret.pin("739154", badge: [1, 2, 3, 4])

/// A pump with an administrator who has just stepped up, at time 0.
private struct Pump {
  let records = Records()
  let keys: any KeySource
  var access: AccessControl
  var administrator: SessionToken
  let cost: Argon2id.Cost

  init() throws {
    let disk = SimulatedDisk()
    keys = try KeyStore(
      root: SimulatedRoot(disk.root.folder("root")), folder: disk.root.folder("keys"))
    cost = try #require(Argon2id.Cost(passes: 1, memory: 64))
    access = try AccessControl(records: records, keys: keys, cost: cost, at: .zero)
    let code = try #require(try access.commissioningCode(at: .zero))
    _ = try access.commission(code: code, login: "root-person", secret: password, at: .zero)
    administrator = try access.stepUp(
      access.signIn("root-person", password, at: .zero), password, at: .zero)
  }

  func add(_ login: String, _ role: Role, _ secret: Secret = pin) throws -> PersonID {
    let (id, code) = try access.addPerson(
      login: login, role: role, by: administrator, in: .standby, at: .zero)
    try access.finishReset(login: login, code: code, secret: secret, at: .zero)
    return id
  }

  func restarted(at now: Instant) throws -> AccessControl {
    try AccessControl(records: records, keys: keys, cost: cost, at: now)
  }
}

extension Instant {
  fileprivate static var zero: Instant { .nanoseconds(0) }
  fileprivate static func at(_ seconds: Int64) -> Instant { zero + .seconds(seconds) }
}

@Suite struct `The access control` {
  @Test
  func `a new pump has no account, and its code makes one administrator once`() throws {
    let disk = SimulatedDisk()
    let keys = try KeyStore(
      root: SimulatedRoot(disk.root.folder("root")), folder: disk.root.folder("keys"))
    let records = Records()
    let access = try AccessControl(records: records, keys: keys, at: .zero)
    #expect(access.people() == [])
    let code = try #require(try access.commissioningCode(at: .zero))
    #expect(code.utf8.count == 10)
    #expect(try access.commissioningCode(at: .zero) == code)
    #expect(throws: Refusal.wrongCode) {
      try access.commission(code: "AAAAAAAAAA", login: "a", secret: password, at: .zero)
    }
    _ = try access.commission(code: code, login: "a", secret: password, at: .zero)
    #expect(try access.commissioningCode(at: .zero) == nil)
    #expect(throws: Refusal.wrongCode) {
      try access.commission(code: code, login: "b", secret: password, at: .zero)
    }
    #expect(access.people().map(\.role) == [.administrator])
  }

  @Test func `ten wrong codes make it void, and so does a day`() throws {
    let disk = SimulatedDisk()
    let keys = try KeyStore(
      root: SimulatedRoot(disk.root.folder("root")), folder: disk.root.folder("keys"))
    let access = try AccessControl(records: Records(), keys: keys, at: .zero)
    let code = try #require(try access.commissioningCode(at: .zero))
    for _ in 0..<10 {
      #expect(throws: Refusal.wrongCode) {
        try access.commission(code: "AAAAAAAAAA", login: "a", secret: password, at: .zero)
      }
    }
    #expect(throws: Refusal.wrongCode) {
      try access.commission(code: code, login: "a", secret: password, at: .zero)
    }
    let next = try #require(try access.commissioningCode(at: .zero))
    #expect(next != code)
    #expect(try access.commissioningCode(at: .at(86_400)) != next)
  }

  @Test func `a person signs in with their own secret and badge, and no other`() throws {
    let pump = try Pump()
    let nurse = try pump.add("nurse", .clinician)
    let token = try pump.access.signIn("nurse", pin, at: .zero)
    let grant = try pump.access.authorize(.program, token, in: .standby, at: .zero)
    #expect(grant.person == nurse && grant.role == .clinician && !grant.isEmergency)
    for wrong in [
      Secret.pin("739155", badge: [1, 2, 3, 4]), .pin("739154", badge: [1, 2, 3, 5]),
      .password("739154"),
    ] {
      #expect(throws: Refusal.wrongSecret) { try pump.access.signIn("nurse", wrong, at: .zero) }
    }
    #expect(throws: Refusal.notPermitted) {
      try pump.access.authorize(.calibrate, token, in: .standby, at: .zero)
    }
    #expect(throws: Refusal.notSignedIn) {
      try pump.access.authorize(.program, nil, in: .standby, at: .zero)
    }
    #expect(throws: Refusal.notSignedIn) {
      try pump.access.authorize(
        .program, SessionToken([UInt8](repeating: 0, count: 32)), in: .standby, at: .zero)
    }
    pump.access.signOut(token, at: .zero)
    #expect(throws: Refusal.notSignedIn) {
      try pump.access.authorize(.program, token, in: .standby, at: .zero)
    }
  }

  @Test(.tags(.`SEC-332`))
  func `SEC-332 a flood of other logins makes no failure of a person forgotten`() {
    var throttle = Throttle()
    for _ in 0..<13 { _ = throttle.fail("nurse", isKnown: true, at: .zero) }
    let wait = throttle.wait("nurse", at: .zero)
    #expect(wait == Throttle.longest)
    for number in 0..<Throttle.capacity + 20 {
      _ = throttle.fail("nobody-\(number)", isKnown: false, at: .zero)
    }
    #expect(throttle.wait("nurse", at: .zero) == wait)
    #expect(throttle.fail("nurse", isKnown: true, at: .zero) == 14)
  }

  @Test(.tags(.`SEC-013`))
  func
    `SEC-013 guessing is slowed to 96 tries a day, known and unknown alike, and nothing else with it`()
    throws
  {
    let pump = try Pump()
    _ = try pump.add("nurse", .clinician)
    for login in ["nurse", "nobody"] {
      var tried = 0, refused = 0
      var now = Instant.zero
      let end = Instant.at(86_400)
      var next: Interval = .zero
      while now < end {
        do {
          _ = try pump.access.signIn(login, .pin("000001", badge: [1, 2, 3, 4]), at: now)
          Issue.record("a wrong PIN was taken")
        } catch Refusal.wrongSecret {
          tried += 1
          next = .nanoseconds(1)
        } catch Refusal.wait(let wait) {
          refused += 1
          next = wait
          // A hurried guesser is told the same and costs nothing.
          #expect(throws: Refusal.wait(wait)) { try pump.access.signIn(login, pin, at: now) }
        }
        now = now + next
        // Care goes on.
        for action in [Action.stop, .silence, .emergencyStart] {
          _ = try pump.access.authorize(action, nil, in: .therapy, at: now)
        }
      }
      // 3 free, 10 that double from 1 s to 512 s, then one each 15 min.
      #expect((95...110).contains(tried), "\(login): \(tried)")
      #expect(refused >= tried - 4)
    }
    // After the wait the right one is taken: nobody is locked out.
    _ = try pump.access.signIn("nurse", pin, at: .at(86_400 + 900))
  }

  @Test(.tags(.`SEC-013`)) func `SEC-013 a restart forgets no failure`() throws {
    let pump = try Pump()
    _ = try pump.add("nurse", .clinician)
    for second in [0, 0, 0, 10] {
      #expect(throws: Refusal.wrongSecret) {
        try pump.access.signIn("nurse", .pin("000001", badge: []), at: .at(Int64(second)))
      }
    }
    let access = try pump.restarted(at: .at(20))
    #expect(throws: Refusal.wait(.seconds(2))) { try access.signIn("nurse", pin, at: .at(20)) }
    _ = try access.signIn("nurse", pin, at: .at(22))
    // The right one resets the count, in the records too.
    _ = try pump.restarted(at: .at(23)).signIn("nurse", pin, at: .at(23))
  }

  @Test(.tags(.`SEC-404`))
  func
    `SEC-404 a session of the network counts with the certificate it was begun with, and nowhere else`()
    throws
  {
    let pump = try Pump()
    _ = try pump.add("nurse", .clinician)
    let own = SessionWay.network(certificate: [1])
    let ways: [SessionWay] = [.pump, own, .network(certificate: [2]), .network(certificate: [])]
    for way in ways {
      let token = try pump.access.signIn("nurse", pin, via: way, at: .zero)
      for other in ways {
        let presented = SessionToken(token.bytes, via: other)
        #expect(((try? pump.access.session(presented, at: .zero)) != nil) == (other == way))
        guard other != way else { continue }
        #expect(throws: Refusal.notSignedIn) { try pump.access.stepUp(presented, pin, at: .zero) }
        #expect(pump.access.signOut(presented, at: .zero) == nil)
      }
    }
    // A step-up stays on its way; what ends the pump's place on the network ends them all there.
    let here = try pump.access.signIn("nurse", pin, at: .zero)
    let there = try pump.access.stepUp(
      pump.access.signIn("nurse", pin, via: own, at: .zero), pin, at: .zero)
    #expect(there.way == own)
    #expect(pump.access.logOffNetwork().map(\.login) == ["nurse", "nurse", "nurse", "nurse"])
    #expect(throws: Refusal.notSignedIn) { try pump.access.session(there, at: .zero) }
    #expect(try pump.access.session(here, at: .zero).person.login == "nurse")
    #expect(pump.access.logOffNetwork().isEmpty)
  }

  @Test(.tags(.`SEC-405`))
  func
    `SEC-405 what is tried over the network makes nobody wait at the pump and ends no session there`()
    throws
  {
    let pump = try Pump()
    _ = try pump.add("nurse", .clinician)
    let wrong = Secret.pin("000001", badge: [])
    func guess(_ way: SessionWay, at now: Instant) {
      _ = try? pump.access.signIn("nurse", wrong, via: way, at: now)
    }
    // Each with another certificate: they are counted together.
    for count in 0..<5 { guess(.network(certificate: [UInt8(count)]), at: .at(Int64(10 * count))) }
    let way = SessionWay.network(certificate: [9])
    #expect(throws: Refusal.wait(.seconds(4))) {
      try pump.access.signIn("nurse", pin, via: way, at: .at(40))
    }
    #expect(pump.access.wait(for: "nurse", via: way, at: .at(40)) == .seconds(4))
    let here = try pump.access.signIn("nurse", pin, at: .at(40))
    // The right one at the pump takes back nothing that was guessed on the network, before and after a restart.
    for access in [pump.access, try pump.restarted(at: .at(40))] {
      #expect(access.wait(for: "nurse", via: way, at: .at(40)) == .seconds(4))
      #expect(access.wait(for: "nurse", at: .at(40)) == .zero)
    }
    // And the other way round.
    for _ in 0..<4 { guess(.pump, at: .at(50)) }
    #expect(pump.access.wait(for: "nurse", at: .at(50)) == .seconds(1))
    _ = try pump.access.signIn("nurse", pin, via: way, at: .at(50))
    #expect(try pump.restarted(at: .at(50)).wait(for: "nurse", at: .at(50)) == .seconds(1))
    // More sessions of the network than there is room for: none of the pump's ends.
    for _ in 0..<40 { _ = try pump.access.signIn("nurse", pin, via: way, at: .at(60)) }
    #expect(try pump.access.session(here, at: .at(61)).person.login == "nurse")
    #expect(pump.access.logOffNetwork().count == 32)
  }

  @Test(.tags(.`SEC-013`))
  func `SEC-013 an unknown login gives the same work and the same refusal`() throws {
    let pump = try Pump()
    _ = try pump.add("nurse", .clinician)
    let before = pump.records.people.withLock { $0[PersonID(rawValue: 0)] }
    #expect(throws: Refusal.wrongSecret) { try pump.access.signIn("nobody", pin, at: .zero) }
    #expect(pump.records.people.withLock { $0[PersonID(rawValue: 0)] } != before)
    #expect(throws: Refusal.wrongCode) {
      try pump.access.finishReset(login: "nobody", code: "A", secret: pin, at: .zero)
    }
    #expect(throws: Refusal.wrongCode) {
      try pump.access.finishReset(login: "nurse", code: "A", secret: pin, at: .zero)
    }
  }

  @Test func `a session ends when idle and at the latest after twelve hours`() throws {
    let pump = try Pump()
    _ = try pump.add("nurse", .clinician)
    let token = try pump.access.signIn("nurse", pin, at: .zero)
    _ = try pump.access.authorize(.program, token, in: .therapy, at: .at(299))
    _ = try pump.access.authorize(.program, token, in: .therapy, at: .at(598))
    #expect(throws: Refusal.notSignedIn) {
      try pump.access.authorize(.program, token, in: .therapy, at: .at(898))
    }
    let busy = try pump.access.signIn("nurse", pin, at: .at(1_000))
    var now: Int64 = 1_000
    while now + 290 < 1_000 + 43_200 {
      now += 290
      _ = try pump.access.authorize(.program, busy, in: .therapy, at: .at(now))
    }
    #expect(throws: Refusal.notSignedIn) {
      try pump.access.authorize(.program, busy, in: .therapy, at: .at(1_000 + 43_200))
    }
    // Nothing of it touches what needs nobody.
    for action in [Action.viewStatus, .stop, .silence, .pause] {
      _ = try pump.access.authorize(action, busy, in: .therapy, at: .at(now + 10_000))
    }
  }

  @Test(.tags(.`SEC-016`)) func `SEC-016 sensitive actions ask again, and the token changes`()
    throws
  {
    let pump = try Pump()
    _ = try pump.add("tech", .service)
    let token = try pump.access.signIn("tech", pin, at: .zero)
    #expect(throws: Refusal.needsStepUp) {
      try pump.access.authorize(.calibrate, token, in: .standby, at: .zero)
    }
    let fresh = try pump.access.stepUp(token, pin, at: .at(1))
    #expect(fresh != token)
    _ = try pump.access.authorize(.calibrate, fresh, in: .standby, at: .at(120))
    #expect(throws: Refusal.needsStepUp) {
      try pump.access.authorize(.calibrate, fresh, in: .standby, at: .at(121))
    }
    #expect(throws: Refusal.notSignedIn) {
      try pump.access.authorize(.backup, token, in: .standby, at: .at(2))
    }
    #expect(throws: Refusal.notPermitted) {
      try pump.access.authorize(.calibrate, fresh, in: .therapy, at: .at(2))
    }
  }

  @Test(.tags(.`SEC-016`))
  func `SEC-016 release takes two distinct persons who mean the same, and not the author`() throws {
    let pump = try Pump()
    let author = try pump.add("author", .pharmacist, password)
    let (one, two) = try (
      pump.add("one", .pharmacist, password), pump.add("two", .pharmacist, password)
    )
    func token(_ login: String, at now: Instant) throws -> SessionToken {
      try pump.access.stepUp(pump.access.signIn(login, password, at: now), password, at: now)
    }
    func release(_ login: String, _ subject: [UInt8], at now: Instant = .zero) throws -> Grant {
      try pump.access.authorize(
        .releaseLibrary, token(login, at: now), in: .standby, subject: subject, author: author,
        at: now)
    }
    #expect(throws: Refusal.needsSecondPerson) { try release("one", [1]) }
    // The same person in another session is still one person.
    #expect(throws: Refusal.needsSecondPerson) { try release("one", [1]) }
    #expect(throws: Refusal.notPermitted) { try release("author", [1]) }
    #expect(throws: Refusal.needsSecondPerson) { try release("two", [2]) }
    let grant = try release("two", [1])
    #expect(grant.person == two && grant.first == one)
    // The consent was used up.
    #expect(throws: Refusal.needsSecondPerson) { try release("two", [1]) }
    // And it ends by itself.
    #expect(throws: Refusal.needsSecondPerson) { try release("one", [1], at: .at(28_801)) }
  }

  @Test(.tags(.`SEC-013`))
  func `SEC-013 break-glass works with every record broken, and says what it is`() throws {
    let pump = try Pump()
    pump.records.isBroken.withLock { $0 = true }
    #expect(throws: Refusal.unavailable) { try pump.access.signIn("nobody", pin, at: .zero) }
    #expect(throws: Refusal.unavailable) { _ = try pump.restarted(at: .zero) }
    let grant = try pump.access.authorize(.emergencyStart, nil, in: .standby, at: .zero)
    #expect(grant.isEmergency && grant.person == nil)
    for action in [Action.stop, .pause, .silence] {
      #expect(try !pump.access.authorize(action, nil, in: .therapy, at: .zero).isEmergency)
    }
    #expect(throws: Refusal.notSignedIn) {
      try pump.access.authorize(.emergencyStart, nil, in: .fault, at: .zero)
    }
  }

  @Test func `a change of role works at once, and there is always an administrator`() throws {
    let pump = try Pump()
    let nurse = try pump.add("nurse", .clinician)
    let token = try pump.access.signIn("nurse", pin, at: .zero)
    try pump.access.setPerson(
      nurse, role: .auditor, isActive: true, by: pump.administrator, in: .standby, at: .zero)
    #expect(throws: Refusal.notSignedIn) {
      try pump.access.authorize(.program, token, in: .standby, at: .zero)
    }
    let next = try pump.access.signIn("nurse", pin, at: .zero)
    #expect(throws: Refusal.notPermitted) {
      try pump.access.authorize(.program, next, in: .standby, at: .zero)
    }
    try pump.access.setPerson(
      nurse, role: .auditor, isActive: false, by: pump.administrator, in: .standby, at: .zero)
    #expect(throws: Refusal.wrongSecret) { try pump.access.signIn("nurse", pin, at: .zero) }
    #expect(throws: Refusal.lastAdministrator) {
      try pump.access.setPerson(
        PersonID(rawValue: 1), role: .auditor, isActive: true, by: pump.administrator, in: .standby,
        at: .zero)
    }
    #expect(throws: Refusal.loginTaken) {
      _ = try pump.access.addPerson(
        login: "nurse", role: .service, by: pump.administrator, in: .standby, at: .zero)
    }
    #expect(throws: Refusal.notALogin) {
      _ = try pump.access.addPerson(
        login: "a b", role: .service, by: pump.administrator, in: .standby, at: .zero)
    }
  }

  @Test(.tags(.`SEC-017`))
  func `SEC-017 equal secrets have different verifiers, useless without the pepper`() throws {
    let pump = try Pump()
    _ = try pump.add("one", .clinician, password)
    _ = try pump.add("two", .clinician, password)
    let stored = pump.records.people.withLock { $0 }
    func person(_ number: Int64) throws -> Person {
      let id = PersonID(rawValue: number)
      let bytes = try #require(stored[id])
      return try #require(Person(id: id, bytes))
    }
    let (one, two) = try (person(2), person(3))
    #expect(one.verifier.hash != two.verifier.hash && one.verifier.salt != two.verifier.salt)
    // Another pump's pepper does not open them.
    let other = try Pump()
    other.records.people.withLock { $0 = stored }
    let stolen = try other.restarted(at: .zero)
    #expect(throws: Refusal.wrongSecret) { try stolen.signIn("one", password, at: .zero) }
    #expect(Argon2id.Cost.standard == Argon2id.Cost(passes: 2, memory: 19_456))
  }

  @Test(.tags(.`SEC-017`))
  func `SEC-017 a stored cost that is no longer the standard is renewed at sign-in`() throws {
    let pump = try Pump()
    _ = try pump.add("one", .clinician)
    let dearer = try #require(Argon2id.Cost(passes: 2, memory: 64))
    let access = try AccessControl(
      records: pump.records, keys: pump.keys, cost: dearer, at: .zero)
    _ = try access.signIn("one", pin, at: .zero)
    #expect(access.people().first { $0.login == "one" }?.verifier.cost == dearer)
    _ = try access.signIn("one", pin, at: .zero)
  }

  @Test(.tags(.`SEC-017`)) func `SEC-017 at most one secret is checked at a time`() async throws {
    let disk = SimulatedDisk()
    let keys = try KeyStore(
      root: SimulatedRoot(disk.root.folder("root")), folder: disk.root.folder("keys"))
    let slow = try #require(Argon2id.Cost(passes: 4, memory: 65_536))
    let access = try AccessControl(records: Records(), keys: keys, cost: slow, at: .zero)
    let outcomes = await withTaskGroup(of: Refusal?.self) { group in
      for number in 0..<4 {
        group.addTask {
          do throws(Refusal) {
            _ = try access.signIn("person\(number)", pin, at: .zero)
            return nil
          } catch {
            return error
          }
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.allSatisfy { $0 == .busy || $0 == .wrongSecret })
    #expect(outcomes.contains(.wrongSecret))
  }

  @Test(.tags(.`SEC-390`))
  func `SEC-390 a badge finds its person, belongs to one, and outlives a restart`() throws {
    let pump = try Pump()
    let nurse = try pump.add("nurse", .clinician)
    #expect(throws: Refusal.badgeTaken) { try pump.add("other", .clinician) }
    let badge: [UInt8] = [1, 2, 3, 4]
    for access in [pump.access, try pump.restarted(at: .zero)] {
      let token = try access.signIn(badge: badge, pin: "739154", at: .zero)
      #expect(try access.session(token, at: .zero).person.id == nurse)
      for (badge, pin) in [(badge, "739155"), ([1, 2, 3], "739154"), ([], "739154")] {
        #expect(throws: Refusal.wrongSecret) {
          try access.signIn(badge: badge, pin: pin, at: .zero)
        }
      }
    }
    // Failures at a badge count at its person's login, and of nobody's badge at the badge alone.
    for _ in 0..<2 { _ = try? pump.access.signIn("nurse", .password("x"), at: .zero) }
    #expect(pump.access.wait(forBadge: badge, at: .zero) == .seconds(1))
    #expect(pump.access.wait(for: "nurse", at: .zero) == .seconds(1))
    for _ in 0..<3 { _ = try? pump.access.signIn(badge: [9], pin: "739155", at: .zero) }
    #expect(pump.access.wait(forBadge: [9], at: .zero) == .seconds(1))
    #expect(pump.access.wait(forBadge: [8], at: .zero) == .zero)
    #expect(pump.access.wait(for: "root-person", at: .zero) == .zero)
    // A password in the place of the PIN frees the badge.
    let code = try pump.access.startReset(
      of: nurse, by: pump.administrator, in: .standby, at: .zero)
    try pump.access.finishReset(login: "nurse", code: code, secret: password, at: .zero)
    #expect(pump.access.person(badge: badge) == nil)
  }

  @Test func `no changed, shortened or random record is taken for a person and none crashes`()
    throws
  {
    let pump = try Pump()
    let id = PersonID(rawValue: 1)
    _ = try pump.add("nurse", .clinician)
    for (number, login) in [(1, "root-person"), (2, "nurse")] as [(Int64, String)] {
      let bytes = try #require(pump.records.people.withLock { $0[PersonID(rawValue: number)] })
      #expect(Person(id: id, bytes)?.login == login)
      for index in bytes.indices {
        #expect(Person(id: id, Array(bytes[..<index])) == nil)
        for value in [0, 1, 2, 0x7f, 0xff] as [UInt8] {
          var changed = bytes
          changed[index] = value
          if let person = Person(id: id, changed) { #expect(person.encoded == changed) }
        }
      }
    }
    var seed: UInt64 = 7
    for _ in 0..<100_000 {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let garbage = (0..<Int(seed >> 57)).map { UInt8(truncatingIfNeeded: seed >> UInt64($0 % 56)) }
      if let person = Person(id: id, garbage) { #expect(person.encoded == garbage) }
    }
  }
}

@Suite struct `Secrets` {
  @Test func `length and blocklist decide, and no rule of composition`() throws {
    let cases: [(Secret, SecretFault?)] = [
      (.password("correct horse battery"), nil),
      (.password("ΟΥΤΙΣ ΕΜΟΙ Γ ΟΝΟΜΑ"), nil),
      (.password("fourteen chars"), .tooShort),
      (.password(String(repeating: "ab", count: 65)), .tooLong),
      (.password("aaaaaaaaaaaaaaaaaaaa"), .guessable),
      (.password("abcdefghijklmnopqrstuvwxyz"), .guessable),
      (.password("secretsecretsecret"), .guessable),
      (.password("1qaz2wsx3edc4rfv"), .guessable),
      (.password("QWERTYUIOP12345"), .guessable),
      (.password("my-nurse-joy-password"), .guessable),
      (.pin("739154", badge: [1]), nil),
      (.pin("73915", badge: [1]), .tooShort),
      (.pin("7391541234567", badge: [1]), .tooLong),
      (.pin("73915a", badge: [1]), .notDigits),
      (.pin("７３９１５４", badge: [1]), .notDigits),
      (.pin("123456", badge: [1]), .guessable),
      (.pin("987654", badge: [1]), .guessable),
      (.pin("111111", badge: [1]), .guessable),
      (.pin("121212", badge: [1]), .guessable),
      (.pin("147258", badge: [1]), .guessable),
    ]
    for (secret, fault) in cases {
      var found: SecretFault?
      do throws(SecretFault) { try secret.check(for: "nurse-joy") } catch { found = error }
      #expect(found == fault, "\(secret)")
    }
  }
}
