// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// What pump-updated says at its socket for uploads.
public enum IntakeAnswer: Hashable, Sendable {
  /// The bundle may come, for a while.
  case permitted
  /// The bytes may come now.
  case go
  /// How an upload stands.
  case intake(IntakeView)
  case history([HistoryItem])
  case configuration(ConfigurationView)
  case library(LibraryPage)
  case refused(IntakeRefusal)
}

/// Why pump-updated does not do it.
public enum IntakeRefusal: String, CaseIterable, Hashable, Sendable {
  case notUnderstood = "not-understood"
  /// The caller or the token may not.
  case notPermitted = "not-permitted"
  /// Another upload comes or is being verified.
  case busy
  /// Another bundle came with this key.
  case keyUsed = "key-used"
  /// The bundle and its content do not fit on the medium.
  case noSpace = "no-space"
  /// The upload was not whole in its time, or has more bytes than were announced.
  case interrupted
  /// There is none.
  case nothing
  /// It cannot be read now.
  case unavailable
}

/// How an upload stands.
public struct IntakeView: Hashable, Sendable {
  public enum State: String, CaseIterable, Sendable {
    /// None came since the updater began.
    case none
    case receiving, verifying
    /// It waits for a person at the panel.
    case taken
    case refused
  }

  public var state: State
  /// The permit's number; 0 without an upload.
  public var number: UInt32
  /// Bytes announced, and bytes that came.
  public var length: Int64
  public var received: Int64
  /// What was taken; nil otherwise.
  public var kind: UpdateWord?
  public var version: String?
  /// The code of why it was refused; nil otherwise.
  public var reason: String?

  public init(
    state: State = .none, number: UInt32 = 0, length: Int64 = 0, received: Int64 = 0,
    kind: UpdateWord? = nil, version: String? = nil, reason: String? = nil
  ) {
    self.state = state
    self.number = number
    self.length = length
    self.received = received
    self.kind = kind
    self.version = version
    self.reason = reason
  }
}

/// One update of the history.
public struct HistoryItem: Hashable, Sendable {
  public var version: String
  public var outcome: String
  /// The code of why; empty where there is nothing to say.
  public var code: String
  /// For a person.
  public var reason: String

  public init(version: String, outcome: String, code: String, reason: String) {
    self.version = version
    self.outcome = outcome
    self.code = code
    self.reason = reason
  }
}

/// A release as it was signed.
public struct ReleaseView: Hashable, Sendable {
  public var version: String
  public var release: Int64
  public var security: Int64
  /// 32 bytes.
  public var sha256: [UInt8]

  public init(version: String, release: Int64, security: Int64, sha256: [UInt8]) {
    self.version = version
    self.release = release
    self.security = security
    self.sha256 = sha256
  }
}

/// What is active of a kind and what waits.
public struct ShelfView: Hashable, Sendable {
  public var phase: String
  /// Nil where none was ever activated.
  public var active: ReleaseView?
  public var candidate: ReleaseView?

  public init(phase: String, active: ReleaseView?, candidate: ReleaseView?) {
    self.phase = phase
    self.active = active
    self.candidate = candidate
  }
}

/// The pump's software, drug library and configuration.
public struct ConfigurationView: Hashable, Sendable {
  /// What the active configuration says.
  public struct Site: Hashable, Sendable {
    public var name: String
    /// How many people have to approve a library, of how many; nil for nobody.
    public var threshold: Int64?
    public var approvers: Int64?

    public init(name: String, threshold: Int64?, approvers: Int64?) {
      self.name = name
      self.threshold = threshold
      self.approvers = approvers
    }
  }

  public var firmware: ShelfView?
  /// Nil where none was ever taken in.
  public var drugLibrary: ShelfView?
  public var configuration: ShelfView?
  /// Nil where no configuration is active, or the active one cannot be read.
  public var site: Site?

  public init(
    firmware: ShelfView?, drugLibrary: ShelfView?, configuration: ShelfView?, site: Site?
  ) {
    self.firmware = firmware
    self.drugLibrary = drugLibrary
    self.configuration = configuration
    self.site = site
  }
}

/// Entries of the active drug library.
public struct LibraryPage: Hashable, Sendable {
  public struct Entry: Hashable, Sendable {
    public var careArea: String
    public var drug: String
    /// Absolute lower, recommended lower, recommended upper and absolute upper, in nL/h.
    public var rate: [Int64]
    /// The same in nL; nil where the device's limit is enough.
    public var vtbi: [Int64]?

