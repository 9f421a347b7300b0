// SPDX-License-Identifier: Apache-2.0

public import Domain
public import ServiceAPI
internal import StrictJSON

/// Why the content of an answer is not what the contract says: one line for a person.
public struct NotAnAnswer: Error, Hashable, Sendable {
  public let reason: String
  public init(_ reason: String) { self.reason = reason }
}

/// What device this is.
public struct DeviceAnswer: Hashable, Sendable {
  public let name: String
  public let notice: String
  public let simulated: Bool
}

/// What the pump holds and does; volumes in nL, rates in nL/h, pressure in Pa, time in ms.
public struct StatusAnswer: Hashable, Sendable {
  public let state: String
  public let simulated: Bool
  public let held: PrescriptionDraft?
  public let pending: PrescriptionDraft?
  public let rate: Int64
  public let delivered: Int64
  public let uncertainty: Int64
  public let deliveredKVO: Int64
  public let timeRemaining: Int64
  public let pressure: Int64?
  public let battery: Int64?
  public let mains: Bool
  public let gate: String?
  public let measured: Int64?
}

/// The alarms that signal, by their ids; of the monitor nil when it says nothing.
public struct AlarmsAnswer: Hashable, Sendable {
  public let controller: [String]
  public let monitor: [String]?
}

/// How an update stands; nil throughout when the updater says nothing.
public struct UpdateStanding: Hashable, Sendable {
  public let kind: String?
  public let stage: String?
  public let running: String?
  public let candidate: String?
  public let digest: String?
  public let needsPower: Bool?
  public let outcome: String?
  public let ended: String?
  /// The code of why it was returned from.
  public let reason: String?
  /// How the newest upload stands; nil when the updater does not say.
  public let intake: IntakeView?
}

/// Whose session it is.
public struct SessionAnswer: Hashable, Sendable {
  public let person: PersonView
  /// The token, of an answer that gives one.
  public let token: String?
  public let steppedUp: Bool
}

public struct PeopleAnswer: Hashable, Sendable {
  public let people: [PersonView]
  public let more: Bool
}

public struct CodeAnswer: Hashable, Sendable {
  public let person: Int64
  public let code: String
}

/// A record of the audit log as the listing shows it; what is absent is zero or empty.
public struct RecordAnswer: Hashable, Sendable {
  /// One line of JSON with the members in the order of their names.
  public let json: String
  public let index: UInt64
  public let wall: String?
  public let source: String?
  public let event: String?
  public let outcome: String?
  public let person: String?
}

public struct RecordsAnswer: Hashable, Sendable {
  public let records: [RecordAnswer]
  public let next: Int64?
}

public struct ConsistencyAnswer: Hashable, Sendable {
  public let from: UInt64
  public let size: UInt64
  public let hashes: [[UInt8]]
  public let checkpoint: String
}

/// The decoders of the contract's schemas: each takes a whole body and refuses what the contract does not name.
// SRS-240: an answer that is not as the contract has it shows nothing.
public enum Answers {
  /// The longest body that is read, in bytes.
  public static let longest = 1 << 20

  static let limits = JSONLimits(depth: 6, size: longest)

  static func fields(_ bytes: [UInt8]) throws(NotUnderstood) -> Fields {
    try Fields(bytes, limits: limits)
  }

