// SPDX-License-Identifier: Apache-2.0

import Cryptography
import StrictJSON

/// One of two slots.
public enum SlotName: String, Sendable, CaseIterable {
  case a, b
  public var other: SlotName { self == .a ? .b : .a }
}

/// What the history remembers of an update.
public struct HistoryEntry: Hashable, Sendable {
  public enum Outcome: String, Sendable, CaseIterable {
    case installed, confirmed, returned, discarded, refused
  }

  public var version: String
  public var outcome: Outcome
  /// Why, for a person; empty when there is nothing to say.
  public var reason: String
  /// Why, as a code; empty when there is nothing to say, and in a journal from before it was kept.
  public var code: String

  public init(version: String, outcome: Outcome, reason: String, code: String) {
    self.version = version
    self.outcome = outcome
    self.reason = reason
    self.code = code
  }
}

/// How the last update ended, as long as somebody has to be told of it.
public struct SlotNews: Hashable, Sendable {
  public var version: String
  /// Of its content; nil in a journal from before it was kept.
  public var sha256: [UInt8]?
  /// It was returned from; otherwise it is kept.
  public var returned: Bool
  /// The code of why it was returned from; empty when it is kept, and in a journal from before it was kept.
  public var code: String
  /// The service has it on record.
  public var recorded = false

  /// The same, on record.
  var asRecorded: SlotNews {
    var news = self
    news.recorded = true
    return news
  }

  /// - Parameter failure: why it was returned from; nil when it is kept.
  init(_ record: ImageRecord, returned failure: SlotFailure? = nil) {
    version = record.version
    sha256 = record.sha256
    returned = failure != nil
    code = failure?.code ?? ""
  }
}

/// Everything about a pair of slots that survives a power cut; one file, replaced as a whole.
public struct SlotJournal: Hashable, Sendable {
  /// Entries of the history that are kept.
  public static var longestHistory: Int { 32 }
  /// Refusals among them: a flood of bad bundles takes no place from what was installed.
  public static var mostRefusals: Int { 8 }
  static var largest: Int { 65_536 }

  public var phase: SlotPhase
  public var active: SlotName
  /// What stands in the active slot.
  public var running: ImageRecord
  /// What stands or is coming to stand in the other slot.
  public var candidate: ImageRecord?
  /// The image before the running one, as far as it is still in the other slot.
  public var previous: ImageRecord?
  public var history: [HistoryEntry]
  /// What is still to be told.
  public var news: SlotNews?
  /// Bundles that were refused, ever.
  public var refused: UInt32 = 0
  /// The codes of the newest of them that are not on the pump's record, the oldest first; as many as the history.
  public var untold: [String] = []
  /// For each of them the permit of the upload that it came by; 0 for another way.
  public var permits: [UInt32] = []

  /// The oldest refusal that is not on the pump's record.
  public var refusal: (number: UInt32, code: String, permit: UInt32)? {
    untold.first.map { (refused &- UInt32(untold.count) &+ 1, $0, permits.first ?? 0) }
  }

  mutating func remember(
    _ version: String, _ outcome: HistoryEntry.Outcome, _ reason: SlotFailure? = nil
  ) {
    history.append(
      HistoryEntry(
        version: version, outcome: outcome, reason: String((reason?.text ?? "").prefix(200)),
        code: reason?.code ?? ""))
    // SEC-379: the oldest refusal goes first when there are too many.
    if history.count(where: { $0.outcome == .refused }) > Self.mostRefusals,
      let oldest = history.firstIndex(where: { $0.outcome == .refused })
    {
      history.remove(at: oldest)
    }
    history.removeFirst(max(0, history.count - Self.longestHistory))
  }

  var bytes: [UInt8] {
    CanonicalJSON.bytes(
      .object([
        ("active", .string(active.rawValue)), ("candidate", candidate?.json ?? .null),
        ("format", .integer(1)),
        (
          "history",
          .array(
            history.map { entry in
              .object([
                ("code", .string(entry.code)), ("outcome", .string(entry.outcome.rawValue)),
                ("reason", .string(entry.reason)), ("version", .string(entry.version)),
              ])
            })
        ),
        ("news", news?.json ?? .null),
        ("permits", .array(permits.map { .integer(Int64($0)) })),
        ("phase", .string(phase.rawValue)),
        ("previous", previous?.json ?? .null),
        ("refused", .integer(Int64(refused))), ("running", running.json),
        ("untold", .array(untold.map(JSONNode.string))),
      ]))
  }