    public init(careArea: String, drug: String, rate: [Int64], vtbi: [Int64]?) {
      self.careArea = careArea
      self.drug = drug
      self.rate = rate
      self.vtbi = vtbi
    }
  }

  public var name: String
  public var version: String
  /// 32 bytes.
  public var sha256: [UInt8]
  public var entries: [Entry]
  /// The number to go on from; nil at the end.
  public var next: Int64?

  public init(
    name: String, version: String, sha256: [UInt8], entries: [Entry], next: Int64?
  ) {
    self.name = name
    self.version = version
    self.sha256 = sha256
    self.entries = entries
    self.next = next
  }
}

extension IntakeAnswer {
  /// The most bytes of the entries of one answer.
  public static let entriesSize = 12_288
  /// The most entries of a history.
  public static let mostHistory = 32

  private enum Word: String {
    case permitted, go, intake, history, configuration, library, refused
  }

  // SEC-424: any bytes give an answer or a reason.
  /// Reads an answer.
  public init(_ bytes: [UInt8]) throws(NotUnderstood) {
    var fields = try Fields(bytes, limits: IntakeRequest.limits)
    switch try fields.word("is", as: Word.self) {
    case .permitted: self = .permitted
    case .go: self = .go
    case .intake: self = .intake(try IntakeView(json: fields.take("intake")))
    case .history:
      self = .history(
        try fields.list("entries", most: Self.mostHistory) { node throws(NotUnderstood) in
          try HistoryItem(json: node)
        })
    case .configuration:
      self = .configuration(try ConfigurationView(json: fields.take("configuration")))
    case .library: self = .library(try LibraryPage(json: fields.take("library")))
    case .refused: self = .refused(try fields.word("reason", as: IntakeRefusal.self))
    }
    try fields.end()
  }

  /// The answer as a packet.
  public var bytes: [UInt8] {
    let (word, rest): (Word, [(String, JSONNode)]) =
      switch self {
      case .permitted: (.permitted, [])
      case .go: (.go, [])
      case .intake(let view): (.intake, [("intake", view.json)])
      case .history(let entries): (.history, [("entries", .array(entries.map(\.json)))])
      case .configuration(let view): (.configuration, [("configuration", view.json)])
      case .library(let page): (.library, [("library", page.json)])
      case .refused(let reason): (.refused, [("reason", .string(reason.rawValue))])
      }
    return CanonicalJSON.text(.object([("is", .string(word.rawValue))] + rest))
  }
}

extension Fields {
  fileprivate mutating func list<Item>(
    _ key: String, most: Int, _ read: (JSONNode) throws(NotUnderstood) -> Item
  ) throws(NotUnderstood) -> [Item] {
    guard let nodes = try take(key).array, nodes.count <= most else {
      throw NotUnderstood("\"\(key)\": expected a list of at most \(most)")
    }
    var items: [Item] = []
    for node in nodes { items.append(try read(node)) }
    return items
  }

  /// The member of that key, unless it is null.
  fileprivate mutating func value(_ key: String) throws(NotUnderstood) -> JSONNode? {
    let node = try take(key)
    return node.content == .null ? nil : node
  }

  fileprivate mutating func text(_ key: String, longest: Int) throws(NotUnderstood) -> String? {
    guard let node = try value(key) else { return nil }
    var own = try Fields(.object([(key, node)]))
    return try own.string(key, longest: longest)
  }

  fileprivate mutating func number(_ key: String) throws(NotUnderstood) -> Int64? {
    guard let node = try value(key) else { return nil }
    var own = try Fields(.object([(key, node)]))
    return try own.integer(key)
  }

  fileprivate mutating func digest() throws(NotUnderstood) -> [UInt8] {
    let digest = try bytes("sha256", longest: 32)
    guard digest.count == 32 else { throw NotUnderstood("\"sha256\": expected 64 digits") }
    return digest
  }

  /// Four whole numbers.
  fileprivate mutating func four(_ key: String) throws(NotUnderstood) -> [Int64] {
    let numbers = try list(key, most: 4) { (node) throws(NotUnderstood) in
      guard let number = node.integer else {
        throw NotUnderstood("\"\(key)\": expected whole numbers")
      }
      return number
    }
    guard numbers.count == 4 else { throw NotUnderstood("\"\(key)\": expected four numbers") }
    return numbers
  }
}

extension JSONNode {
  fileprivate static func text(_ text: String?) -> JSONNode { text.map { .string($0) } ?? .null }
  fileprivate static func number(_ number: Int64?) -> JSONNode {
    number.map { .integer($0) } ?? .null
  }
}