  public static func device(_ bytes: [UInt8]) throws(NotAnAnswer) -> DeviceAnswer {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      guard try fields.string("api") == "1" else { throw NotUnderstood("\"api\": expected 1") }
      for key in ["udi_di", "udi_pi"] {
        guard try fields.take(key).content == .null else {
          throw NotUnderstood("\"\(key)\": expected null")
        }
      }
      let answer = DeviceAnswer(
        name: try fields.plain("name"), notice: try fields.plain("notice"),
        simulated: try fields.bool("simulated"))
      try fields.end()
      return answer
    }
  }

  public static func status(_ bytes: [UInt8]) throws(NotAnAnswer) -> StatusAnswer {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      let order = { (node: JSONNode) throws(NotUnderstood) in try PrescriptionDraft(json: node) }
      let whole = { (node: JSONNode) throws(NotUnderstood) -> Int64 in
        guard let number = node.integer else { throw NotUnderstood("expected a whole number") }
        return number
      }
      let answer = StatusAnswer(
        state: try fields.plain("state"), simulated: try fields.bool("simulated"),
        held: try fields.orNull("held", order), pending: try fields.orNull("pending", order),
        rate: try fields.integer("rate_nL_h"), delivered: try fields.integer("delivered_nL"),
        uncertainty: try fields.integer("uncertainty_nL"),
        deliveredKVO: try fields.integer("deliveredKVO_nL"),
        timeRemaining: try fields.integer("timeRemaining_ms"),
        pressure: try fields.orNull("pressure_Pa", whole),
        battery: try fields.orNull("battery_ppm", whole), mains: try fields.bool("mains"),
        gate: try fields.plainOrNull("gate"), measured: try fields.orNull("measured_nL", whole))
      try fields.end()
      return answer
    }
  }

  public static func alarms(_ bytes: [UInt8]) throws(NotAnAnswer) -> AlarmsAnswer {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      let answer = AlarmsAnswer(
        controller: try names(fields.take("controller")),
        monitor: try fields.orNull("monitor", names))
      try fields.end()
      return answer
    }
  }

  private static func names(_ node: JSONNode) throws(NotUnderstood) -> [String] {
    guard let nodes = node.array, nodes.count <= 256 else {
      throw NotUnderstood("expected a list of at most 256 alarms")
    }
    var names: [String] = []
    for node in nodes {
      guard let name = node.string, (1...64).contains(name.utf8.count),
        name.utf8.allSatisfy({ (0x41...0x5a).contains($0) || (0x61...0x7a).contains($0) })
      else { throw NotUnderstood("expected the id of an alarm") }
      names.append(name)
    }
    return names
  }

  public static func update(_ bytes: [UInt8]) throws(NotAnAnswer) -> UpdateStanding {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      let answer = UpdateStanding(
        kind: try fields.plainOrNull("kind"), stage: try fields.plainOrNull("stage"),
        running: try fields.plainOrNull("running"), candidate: try fields.plainOrNull("candidate"),
        digest: try fields.plainOrNull("candidate_sha256"),
        needsPower: try fields.orNull("needs_power") { (node) throws(NotUnderstood) in
          guard let truth = node.bool else { throw NotUnderstood("\"needs_power\"") }
          return truth
        }, outcome: try fields.plainOrNull("outcome"), ended: try fields.plainOrNull("ended"),
        reason: try fields.plainOrNull("reason"),
        intake: try fields.orNull("intake") { (node) throws(NotUnderstood) in
          try plainly(in: node)
          return try IntakeView(json: node)
        })
      try fields.end()
      return answer
    }
  }

  public static func proposals(_ bytes: [UInt8]) throws(NotAnAnswer) -> [ProposalView] {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      let list = try ProposalView.list(fields.take("proposals"))
      try fields.end()
      for proposal in list {
        try plainly(proposal.from)
        if let by = proposal.by { try plainly(by) }
      }
      return list
    }
  }

  /// One proposal and what became of it.
  public static func proposal(_ bytes: [UInt8]) throws(NotAnAnswer) -> ProposalStanding {
    try understood { () throws(NotUnderstood) in try ProposalStanding(json: plain(bytes)) }
  }

  /// The number of a proposal that was taken.
  public static func proposed(_ bytes: [UInt8]) throws(NotAnAnswer) -> Int64 {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      let number = try fields.integer("number", in: 1 ... .max)
      try fields.end()
      return number
    }
  }

  public static func token(_ bytes: [UInt8]) throws(NotAnAnswer) -> SessionAnswer {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      let token = try fields.string("session", longest: 64)
      guard token.utf8.count == 64,
        token.utf8.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
      else { throw NotUnderstood("\"session\": expected 64 hexadecimal digits") }
      let person = try person(fields.take("person"))
      try fields.end()
      return SessionAnswer(person: person, token: token, steppedUp: false)
    }
  }

  public static func session(_ bytes: [UInt8]) throws(NotAnAnswer) -> SessionAnswer {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      let answer = SessionAnswer(
        person: try person(fields.take("person")), token: nil,
        steppedUp: try fields.bool("stepped_up"))
      try fields.end()
      return answer
    }
  }

  public static func people(_ bytes: [UInt8]) throws(NotAnAnswer) -> PeopleAnswer {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      guard let nodes = try fields.take("people").array, nodes.count <= ServiceAnswer.page else {
        throw NotUnderstood("\"people\": expected a list of at most \(ServiceAnswer.page)")
      }
      var people: [PersonView] = []
      for node in nodes {
        let person = try person(node)
        // Ascending, so that a list in pages comes to its end.
        guard person.number > people.last?.number ?? 0 else {
          throw NotUnderstood("\"people\": not in ascending order")
        }
        people.append(person)
      }
      let more = try fields.bool("more")
      try fields.end()
      return PeopleAnswer(people: people, more: more)
    }
  }

  private static func person(_ node: JSONNode) throws(NotUnderstood) -> PersonView {
    let person = try PersonView(json: node)
    try plainly(person.login)
    try plainly(person.role)
    return person
  }

  public static func code(_ bytes: [UInt8]) throws(NotAnAnswer) -> CodeAnswer {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      let answer = CodeAnswer(
        person: try fields.integer("person", in: 1 ... .max), code: try fields.plain("code"))
      try fields.end()
      return answer
    }
  }

  public static func records(
    _ bytes: [UInt8], from first: Int64
  ) throws(NotAnAnswer) -> RecordsAnswer {
    try understood { () throws(NotUnderstood) in
      var limits = limits
      limits.takesUnsigned = true
      var fields = try Fields(bytes, limits: limits)
      guard let nodes = try fields.take("records").array, !nodes.isEmpty else {
        throw NotUnderstood("\"records\": expected a list of at least one")
      }
      var records: [RecordAnswer] = []
      for node in nodes { records.append(try record(node)) }
      let next = try fields.orNull("next") { (node) throws(NotUnderstood) in
        // Forward, so that a list in pages comes to its end.
        guard let next = node.integer, next > first else { throw NotUnderstood("\"next\"") }
        return next
      }
      try fields.end()
      return RecordsAnswer(records: records, next: next)
    }
  }

  private static let recordMembers: Set<String> = [
    "index", "boot", "monotonic", "wall", "quality", "event", "outcome", "source", "number",
    "subject", "a", "b", "person", "role", "method", "session", "reference", "payload",
  ]

  private static func record(_ node: JSONNode) throws(NotUnderstood) -> RecordAnswer {
    guard let members = node.members, let index = node["index"]?.integer, index >= 0 else {
      throw NotUnderstood("a record without its index")
    }
    for member in members {
      guard recordMembers.contains(member.key) else {
        throw NotUnderstood("unknown key \"\(member.key)\"")
      }
      switch member.node.content {
      case .integer, .unsigned: break
      case .string(let text) where text.utf8.count <= 8_192: break
      default: throw NotUnderstood("\"\(member.key)\" of a record")
      }
    }
    func text(_ key: String) throws(NotUnderstood) -> String? {
      guard let text = node[key]?.string else { return nil }
      try plainly(text)
      return text
    }
    return RecordAnswer(
      json: String(decoding: CanonicalJSON.text(node), as: UTF8.self), index: UInt64(index),
      wall: try text("wall"), source: try text("source"), event: try text("event"),
      outcome: try text("outcome"), person: try text("person"))
  }

  public static func consistency(_ bytes: [UInt8]) throws(NotAnAnswer) -> ConsistencyAnswer {
    try understood { () throws(NotUnderstood) in
      var fields = try fields(bytes)
      guard let nodes = try fields.take("hashes").array, nodes.count <= 64 else {
        throw NotUnderstood("\"hashes\": expected a list of at most 64")
      }
      var hashes: [[UInt8]] = []
      for node in nodes {
        var one = try Fields(.object([("hash", node)]))
        let hash = try one.bytes("hash", longest: 32)
        guard hash.count == 32 else { throw NotUnderstood("\"hashes\": expected 32 bytes") }
        hashes.append(hash)
      }
      let answer = ConsistencyAnswer(
        from: UInt64(try fields.integer("from")), size: UInt64(try fields.integer("size")),
        hashes: hashes, checkpoint: try fields.string("checkpoint", longest: 16_384))
      try fields.end()
      return answer
    }
  }

  /// Lines of text without anything that a terminal would obey.
  // SEC-436: what a pump says is shown and never obeyed by a terminal.
  public static func text(_ bytes: [UInt8]) throws(NotAnAnswer) -> String {
    guard let text = String(validating: bytes, as: UTF8.self),
      text.unicodeScalars.allSatisfy({ $0 == "\n" || isPlain($0) })
    else { throw NotAnAnswer("no lines of plain text") }
    return text
  }
}

