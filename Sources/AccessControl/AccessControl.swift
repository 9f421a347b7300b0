// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import KeyStore
import Synchronization
public import Units

/// Who may do what: people, their secrets, their sessions, and the one table of permissions.
///
/// **Care first.** Viewing, pausing, stopping, silencing and the emergency start need nobody signed in, and
/// nothing here can fail in a way that touches them.
///
/// **Costly work.** Checking a secret takes tens of milliseconds and 19 MiB. At most one is checked at a
/// time; a second is refused as ``Refusal/busy``. Call the methods that take a secret on a thread that
/// may take that long.
///
/// Time is the pump's monotonic clock, given by the caller.
public final class AccessControl: Sendable {
  fileprivate struct State {
    var people: [PersonID: Person] = [:]
    var throttle = Throttle()
    var sessions = Sessions()
    var commissioning: OneTimeCode?
    var resets: [PersonID: OneTimeCode] = [:]
    var firsts: [[UInt8]: (person: PersonID, at: Instant)] = [:]
    var unknownFailures: UInt64 = 0
  }

  /// How long a first person's consent waits for the second one.
  public static let consentLifetime = Interval.hours(8)
  /// People that a pump knows.
  public static let capacity = 1_000

  private let state = Mutex(State())
  private let hashing = Mutex(false)
  private let records: any PersonRecords
  private let keys: any KeySource
  private let cost: Argon2id.Cost
  private let times: SessionTimes

  /// Reads the people; without a readable record of them there is no access control.
  public init(
    records: any PersonRecords, keys: any KeySource, cost: Argon2id.Cost = .standard,
    times: SessionTimes = SessionTimes(), at now: Instant
  ) throws(Refusal) {
    self.records = records
    self.keys = keys
    self.cost = cost
    self.times = times
    do throws(RecordsError) {
      for (id, bytes) in try records.all() where id.rawValue > 0 {
        guard let person = Person(id: id, bytes) else { throw RecordsError() }
        state.withLock { state in
          state.people[id] = person
          state.throttle.restore(person.login, failures: person.failures, at: now)
        }
      }
    } catch {
      throw .unavailable
    }
  }

  // MARK: The first administrator

  // no account and no secret comes with the pump.
  /// The code that the panel shows while the pump has no administrator; nil once it has one.
  public func commissioningCode(at now: Instant) throws(Refusal) -> String? {
    try state.withLock { (state) throws(Refusal) in
      guard !state.hasAdministrator else { return nil }
      if state.commissioning?.isVoid(at: now) ?? true {
        state.commissioning = try available { () throws(CryptographyError) in
          try OneTimeCode(at: now)
        }
      }
      return state.commissioning?.text
    }
  }

  /// Makes the first administrator; works once, with the code on the panel.
  public func commission(
    code: String, login: String, secret: Secret, at now: Instant
  ) throws(Refusal) -> PersonID {
    try check(login, secret)
    try state.withLock { (state) throws(Refusal) in
      guard !state.hasAdministrator, state.commissioning?.matches(code, at: now) == true else {
        throw .wrongCode
      }
    }
    let verifier = try hashed { () throws(Refusal) in try self.verifier(secret) }
    return try state.withLock { (state) throws(Refusal) in
      guard !state.hasAdministrator else { throw .wrongCode }
      let id = try add(login, .administrator, verifier, badge: secret.badge, &state)
      state.commissioning = nil
      return id
    }
  }

  // MARK: Signing in

  // a person acts in their own name, with a secret of their own.
  /// Begins a session.
  ///
  /// The same work is done, and the same refusal given, for a login that does not exist. What it gives counts
  /// on the same way alone.
  public func signIn(
    _ login: String, _ secret: Secret, via way: SessionWay = .pump, at now: Instant
  ) throws(Refusal) -> SessionToken {
    guard Person.isLogin(login) else { throw .wrongSecret }
    return try begin(verify(login, secret, via: way, at: now), via: way, at: now)
  }

  // SEC-390: a badge and a PIN are a login and a secret; a badge of nobody costs and waits like a person's.
  /// Begins a session of the person whose badge this is, as ``signIn(_:_:at:)`` does.
  public func signIn(
    badge: [UInt8], pin: String, at now: Instant
  ) throws(Refusal) -> SessionToken {
    try begin(
      verify(name(of: badge), .pin(pin, badge: badge), via: .pump, at: now), via: .pump, at: now)
  }

  private func begin(
    _ person: PersonID, via way: SessionWay, at now: Instant, steppedUp: Instant? = nil
  ) throws(Refusal) -> SessionToken {
    try state.withLock { (state) throws(Refusal) in
      try available { () throws(CryptographyError) in
        try state.sessions.begin(person, via: way, at: now, steppedUp: steppedUp)
      }
    }
  }