extension IntakeView {
  /// Reads one out of JSON.
  public init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    state = try fields.word("state", as: State.self)
    number = UInt32(
      truncatingIfNeeded: try fields.integer("number", in: 0...Int64(UInt32.max)))
    length = try fields.integer("length_bytes")
    received = try fields.integer("received_bytes")
    if let word = try fields.text("kind", longest: 32) {
      guard let kind = UpdateWord(rawValue: word) else {
        throw NotUnderstood("\"kind\": there is no '\(word)'")
      }
      self.kind = kind
    }
    version = try fields.text("version", longest: 64)
    reason = try fields.text("reason", longest: 64)
    try fields.end()
  }

  public var json: JSONNode {
    .object([
      ("kind", .text(kind?.rawValue)), ("length_bytes", .integer(length)),
      ("number", .integer(Int64(number))), ("reason", .text(reason)),
      ("received_bytes", .integer(received)), ("state", .string(state.rawValue)),
      ("version", .text(version)),
    ])
  }
}

extension HistoryItem {
  package init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    version = try fields.string("version")
    outcome = try fields.string("outcome")
    code = try fields.string("code")
    reason = try fields.string("reason", longest: 1_024)
    try fields.end()
  }

  public var json: JSONNode {
    .object([
      ("code", .string(code)), ("outcome", .string(outcome)), ("reason", .string(reason)),
      ("version", .string(version)),
    ])
  }
}

extension ReleaseView {
  init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    version = try fields.string("version")
    release = try fields.integer("release")
    security = try fields.integer("security")
    sha256 = try fields.digest()
    try fields.end()
  }

  var json: JSONNode {
    .object([
      ("release", .integer(release)), ("security", .integer(security)), ("sha256", .hex(sha256)),
      ("version", .string(version)),
    ])
  }
}

extension ShelfView {
  init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    phase = try fields.string("phase")
    if let node = try fields.value("active") { active = try ReleaseView(json: node) }
    if let node = try fields.value("candidate") { candidate = try ReleaseView(json: node) }
    try fields.end()
  }

  var json: JSONNode {
    .object([
      ("active", active?.json ?? .null), ("candidate", candidate?.json ?? .null),
      ("phase", .string(phase)),
    ])
  }
}

extension ConfigurationView {
  package init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    if let node = try fields.value("firmware") { firmware = try ShelfView(json: node) }
    if let node = try fields.value("drug_library") { drugLibrary = try ShelfView(json: node) }
    if let node = try fields.value("configuration") { configuration = try ShelfView(json: node) }
    if let node = try fields.value("site") { site = try Site(json: node) }
    try fields.end()
  }

  public var json: JSONNode {
    .object([
      ("configuration", configuration?.json ?? .null), ("drug_library", drugLibrary?.json ?? .null),
      ("firmware", firmware?.json ?? .null), ("site", site?.json ?? .null),
    ])
  }
}

extension ConfigurationView.Site {
  fileprivate init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    name = try fields.string("name")
    threshold = try fields.number("threshold")
    approvers = try fields.number("approvers")
    try fields.end()
  }

  fileprivate var json: JSONNode {
    .object([
      ("approvers", .number(approvers)), ("name", .string(name)), ("threshold", .number(threshold)),
    ])
  }
}

extension LibraryPage {
  package init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    name = try fields.string("name")
    version = try fields.string("version")
    sha256 = try fields.digest()
    entries = try fields.list("entries", most: 1_024) { (node) throws(NotUnderstood) in
      try Entry(json: node)
    }
    next = try fields.number("next")
    try fields.end()
  }

  public var json: JSONNode {
    .object([
      ("entries", .array(entries.map(\.json))), ("name", .string(name)), ("next", .number(next)),
      ("sha256", .hex(sha256)), ("version", .string(version)),
    ])
  }
}

extension LibraryPage.Entry {
  fileprivate init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    careArea = try fields.string("care_area")
    drug = try fields.string("drug")
    rate = try fields.four("rate_nL_h")
    if let node = try fields.value("vtbi_nL") {
      var own = try Fields(.object([("vtbi_nL", node)]))
      vtbi = try own.four("vtbi_nL")
    }
    try fields.end()
  }

  public var json: JSONNode {
    .object([
      ("care_area", .string(careArea)), ("drug", .string(drug)),
      ("rate_nL_h", .array(rate.map { .integer($0) })),
      ("vtbi_nL", vtbi.map { .array($0.map { .integer($0) }) } ?? .null),
    ])
  }
}
