// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import LocalTransport
import ServiceAPI
import StrictJSON

/// What people ask who sit at a node: read here, decided by the service.
// SRS-217 SRS-218: sign-in and people over the network.
struct People: Sendable {
  /// Hashing a secret takes its turn behind others.
  static let patience = Duration.seconds(10)

  private let calls: ServiceCalls

  init(path: String, service: PeerPolicy) {
    calls = ServiceCalls(path: path, service: service, patience: Self.patience)
  }

  func answer(
    _ route: Route, _ request: Request, _ context: NodeContext
  ) async throws -> Response {
    let peer = try context.peer()
    let asked = try await read(route, request, context)
    guard case .person(let answer) = try await calls.ask(.person(peer, asked)) else {
      throw Problem.serviceSilent
    }
    return try Self.response(route, answer)
  }

  /// The request in the words of the service, which reads its members strictly.
  private func read(
    _ route: Route, _ request: Request, _ context: NodeContext
  ) async throws -> ServiceRequest {
    guard let verb = route.verb else { throw Problem(.notFound, "there is nothing here") }
    var members = [("v", JSONNode.integer(1)), ("do", .string(verb))]
    if route != .signIn {
      guard let session = try request.session() else { throw Problem.notSignedIn }
      members.append(("session", .string(session)))
    }
    if route == .people { members.append(("from", .integer(try request.from()))) }
    if route == .setPerson || route == .resetPerson {
      members.append(("person", .integer(try Self.number(context))))
    }
    if route.problems.contains(.media) {
      let body = try await request.json()
      // SEC-406: a PIN is for the pump's own keys.
      if body.contains(where: { $0.key == "badge" }) { throw Problem(.request, "badge: unknown") }
      members += body.map { ($0.key, $0.node) }
    }
    do throws(NotUnderstood) { return try ServiceRequest(json: .object(members)) } catch {
      throw Problem(.request, error.reason)
    }
  }

  private static func number(_ context: NodeContext) throws(Problem) -> Int64 {
    guard let text = context.parameters.get("number"), let number = Int64(text),
      (1...Request.mostNumber).contains(number)
    else {
      throw Problem(.nobody, "there is no such person")
    }
    return number
  }

  private static func response(
    _ route: Route, _ answer: ServiceAnswer
  ) throws(Problem) -> Response {
    switch answer {
    case .refused(let refusal): throw Problem(refusal)
    case .done: return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    case .session(let session, let person):
      return Server.json(
        .object([("person", person.json), ("session", .string(session))]),
        status: route == .signIn ? .created : .ok)
    case .person(let person, let steppedUp):
      return Server.json(.object([("person", person.json), ("stepped_up", .bool(steppedUp))]))
    case .people(let people, let more):
      return Server.json(
        .object([("more", .bool(more)), ("people", .array(people.map(\.json)))]))
    case .code(let code, let person):
      return Server.json(
        .object([("code", .string(code)), ("person", .integer(person))]), status: .created)
    case .setup, .requirement, .passedOn, .certificateRequest, .network, .proposals, .panel:
      throw .serviceSilent
    }
  }
}

extension Route {
  /// The service's word for what people ask there; nil for a route that is none of people.
  fileprivate var verb: String? {
    switch self {
    case .signIn: "sign-in"
    case .session: "whoami"
    case .stepUp: "step-up"
    case .signOut: "sign-out"
    case .people: "people"
    case .addPerson: "add-person"
    case .setPerson: "set-person"
    case .resetPerson: "reset-person"
    case .device, .status, .alarms, .update, .events, .metrics, .proposals, .propose, .proposal,
      .withdraw, .auditCheckpoint, .auditRecords, .auditProof, .auditConsistency, .auditExport,
      .takeUpdate, .updateIntake, .updateHistory, .configuration, .drugLibrary:
      nil
    }
  }
}
