// SPDX-License-Identifier: Apache-2.0

/// How far the wall clock could be trusted when a record was made.
public enum TimeQuality: UInt8, CaseIterable, Sendable {
  /// Nobody knows whether the clock was ever set.
  case unknown = 0
  case unsynchronised = 1
  /// Kept by the network.
  case synchronised = 2
  /// A person set it.
  case setByPerson = 3
}

/// What became of what happened.
public enum AuditOutcome: UInt8, CaseIterable, Sendable {
  case done = 0
  case refused = 1
  case failed = 2
}

/// Which process tells it; 1 to 4 are those of the domain's `EventSource`.
public enum AuditSource: UInt8, CaseIterable, Sendable {
  case log = 0
  case control = 1
  case safety = 2
  case service = 3
  case panel = 4
  case gateway = 5
  case updater = 6
}

/// Who did it.
public struct AuditActor: Hashable, Sendable {
  public static let longestName = 64
  /// The person's or node's identifier: personal data, replaced by a pseudonym in every export.
  public var name: String
  /// The role's number, as the permissions table gives it; 0 when there is none.
  public var role: UInt8
  /// How the person showed who they are; 0 when they did not.
  public var method: UInt8
  /// The session, as a number that says nothing outside this log; 0 without one.
  public var session: UInt64

  public init(name: String, role: UInt8 = 0, method: UInt8 = 0, session: UInt64 = 0) {
    self.name = name
    self.role = role
    self.method = method
    self.session = session
  }
}

/// What a producer says; the log adds where and when.
public struct AuditEntry: Hashable, Sendable {
  public static let longestReference = 128
  public static let longestPayload = 2_048

  public var event: AuditEvent
  public var outcome: AuditOutcome
  public var source: AuditSource
  /// The source's own count of its events; 0 when it does not count.
  public var number: UInt32
  /// What the event is about; its meaning depends on the event.
  public var subject: UInt32
  public var a: Int64
  public var b: Int64
  public var actor: AuditActor?
  /// The object in words, such as a file, a library's version or a reason.
  ///
  /// No personal data.
  public var reference: String
  /// Bytes that depend on the event; personal data only sealed.
  public var payload: [UInt8]

  public init(
    _ event: AuditEvent, outcome: AuditOutcome = .done, source: AuditSource = .service,
    number: UInt32 = 0, subject: UInt32 = 0, a: Int64 = 0, b: Int64 = 0,
    actor: AuditActor? = nil, reference: String = "", payload: [UInt8] = []
  ) {
    self.event = event
    self.outcome = outcome
    self.source = source
    self.number = number
    self.subject = subject
    self.a = a
    self.b = b
    self.actor = actor
    self.reference = reference
    self.payload = payload
  }
}

/// When something happened.
public struct AuditTime: Hashable, Sendable {
  /// The pump's monotonic clock, in nanoseconds.
  public var monotonic: UInt64
  // RC-011: wall time labels the record and decides nothing.
  /// Milliseconds since 1970, UTC.
  public var wall: UInt64
  public var quality: TimeQuality

  public init(monotonic: UInt64, wall: UInt64, quality: TimeQuality) {
    self.monotonic = monotonic
    self.wall = wall
    self.quality = quality
  }
}

/// One record: a leaf of the tree.
///
/// Its bytes are a function of its value, and the other way round.
public struct AuditRecord: Hashable, Sendable {
  /// The longest record in bytes.
  public static let longest = 4_096
  static let bootSize = 16

  /// Its place in the log, counted from 0.
  public var index: UInt64
  /// Random, drawn when the log was opened.
  public var boot: [UInt8]
  public var time: AuditTime
  public var entry: AuditEntry

  public init(index: UInt64, boot: [UInt8], time: AuditTime, entry: AuditEntry) {
    self.index = index
    self.boot = boot
    self.time = time
    self.entry = entry
  }

  /// Keys of the map, in the order in which they stand.
  private enum Key: UInt64 {
    case index = 0, boot, monotonic, wall, quality, event, outcome, source, number, subject, a, b,
      name, role, method, session, reference, payload
  }

  /// The record's bytes.
  ///
  /// A CBOR map in core deterministic form (RFC 8949 §4.2.1), with the keys of the
  /// table in `Docs/Security/audit-log.md`. A field that is zero or empty is left out, but for the first
  /// eight. Texts and payload are cut to their limits.
  public var bytes: [UInt8] {
    let actor = entry.actor
    let name = actor.map { $0.name.prefix(bytes: AuditActor.longestName) }
    let reference = entry.reference.prefix(bytes: AuditEntry.longestReference)
    let payload = Array(entry.payload.prefix(AuditEntry.longestPayload))
    let optional: [Bool] = [
      entry.number != 0, entry.subject != 0, entry.a != 0, entry.b != 0, name != nil,
      actor.map { $0.role != 0 } ?? false, actor.map { $0.method != 0 } ?? false,
      actor.map { $0.session != 0 } ?? false, !reference.isEmpty, !payload.isEmpty,
    ]
    var out = CBORWriter()
    out.map(8 + optional.count { $0 })
    func key(_ key: Key) { out.unsigned(key.rawValue) }
    key(.index)
    out.unsigned(index)
    key(.boot)
    out.data(boot)
    key(.monotonic)
    out.unsigned(time.monotonic)
    key(.wall)
    out.unsigned(time.wall)
    key(.quality)
    out.unsigned(UInt64(time.quality.rawValue))
    key(.event)
    out.unsigned(UInt64(entry.event.rawValue))
    key(.outcome)
    out.unsigned(UInt64(entry.outcome.rawValue))
    key(.source)
    out.unsigned(UInt64(entry.source.rawValue))
    func field(_ at: Key, _ value: UInt64) {
      guard value != 0 else { return }
      key(at)
      out.unsigned(value)
    }
    field(.number, UInt64(entry.number))
    field(.subject, UInt64(entry.subject))
    if entry.a != 0 {
      key(.a)
      out.signed(entry.a)
    }
    if entry.b != 0 {
      key(.b)
      out.signed(entry.b)
    }
    if let actor, let name {
      key(.name)
      out.text(name)
      field(.role, UInt64(actor.role))
      field(.method, UInt64(actor.method))
      field(.session, actor.session)
    }
    if !reference.isEmpty {
      key(.reference)
      out.text(reference)
    }
    if !payload.isEmpty {
      key(.payload)
      out.data(payload)
    }
    return out.bytes
  }