/// Turns a fault of the content into one of an answer.
func understood<Value>(
  _ body: () throws(NotUnderstood) -> Value
) throws(NotAnAnswer) -> Value {
  do throws(NotUnderstood) { return try body() } catch { throw NotAnAnswer(error.reason) }
}

/// Whether a character is one that only shows.
private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
  scalar.value >= 0x20 && !(0x7f...0x9f).contains(scalar.value)
    && !(0x202a...0x202e).contains(scalar.value) && !(0x2066...0x2069).contains(scalar.value)
}

func plainly(_ text: String) throws(NotUnderstood) {
  guard text.unicodeScalars.allSatisfy(isPlain) else {
    throw NotUnderstood("a text with control characters")
  }
}

extension Fields {
  /// A string of at most so many bytes, without control characters.
  mutating func plain(_ key: String, longest: Int = 256) throws(NotUnderstood) -> String {
    let text = try string(key, longest: longest)
    try plainly(text)
    return text
  }

  mutating func plainOrNull(_ key: String) throws(NotUnderstood) -> String? {
    try orNull(key) { (node) throws(NotUnderstood) in
      guard let text = node.string, text.utf8.count <= 256 else {
        throw NotUnderstood("\"\(key)\": expected a string or null")
      }
      try plainly(text)
      return text
    }
  }

  mutating func orNull<Value>(
    _ key: String, _ body: (JSONNode) throws(NotUnderstood) -> Value
  ) throws(NotUnderstood) -> Value? {
    let node = try take(key)
    if node.content == .null { return nil }
    do throws(NotUnderstood) { return try body(node) } catch {
      throw NotUnderstood("\"\(key)\": \(error.reason)")
    }
  }
}
