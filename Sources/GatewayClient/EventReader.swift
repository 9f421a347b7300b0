// SPDX-License-Identifier: Apache-2.0

internal import ServiceAPI
internal import StrictJSON

/// One entry of the pump's stream of events.
public enum StreamEntry: Hashable, Sendable {
  /// An event of the pump and what Last-Event-ID takes for it.
  case event(ToldEvent, id: String)
  /// Events are gone: how many, or nil when nobody knows.
  case missed(Int64?)
}

/// An event as the controller or the monitor tells it.
public struct ToldEvent: Hashable, Sendable {
  public let source: String
  public let kind: String
  public let subject: Int64
  public let a: Int64
  public let b: Int64
  /// The pump's monotonic clock, in nanoseconds.
  public let at: Int64
}

/// Reads server-sent events from the bytes that come, whatever their division.
// SEC-435: one entry has at most 8 KiB; nothing traps, whatever the bytes.
public struct EventReader: Sendable {
  public static let longestEntry = 8_192
  public static let longestID = 26

  private var waiting: [UInt8] = []

  public init() {}

  /// Whether a text may go into Last-Event-ID.
  public static func isID(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, (1...7).contains(parts[0].utf8.count),
      (1...18).contains(parts[1].utf8.count)
    else { return false }
    return parts[0].utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }
      && parts[1].utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  /// Takes the next bytes and gives the entries that they complete; comments give none.
  public mutating func take(_ bytes: [UInt8]) throws(NotAnAnswer) -> [StreamEntry] {
    waiting += bytes
    var entries: [StreamEntry] = []
    var start = 0
    while let end = endOfEntry(start) {
      if let entry = try Self.entry(waiting[start..<end]) { entries.append(entry) }
      start = end + 2
    }
    waiting.removeFirst(start)
    guard waiting.count <= Self.longestEntry else { throw NotAnAnswer("an event is too long") }
    return entries
  }

  private func endOfEntry(_ start: Int) -> Int? {
    var index = start
    while index + 1 < waiting.count {
      if waiting[index] == 0x0a, waiting[index + 1] == 0x0a { return index }
      index += 1
    }
    return nil
  }

  private static func entry(_ bytes: ArraySlice<UInt8>) throws(NotAnAnswer) -> StreamEntry? {
    guard bytes.count <= longestEntry else { throw NotAnAnswer("an event is too long") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw NotAnAnswer("an event is no text")
    }
    var (id, name, data): (String?, String?, String?)
    for line in text.split(separator: "\n", omittingEmptySubsequences: true)
    where line.first != ":" {
      let parts = line.split(separator: ": ", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { throw NotAnAnswer("a line of an event") }
      switch (parts[0], id, name, data) {
      case ("id", nil, _, _): id = String(parts[1])
      case ("event", _, nil, _): name = String(parts[1])
      case ("data", _, _, nil): data = String(parts[1])
      default: throw NotAnAnswer("a line of an event")
      }
    }
    if id == nil, name == nil, data == nil { return nil }
    guard let data else { throw NotAnAnswer("an event without data") }
    return try understood { () throws(NotUnderstood) in
      var fields = try Fields(Array(data.utf8), limits: JSONLimits(depth: 2, size: longestEntry))
      switch (name, id) {
      case ("pump", let id?):
        guard isID(id) else { throw NotUnderstood("the id of an event") }
        let event = ToldEvent(
          source: try fields.plain("source"), kind: try fields.plain("kind"),
          subject: try fields.integer("subject"), a: try fields.integer("a", in: .min ... .max),
          b: try fields.integer("b", in: .min ... .max), at: try fields.integer("at_ns"))
        try fields.end()
        return .event(event, id: id)
      case ("missed", nil):
        let count = try fields.orNull("count") { (node) throws(NotUnderstood) in
          guard let count = node.integer, count > 0 else { throw NotUnderstood("\"count\"") }
          return count
        }
        try fields.end()
        return .missed(count)
      default: throw NotUnderstood("an event of another kind")
      }
    }
  }
}