  /// Reads a record; whatever ``bytes`` would not have written is refused.
  public init(_ bytes: ArraySlice<UInt8>) throws(FormatError) { try self.init(bytes, boot: []) }

  /// Reads a record that is likely of the same start as one before.
  init(_ bytes: ArraySlice<UInt8>, boot known: [UInt8]) throws(FormatError) {
    guard bytes.count <= AuditRecord.longest else { throw FormatError("a record is too long") }
    var input = CBORReader(bytes)
    let count = try input.map()
    guard (8...18).contains(count) else {
      throw FormatError("a record has a wrong count of fields")
    }
    func expect(_ key: Key) throws(FormatError) {
      guard try input.unsigned() == key.rawValue else { throw FormatError("a field is missing") }
    }
    func small<Value: RawRepresentable>(_: Value.Type) throws(FormatError) -> Value
    where Value.RawValue == UInt8 {
      guard let number = UInt8(exactly: try input.unsigned()),
        let value = Value(rawValue: number)
      else { throw FormatError("a field has a value that is not known") }
      return value
    }
    try expect(.index)
    index = try input.unsigned()
    try expect(.boot)
    boot = try input.data(longest: AuditRecord.bootSize, known: known)
    guard boot.count == AuditRecord.bootSize else { throw FormatError("a boot id has 16 bytes") }
    try expect(.monotonic)
    let monotonic = try input.unsigned()
    try expect(.wall)
    let wall = try input.unsigned()
    try expect(.quality)
    time = AuditTime(monotonic: monotonic, wall: wall, quality: try small(TimeQuality.self))
    try expect(.event)
    guard let number = UInt16(exactly: try input.unsigned()),
      let event = AuditEvent(rawValue: number)
    else { throw FormatError("an event that is not known") }
    try expect(.outcome)
    let outcome = try small(AuditOutcome.self)
    try expect(.source)
    var entry = AuditEntry(event, outcome: outcome, source: try small(AuditSource.self))
    var last = Key.source.rawValue
    for _ in 8..<count {
      let number = try input.unsigned()
      guard number > last, let key = Key(rawValue: number) else {
        throw FormatError("a field that is not known or not in its place")
      }
      last = number
      try Self.read(key, &input, into: &entry)
    }
    guard input.atEnd else { throw FormatError("bytes after a record") }
    self.entry = entry
  }

  private static func read(
    _ key: Key, _ input: inout CBORReader, into entry: inout AuditEntry
  ) throws(FormatError) {
    func fits<Value: FixedWidthInteger>(_: Value.Type) throws(FormatError) -> Value {
      guard let value = Value(exactly: try input.unsigned()), value != 0 else {
        throw FormatError("a field is out of its range")
      }
      return value
    }
    func nonzero() throws(FormatError) -> Int64 {
      let value = try input.signed()
      guard value != 0 else { throw FormatError("a field is out of its range") }
      return value
    }
    func actor() throws(FormatError) -> AuditActor {
      guard let actor = entry.actor else { throw FormatError("a role without a name") }
      return actor
    }
    switch key {
    case .number: entry.number = try fits(UInt32.self)
    case .subject: entry.subject = try fits(UInt32.self)
    case .a: entry.a = try nonzero()
    case .b: entry.b = try nonzero()
    case .name: entry.actor = AuditActor(name: try input.text(longest: AuditActor.longestName))
    case .role:
      var known = try actor()
      known.role = try fits(UInt8.self)
      entry.actor = known
    case .method:
      var known = try actor()
      known.method = try fits(UInt8.self)
      entry.actor = known
    case .session:
      var known = try actor()
      known.session = try fits(UInt64.self)
      entry.actor = known
    case .reference:
      entry.reference = try input.text(longest: AuditEntry.longestReference)
      guard !entry.reference.isEmpty else { throw FormatError("an empty field") }
    case .payload:
      entry.payload = try input.data(longest: AuditEntry.longestPayload)
      guard !entry.payload.isEmpty else { throw FormatError("an empty field") }
    case .index, .boot, .monotonic, .wall, .quality, .event, .outcome, .source:
      throw FormatError("a field twice")
    }
  }
}

extension String {
  /// The longest beginning of at most `count` bytes that cuts no character.
  fileprivate func prefix(bytes count: Int) -> String {
    guard utf8.count > count else { return self }
    var kept = ""
    for character in self {
      guard kept.utf8.count + character.utf8.count <= count else { break }
      kept.append(character)
    }
    return kept
  }
}
