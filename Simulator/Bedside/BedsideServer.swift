// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import FlyingFox
import FlyingSocks
import Foundation
import Plant
import SimulatedBoard
import Units

/// The bedside page and its small HTTP interface, on the loopback address only.
///
/// | request | body | answer |
/// |---|---|---|
/// | `GET /api/state` | – | one moment: plant, statuses, display, alarms |
/// | `GET /api/knobs` | – | every knob with unit, range and value |
/// | `POST /api/key` | `{"key":"confirm","down":true}` | `{}` |
/// | `POST /api/knob` | `{"name":"occlusion.downstream","value":100}` | `{}` |
/// | `POST /api/command` | `{"do":"program","drug":…,"syringe":"50 mL","rate":"5 mL/h","vtbi":"10 mL"}` | `{"accepted":…,"reason":…}` |
///
/// A request that changes something must carry the header `X-Bedside: 1`, which a page of another
/// origin cannot send. Bad input is answered with 400 and `{"error": reason}`.
public struct BedsideServer: Sendable {
  private let rig: Rig
  private let link: PumpLink
  private let speed: Int
  private let processes: @Sendable () -> [(name: String, state: String)]

  public init(
    rig: Rig, link: PumpLink, speed: Int,
    processes: @escaping @Sendable () -> [(name: String, state: String)]
  ) {
    self.rig = rig
    self.link = link
    self.speed = speed
    self.processes = processes
  }

  /// Serves until the task is cancelled; throws when the port cannot be had.
  public func run(port: UInt16, ready: @escaping @Sendable () -> Void) async throws {
    let server = HTTPServer(
      address: try .inet(ip4: "127.0.0.1", port: port), logger: .disabled)
    await server.appendRoute("GET /") { _ in try Self.file("index.html", "text/html") }
    await server.appendRoute("GET /bedside.css") { _ in try Self.file("bedside.css", "text/css") }
    await server.appendRoute("GET /bedside.js") { _ in
      try Self.file("bedside.js", "text/javascript")
    }
    await server.appendRoute("GET /api/state") { _ in try Self.json(state()) }
    await server.appendRoute("GET /api/knobs") { _ in try Self.json(knobs()) }
    await server.appendRoute("POST /api/key") { try await answer($0, key) }
    await server.appendRoute("POST /api/knob") { try await answer($0, knob) }
    await server.appendRoute("POST /api/command") { try await answer($0, command) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      try await server.waitUntilListening(timeout: 10)
      ready()
      try await group.next()
    }
  }

  // MARK: What is shown

  private func state() -> BedsideState {
    BedsideState(
      plant: rig.moment(), statuses: link.statuses(),
      processes: processes().map { BedsideState.Process(name: $0.name, state: $0.state) },
      speed: speed)
  }

  private struct KnobEntry: Encodable {
    var name, unit, kind, summary: String
    var min, max, value: Double
  }

  private func knobs() -> [KnobEntry] {
    rig.withPump { pump in
      Knob.allCases.map { knob in
        let spec = knob.spec
        return KnobEntry(
          name: spec.name, unit: spec.unit, kind: spec.kind.rawValue, summary: spec.summary,
          min: spec.range.lowerBound, max: spec.range.upperBound,
          value: pump.plant.value(of: knob))
      }
    }
  }

  // MARK: What is done

  /// A reason a person can act on; answered with 400.
  private struct BadRequest: Error {
    var reason: String
  }

  private struct KeyRequest: Decodable {
    var key: String
    var down: Bool
  }

  private func key(_ body: Data) async throws -> [String: String] {
    let request = try Self.decode(KeyRequest.self, body)
    guard let key = PumpKey(rawValue: request.key) else {
      let known = PumpKey.allCases.map(\.rawValue).joined(separator: ", ")
      throw BadRequest(reason: "no key '\(request.key)'; the keys are \(known)")
    }
    rig.withPump { $0.setKey(key, down: request.down) }
    return [:]
  }

  private struct KnobRequest: Decodable {
    var name: String
    var value: Double
  }

  private func knob(_ body: Data) async throws -> [String: String] {
    let request = try Self.decode(KnobRequest.self, body)
    do {
      let knob = try Knob(named: request.name)
      try rig.withPump { pump throws in try pump.plant.set(knob, request.value) }
    } catch let error as KnobError {
      throw BadRequest(reason: "\(error)")
    }
    return [:]
  }