  /// What a badge's failures are counted under: its person's login, or a name that no login can be.
  private func name(of badge: [UInt8]) -> String { person(badge: badge)?.login ?? "badge \(badge)" }

  /// Takes the secret again and gives a new token in the place of the old one.
  public func stepUp(
    _ token: SessionToken, _ secret: Secret, at now: Instant
  ) throws(Refusal) -> SessionToken {
    let login = try state.withLock { (state) throws(Refusal) in
      guard let session = state.sessions.use(token, at: now, times),
        let person = state.people[session.person], person.isActive
      else { throw .notSignedIn }
      return person.login
    }
    let id = try verify(login, secret, via: token.way, at: now)
    state.withLock { $0.sessions.end(token) }
    return try begin(id, via: token.way, at: now, steppedUp: now)
  }

  /// Ends the session, and says whose it was.
  @discardableResult
  public func signOut(_ token: SessionToken, at now: Instant) -> Person? {
    state.withLock { state in
      let session = state.sessions.use(token, at: now, times)
      state.sessions.end(token)
      return session.flatMap { state.people[$0.person] }
    }
  }

  /// Whose session this is, which by this is used, and whether their secret was just given again.
  public func session(
    _ token: SessionToken, at now: Instant
  ) throws(Refusal) -> (person: Person, steppedUp: Bool) {
    try state.withLock { (state) throws(Refusal) in
      guard let session = state.sessions.use(token, at: now, times),
        let person = state.people[session.person], person.isActive
      else { throw .notSignedIn }
      let steppedUp = session.steppedUp.map { now - $0 < times.stepUp } ?? false
      return (person, steppedUp)
    }
  }

  // SEC-015: log-off is a matter of this table; therapy, alarms and screens do not know of it.
  /// Ends the sessions whose time is over, and says whose they were, in ascending order.
  public func logOff(at now: Instant) -> [Person] {
    state.withLock { state in
      state.sessions.expire(at: now, times).compactMap { state.people[$0] }
    }
  }

  // SEC-404: what the sessions of nodes were bound to holds no more.
  /// Ends all sessions of the network, and says whose they were, in ascending order.
  public func logOffNetwork() -> [Person] {
    state.withLock { state in
      state.sessions.endAllOfNetwork().compactMap { state.people[$0] }
    }
  }

  /// How long this login has to wait on this way before a secret of its is looked at; zero means that it may try.
  public func wait(for login: String, via way: SessionWay = .pump, at now: Instant) -> Interval {
    state.withLock { $0.throttle.wait(login, via: way, at: now) }
  }

  /// How long this badge still has to wait.
  public func wait(forBadge badge: [UInt8], at now: Instant) -> Interval {
    wait(for: name(of: badge), at: now)
  }

  /// Whether the pump has an administrator, and so asks who somebody is.
  public var isCommissioned: Bool { state.withLock { $0.hasAdministrator } }

  // MARK: Deciding

  /// Allows the action or says what is missing; what is allowed is to be recorded by the caller.
  ///
  /// `subject` is what the action is about, for actions that take two persons: both must mean the same
  /// bytes. `author` cannot be either of them.
  public func authorize(
    _ action: Action, _ token: SessionToken?, in condition: Condition, subject: [UInt8] = [],
    author: PersonID? = nil, at now: Instant
  ) throws(Refusal) -> Grant {
    if Permissions.requirement(for: action, by: nil, in: condition) == .nothing {
      return Grant(
        action: action, person: nil, role: nil, first: nil, isEmergency: action == .emergencyStart)
    }
    return try state.withLock { (state) throws(Refusal) in
      guard let token, let session = state.sessions.use(token, at: now, times),
        let person = state.people[session.person], person.isActive
      else { throw .notSignedIn }
      guard
        let requirement = Permissions.requirement(for: action, by: person.role, in: condition)
      else { throw .notPermitted }
      var first: PersonID?
      switch requirement {
      case .nothing, .session: break
      case .stepUp: try Self.requireStepUp(session, now, times)
      case .twoPersons:
        guard person.id != author else { throw .notPermitted }
        try Self.requireStepUp(session, now, times)
        first = try Self.second(person.id, action, subject, now, &state)
      }
      return Grant(
        action: action, person: person.id, role: person.role, first: first, isEmergency: false)
    }
  }

  // SEC-016: sensitive actions ask again, and release takes two distinct persons.
  private static func requireStepUp(
    _ session: Sessions.Session, _ now: Instant, _ times: SessionTimes
  ) throws(Refusal) {
    guard let at = session.steppedUp, now - at < times.stepUp else { throw .needsStepUp }
  }