  init(
    phase: SlotPhase, active: SlotName, running: ImageRecord, candidate: ImageRecord? = nil
  ) {
    self.phase = phase
    self.active = active
    self.running = running
    self.candidate = candidate
    history = []
  }

  /// By which way each of so many refusals came; nil for anything that ``bytes`` does not write.
  private static func permits(_ journal: JSONNode, _ count: Int) -> [UInt32]? {
    // A journal of before did not know.
    guard let nodes = journal["permits"]?.array else { return Array(repeating: 0, count: count) }
    guard nodes.count == count else { return nil }
    var permits: [UInt32] = []
    for node in nodes {
      guard let number = node.integer, let permit = UInt32(exactly: number) else { return nil }
      permits.append(permit)
    }
    return permits
  }

  /// Nil for anything that ``bytes`` does not write.
  init?(bytes: [UInt8]) {
    guard let node = try? JSONReader.read(bytes, limits: JSONLimits(size: Self.largest)),
      node["format"]?.integer == 1,
      let phase = node["phase"]?.string.flatMap(SlotPhase.init(rawValue:)),
      let active = node["active"]?.string.flatMap(SlotName.init(rawValue:)),
      let running = node["running"].flatMap(ImageRecord.init(json:)),
      let history = node["history"]?.array, history.count <= Self.longestHistory
    else { return nil }
    self.init(phase: phase, active: active, running: running)
    if let node = node["candidate"], node.content != .null {
      guard let record = ImageRecord(json: node) else { return nil }
      candidate = record
    }
    if let node = node["previous"], node.content != .null {
      guard let record = ImageRecord(json: node) else { return nil }
      previous = record
    }
    // A journal of before had none.
    if let node = node["news"], node.content != .null {
      guard let news = SlotNews(json: node) else { return nil }
      self.news = news
    }
    // So were these.
    if let number = node["refused"], let nodes = node["untold"]?.array {
      guard let count = number.integer, let refused = UInt32(exactly: count),
        nodes.count <= Swift.min(Self.longestHistory, Int(refused))
      else { return nil }
      self.refused = refused
      for node in nodes {
        guard let code = node.string else { return nil }
        untold.append(code)
      }
      guard let permits = Self.permits(node, nodes.count) else { return nil }
      self.permits = permits
    }
    for node in history {
      guard let version = node["version"]?.string, let reason = node["reason"]?.string,
        let outcome = node["outcome"]?.string.flatMap(HistoryEntry.Outcome.init(rawValue:))
      else { return nil }
      self.history.append(
        HistoryEntry(
          version: version, outcome: outcome, reason: reason, code: node["code"]?.string ?? ""))
    }
    // A phase without what it speaks of was not written by this program.
    switch phase {
    case .writing, .staged, .armed, .trying, .returning: guard candidate != nil else { return nil }
    case .idle, .confirming: guard candidate == nil else { return nil }
    }
  }
}

extension SlotNews {
  fileprivate var json: JSONNode {
    .object([
      ("code", .string(code)), ("recorded", .integer(recorded ? 1 : 0)),
      ("returned", .integer(returned ? 1 : 0)),
      ("sha256", sha256.map { .string(Hex.encode($0)) } ?? .null), ("version", .string(version)),
    ])
  }

  fileprivate init?(json node: JSONNode) {
    guard let version = node["version"]?.string, let returned = node["returned"]?.integer,
      let recorded = node["recorded"]?.integer, (0...1).contains(returned),
      (0...1).contains(recorded)
    else { return nil }
    self.version = version
    self.returned = returned == 1
    self.recorded = recorded == 1
    code = node["code"]?.string ?? ""
    // A journal of before had none.
    if let node = node["sha256"], node.content != .null {
      guard let sha256 = node.string.flatMap({ Hex.decode($0) }), sha256.count == SHA256.size
      else { return nil }
      self.sha256 = sha256
    }
  }
}