  private struct CommandRequest: Decodable {
    var `do`: String
    var drug, syringe, rate, vtbi: String?
  }

  private struct CommandAnswer: Encodable {
    var accepted: Bool
    var reason: String
  }

  private func command(_ body: Data) async throws -> CommandAnswer {
    let request = try Self.decode(CommandRequest.self, body)
    let kinds: [String: CommandKind] = [
      "program": .program, "start": .start, "pause": .pause, "stop": .stop, "silence": .silence,
      "clear": .clear, "cancel": .cancel,
    ]
    guard let kind = kinds[request.do] else {
      throw BadRequest(
        reason: "no command '\(request.do)'; one of \(kinds.keys.sorted().joined(separator: ", "))")
    }
    let draft = kind == .program ? try Self.draft(request) : nil
    guard let reply = await link.ask(kind, draft: draft) else {
      return CommandAnswer(accepted: false, reason: "the service does not answer")
    }
    return CommandAnswer(accepted: reply.accepted, reason: Self.reason(reply))
  }

  private static func draft(_ request: CommandRequest) throws -> PrescriptionDraft {
    do {
      let size = try Volume(text: request.syringe ?? "").nanolitres / 1_000_000
      guard let syringe = Syringe(rawValue: UInt8(clamping: size)),
        syringe.capacity.nanolitres == size * 1_000_000
      else { throw BadRequest(reason: "no \(size) mL syringe; 1, 3, 5, 10, 20, 30 or 50 mL") }
      guard let drug = DrugName(request.drug ?? "") else {
        throw BadRequest(reason: "the drug's name must be up to 24 letters of plain ASCII")
      }
      return PrescriptionDraft(
        drug: drug, syringe: syringe, rate: try FlowRate(text: request.rate ?? ""),
        vtbi: try Volume(text: request.vtbi ?? ""))
    } catch let error as QuantityTextError {
      throw BadRequest(reason: error.description)
    }
  }

  private static func reason(_ reply: Reply) -> String {
    guard let refusal = reply.refusal else { return "" }
    switch refusal {
    case .prescriptionInvalid:
      return PrescriptionError(rawValue: reply.detail).map { "\($0)" } ?? "\(refusal)"
    case .alarmPresent:
      return AlarmID(rawValue: reply.detail).map { "alarm present: \($0)" } ?? "\(refusal)"
    default: return "\(refusal)"
    }
  }

  // MARK: HTTP

  private func answer<Answer: Encodable>(
    _ request: HTTPRequest, _ body: @Sendable (Data) async throws -> Answer
  ) async throws -> HTTPResponse {
    guard request.headers[HTTPHeader("X-Bedside")] == "1" else {
      return try Self.json(["error": "the header X-Bedside: 1 is missing"], .badRequest)
    }
    do {
      return try Self.json(await body(try await request.bodyData))
    } catch let error as BadRequest {
      return try Self.json(["error": error.reason], .badRequest)
    }
  }

  private static func decode<T: Decodable>(_ type: T.Type, _ body: Data) throws -> T {
    guard body.count <= 4_096 else { throw BadRequest(reason: "the body is too long") }
    do {
      return try JSONDecoder().decode(type, from: body)
    } catch {
      throw BadRequest(reason: "the body is not the JSON this request takes")
    }
  }

  private static func json<T: Encodable>(_ value: T, _ status: HTTPStatusCode = .ok) throws
    -> HTTPResponse
  {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    return HTTPResponse(
      statusCode: status,
      headers: [.contentType: "application/json", HTTPHeader("Cache-Control"): "no-store"],
      body: try encoder.encode(value))
  }

  private static func file(_ name: String, _ type: String) throws -> HTTPResponse {
    guard let folder = Bundle.module.resourceURL else { return HTTPResponse(statusCode: .notFound) }
    let data = try Data(contentsOf: folder.appendingPathComponent("Page/\(name)"))
    return HTTPResponse(
      statusCode: .ok,
      headers: [
        .contentType: "\(type); charset=utf-8",
        HTTPHeader("Content-Security-Policy"): "default-src 'self'; frame-ancestors 'none'",
      ], body: data)
  }
}