  /// The first of two persons; throws until there is one who is not this one.
  private static func second(
    _ person: PersonID, _ action: Action, _ subject: [UInt8], _ now: Instant, _ state: inout State
  ) throws(Refusal) -> PersonID {
    state.firsts = state.firsts.filter { now - $0.value.at < consentLifetime }
    let key = SHA256.hash([action.rawValue] + subject)
    guard let first = state.firsts[key], first.person != person,
      state.people[first.person]?.isActive == true
    else {
      guard state.firsts.count < 64 || state.firsts[key] != nil else { throw .busy }
      state.firsts[key] = (person, now)
      throw .needsSecondPerson
    }
    state.firsts[key] = nil
    return first.person
  }

  // MARK: People

  /// Makes a person, who sets their own secret with the code that is given back.
  public func addPerson(
    login: String, role: Role, by token: SessionToken, in condition: Condition, at now: Instant
  ) throws(Refusal) -> (PersonID, code: String) {
    _ = try authorize(.managePeople, token, in: condition, at: now)
    guard Person.isLogin(login) else { throw .notALogin }
    return try state.withLock { (state) throws(Refusal) in
      // No secret fits this one.
      let nobody = try available { () throws(CryptographyError) in
        Verifier(
          cost: cost, salt: try RandomBytes.make(16), hash: try RandomBytes.make(Argon2id.size))
      }
      let id = try add(login, role, nobody, &state)
      return (id, try Self.reset(id, now, &state))
    }
  }

  /// Gives a code with which the person sets a new secret; the old one works until then.
  public func startReset(
    of id: PersonID, by token: SessionToken, in condition: Condition, at now: Instant
  ) throws(Refusal) -> String {
    _ = try authorize(.managePeople, token, in: condition, at: now)
    return try state.withLock { (state) throws(Refusal) in
      guard state.people[id] != nil else { throw .nobody }
      return try Self.reset(id, now, &state)
    }
  }

  /// Sets a secret with a code from ``startReset(of:by:in:at:)`` or ``addPerson(login:role:by:in:at:)``.
  public func finishReset(
    login: String, code: String, secret: Secret, at now: Instant
  ) throws(Refusal) {
    try check(login, secret)
    let id = try state.withLock { (state) throws(Refusal) in
      guard let id = state.people.values.first(where: { $0.login == login })?.id,
        state.resets[id]?.matches(code, at: now) == true
      else { throw .wrongCode }
      return id
    }
    let verifier = try hashed { () throws(Refusal) in try self.verifier(secret) }
    if let badge = secret.badge, let other = person(badge: badge), other.id != id {
      throw .badgeTaken
    }
    try change(id) { person in
      person.badge = secret.badge
      person.verifier = verifier
      person.failures = Failures()
    }
    state.withLock { state in
      state.resets[id] = nil
      state.throttle.succeed(login)
    }
  }

  /// Changes role or activity; it takes effect at the next request, and sessions of the person end.
  public func setPerson(
    _ id: PersonID, role: Role, isActive: Bool, by token: SessionToken, in condition: Condition,
    at now: Instant
  ) throws(Refusal) {
    _ = try authorize(.managePeople, token, in: condition, at: now)
    try state.withLock { (state) throws(Refusal) in
      let others = state.people.values.contains {
        $0.id != id && $0.isActive && $0.role == .administrator
      }
      guard others || (role == .administrator && isActive) else { throw .lastAdministrator }
    }
    try change(id) { person in
      person.role = role
      person.isActive = isActive
    }
  }

  /// The people, in ascending order of their numbers.
  public func people() -> [Person] {
    state.withLock { $0.people.values.sorted { $0.id < $1.id } }
  }

  /// The person with this login, active or not.
  public func person(_ login: String) -> Person? {
    state.withLock { $0.people.values.first { $0.login == login } }
  }

  /// The person whose PIN belongs to this badge, active or not.
  public func person(badge: [UInt8]) -> Person? {
    state.withLock { $0.people.values.first { $0.badge == badge } }
  }

  // MARK: Below

  private func check(_ login: String, _ secret: Secret) throws(Refusal) {
    guard Person.isLogin(login) else { throw .notALogin }
    do throws(SecretFault) { try secret.check(for: login) } catch { throw .secret(error) }
  }

