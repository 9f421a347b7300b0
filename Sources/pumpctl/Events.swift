// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import AuditLog
import Domain
import Foundation
import GatewayClient
import Messages
import Units

struct Events: Addressed {
  static let configuration = CommandConfiguration(
    abstract: "Show the newest events of controller and monitor, oldest first.",
    discussion: """
      Of the pump of this machine they are read from the audit log that the service keeps, also when no pump runs; \
      whoever may not read its folder sees none. 'audit show' lists requests and people as well.

      A pump on a network keeps its newest 1024. With --follow they go on as they happen, until it is interrupted; a \
      lost connection is made again and goes on where it was. Events that are gone are told as missed.
      """)
  @OptionGroup var common: Common
  @Option(help: "The folder of the records; else PUMP_DATA, else 'data' in the run folder.")
  var data: String?
  @Option(help: "How many, 1 to 10000.") var last: Int = 20
  @Flag(help: "Go on with what happens.") var follow = false
  @Option(help: "Of a pump on a network: those after the event of this id.") var after: String?

  func validate() throws {
    guard (1...10_000).contains(last) else { throw ValidationError("--last: from 1 to 10000") }
    if let after, !EventReader.isID(after) { throw ValidationError("--after: the id of an event") }
  }

  func run() throws {
    if let gateway = try common.gateway() {
      let stream = FollowedEvents(gateway, json: common.json)
      try stream.run(last: last, after: after, follow: follow)
      return
    }
    if after != nil { throw Failure.badInput("--after is for a pump on a network: give --profile") }
    // Heard from before the log is read, so that nothing falls between.
    var client = follow ? try Client(run: common.run) : nil
    let folder =
      data ?? ProcessInfo.processInfo.environment["PUMP_DATA"] ?? common.run + "/data"
    let logs = (try? FileManager.default.contentsOfDirectory(atPath: folder + "/audit")) ?? []
    guard let newest = logs.compactMap({ UInt32($0) }).max() else {
      throw Failure.unreachable("no records in \(folder)/audit")
    }
    let reader = try Audit.reader(of: "\(folder)/audit/\(newest)")
    try Audit.show(last, of: reader, json: common.json) {
      $0.entry.source == .control || $0.entry.source == .safety
    }
    fflush(nil)
    try client?.hear(for: .infinity) { (frame) -> Bool in
      if case .event(let event) = frame { show(event) }
      return false
    }
  }

  private func show(_ event: PumpEvent) {
    let told = EventLine(
      source: "\(event.source)", kind: "\(event.kind)", subject: Int64(event.subject), a: event.a,
      b: event.b, at: event.at.nanoseconds, id: nil)
    told.print(json: common.json)
  }
}

/// One event as a line.
struct EventLine: Encodable {
  let source: String
  let kind: String
  let subject: Int64
  let a: Int64
  let b: Int64
  /// The pump's monotonic clock, in nanoseconds.
  let at: Int64
  let id: String?

  init(source: String, kind: String, subject: Int64, a: Int64, b: Int64, at: Int64, id: String?) {
    self.source = source
    self.kind = kind
    self.subject = subject
    self.a = a
    self.b = b
    self.at = at
    self.id = id
  }

  init(_ event: ToldEvent, id: String) {
    self.init(
      source: event.source, kind: event.kind, subject: event.subject, a: event.a, b: event.b,
      at: event.at, id: id)
  }

  func print(json: Bool) {
    if json {
      try? printJSON(self)
    } else {
      let seconds = at / 1_000_000_000
      let fraction = "\(at / 1_000_000 % 1_000)"
      let zeros = String(repeating: "0", count: max(0, 3 - fraction.count))
      var line = "\(seconds).\(zeros)\(fraction) s \(source) \(kind)"
      if subject != 0 { line += " subject \(subject)" }
      if a != 0 || b != 0 { line += " a \(a) b \(b)" }
      Swift.print(line)
    }
    // Line by line, whoever reads them.
    fflush(nil)
  }
}

/// The events of a pump on a network.
final class FollowedEvents {
  /// Milliseconds of silence after which a stream counts as lost: the gateway says something every ten seconds.
  private static let silence = 30_000
  /// The longest pause before the next attempt, in seconds.
  private static let longestPause: UInt32 = 30
  /// An id that no gateway gives: all events that it has.
  private static let nothing = "0-0"

  private let gateway: Gateway
  private let json: Bool
  private var newest: String?

  init(_ gateway: Gateway, json: Bool) {
    self.gateway = gateway
    self.json = json
  }

  func run(last: Int, after: String?, follow: Bool) throws(Failure) {
    newest = after
    var entries: [StreamEntry] = []
    try stream(follow: false) { entries.append($0) }
    if after == nil {
      if case .missed = entries.first { entries.removeFirst() }
      entries = Array(entries.suffix(last))
    }
    for entry in entries { show(entry) }
    guard follow else { return }
    var pause: UInt32 = 1
    while true {
      // RC-153 SRS-245: an end is told, and no more than what may pass is tried again.
      do throws(Failure) {
        try stream(follow: true) {
          pause = 1
          show($0)
        }
        tell("the stream ended")
      } catch {
        guard case .unreachable(let text) = error else { throw error }
        tell(text)
      }
      tell("asking again in \(pause) s")
      sleep(pause)
      pause = min(pause * 2, Self.longestPause)
    }
  }

  private func stream(follow: Bool, _ each: (StreamEntry) -> Void) throws(Failure) {
    var request = GatewayRequest(.events)
    request.query = "follow=\(follow)"
    request.fields = [("Last-Event-ID", newest ?? Self.nothing)]
    var reader = EventReader()
    // What has an end is bounded: 1024 entries.
    try gateway.ask(
      request, limit: follow ? .max : 1_024 * EventReader.longestEntry, silence: Self.silence,
      whole: follow ? nil : 60_000
    ) { (bytes) throws(Failure) in
      let entries: [StreamEntry]
      do throws(NotAnAnswer) { entries = try reader.take(bytes) } catch {
        throw gateway.unreadable(error)
      }
      for entry in entries {
        if case .event(_, let id) = entry { newest = id }
        each(entry)
      }
      return true
    }
  }

  private func show(_ entry: StreamEntry) {
    switch entry {
    case .event(let event, let id): EventLine(event, id: id).print(json: json)
    case .missed(let count):
      if json {
        print("{\"missed\":\(count.map { "\($0)" } ?? "null")}")
      } else {
        print("missed: \(count.map { "\($0)" } ?? "nobody knows how many") events")
      }
      fflush(nil)
    }
  }

  private func tell(_ text: String) {
    FileHandle.standardError.write(Data("pumpctl: \(text)\n".utf8))
  }
}