  /// The person whose login and secret these are.
  private func verify(
    _ login: String, _ secret: Secret, via way: SessionWay, at now: Instant
  ) throws(Refusal) -> PersonID {
    guard secret.bytes.count <= 512 else { throw .wrongSecret }
    let wait = state.withLock { $0.throttle.wait(login, via: way, at: now) }
    guard wait == .zero else { throw .wait(wait) }
    return try hashed { () throws(Refusal) in
      let person = state.withLock { state in
        state.people.values.first { $0.login == login && $0.isActive }
      }
      let peppered = try self.peppered(secret)
      let matches = try available { () throws(CryptographyError) in
        guard let person else {
          _ = try Argon2id.hash(peppered, salt: Array("nobody at all...".utf8), cost: cost)
          return false
        }
        return try person.verifier.matches(peppered: peppered)
      }
      guard let person, matches else {
        try failed(login, person, via: way, at: now)
        throw .wrongSecret
      }
      let failures = state.withLock { state in
        state.throttle.succeed(login, via: way)
        return state.throttle.failures(login)
      }
      if person.failures != failures || person.verifier.cost != cost {
        let verifier =
          person.verifier.cost == cost ? person.verifier : try self.verifier(secret)
        try change(person.id, endsSessions: false) { person in
          person.failures = failures
          person.verifier = verifier
        }
      }
      return person.id
    }
  }

  /// Counts a failure, in the records too, so that a restart does not forget it.
  ///
  /// For an unknown login a record is written as well: the time taken tells nothing.
  private func failed(
    _ login: String, _ person: Person?, via way: SessionWay, at now: Instant
  ) throws(Refusal) {
    let failures = state.withLock { state in
      state.throttle.fail(login, via: way, isKnown: person != nil, at: now)
      return state.throttle.failures(login)
    }
    if let person {
      try change(person.id, endsSessions: false) { $0.failures = failures }
    } else {
      let count = state.withLock { state in
        state.unknownFailures &+= 1
        return state.unknownFailures
      }
      let bytes = [UInt8](repeating: 0, count: 80) + Array("\(count)".utf8)
      do throws(RecordsError) {
        try records.put(bytes, PersonID(rawValue: 0))
      } catch {
        throw .unavailable
      }
    }
  }

  // SEC-017: at most one hash at a time.
  private func hashed<R>(_ body: () throws(Refusal) -> R) throws(Refusal) -> R {
    let isFree = hashing.withLock { isBusy in
      defer { isBusy = true }
      return !isBusy
    }
    guard isFree else { throw .busy }
    defer { hashing.withLock { $0 = false } }
    return try body()
  }

  private func peppered(_ secret: Secret) throws(Refusal) -> [UInt8] {
    do throws(KeyStoreError) {
      return try keys.withKey(keys.current(.pepper)) { (key) throws(CryptographyError) in
        try HMACSHA256.code(for: secret.bytes, key: key)
      }
    } catch {
      throw .unavailable
    }
  }

  private func verifier(_ secret: Secret) throws(Refusal) -> Verifier {
    let peppered = try peppered(secret)
    return try available { () throws(CryptographyError) in
      try Verifier(peppered: peppered, cost: cost)
    }
  }

  private func add(
    _ login: String, _ role: Role, _ verifier: Verifier, badge: [UInt8]? = nil,
    _ state: inout State
  ) throws(Refusal) -> PersonID {
    guard !state.people.values.contains(where: { $0.login == login }) else { throw .loginTaken }
    guard state.people.count < Self.capacity else { throw .unavailable }
    let id = PersonID(rawValue: (state.people.keys.max()?.rawValue ?? 0) + 1)
    let person = Person(
      id: id, login: login, role: role, isActive: true, badge: badge, verifier: verifier,
      failures: Failures())
    try store(person)
    state.people[id] = person
    return id
  }

  /// Changes a person in the records first and then in memory.
  private func change(
    _ id: PersonID, endsSessions: Bool = true, _ body: (inout Person) -> Void
  ) throws(Refusal) {
    try state.withLock { (state) throws(Refusal) in
      guard var person = state.people[id] else { throw .nobody }
      body(&person)
      try store(person)
      state.people[id] = person
      if endsSessions { state.sessions.endAll(of: id) }
    }
  }

  private func store(_ person: Person) throws(Refusal) {
    do throws(RecordsError) { try records.put(person.encoded, person.id) } catch {
      throw .unavailable
    }
  }

  private static func reset(
    _ id: PersonID, _ now: Instant, _ state: inout State
  ) throws(Refusal) -> String {
    let code = try available { () throws(CryptographyError) in try OneTimeCode(at: now) }
    state.resets[id] = code
    return code.text
  }
}

extension AccessControl.State {
  var hasAdministrator: Bool {
    people.values.contains { $0.role == .administrator }
  }
}

/// The result; a failure of the cryptography makes the access control unavailable.
private func available<R>(
  _ body: () throws(CryptographyError) -> R
) throws(Refusal) -> R {
  do throws(CryptographyError) { return try body() } catch { throw .unavailable }
}
