// SPDX-License-Identifier: Apache-2.0

import Domain
import HTTPTypes
import Hummingbird
import LocalTransport
import ServiceAPI
import StrictJSON

/// What nodes propose: read here, decided by the service.
struct Proposals: Sendable {
  private let calls: ServiceCalls

  init(path: String, service: PeerPolicy) { calls = ServiceCalls(path: path, service: service) }

  /// The node's orders that wait.
  func list(_ context: NodeContext) async throws -> Response {
    guard
      case .proposals(let list) = try await calls.ask(
        .proposals(node: context.peer().node))
    else {
      throw Problem.serviceSilent
    }
    return Server.json(.object([("proposals", .array(list.map(\.json)))]))
  }

  // SRS-189: an order from the network becomes a proposal, and nothing else.
  /// Takes an order; 201 when it is a new proposal, 200 when it is the one there was.
  func add(_ request: Request, _ context: NodeContext) async throws -> Response {
    let (key, draft) = try await order(request)
    let answer = try await calls.ask(
      .propose(context.peer(), key: key, session: request.session(), draft))
    switch answer {
    case .proposal(let number, let isNew):
      return Server.json(.object([("number", .integer(number))]), status: isNew ? .created : .ok)
    case .refused(let refusal): throw Problem(refusal)
    case .none, .standing, .signature, .proposals, .proposalStanding, .withdrawn, .person, .audit,
      .noted, .permit, .intake:
      throw Problem.serviceSilent
    }
  }

  // SRS-247: what ended is told as well.
  /// One of the node's orders, and what became of it.
  func show(_ context: NodeContext) async throws -> Response {
    switch try await calls.ask(
      .proposal(node: context.peer().node, number: Self.number(context)))
    {
    case .proposalStanding(let standing): return Server.json(standing.json)
    case .refused(let refusal): throw Problem(refusal)
    case .none, .standing, .signature, .proposal, .proposals, .withdrawn, .person, .audit, .noted,
      .permit, .intake:
      throw Problem.serviceSilent
    }
  }

  // SRS-248 SEC-375: a browser asks before it sends DELETE to another origin, and is not told yes.
  /// Takes back one of the node's orders that waits.
  func withdraw(_ request: Request, _ context: NodeContext) async throws -> Response {
    switch try await calls.ask(
      .withdraw(
        context.peer(), session: request.session(), number: Self.number(context)))
    {
    case .withdrawn: return Response(status: .noContent, headers: [.cacheControl: "no-store"])
    case .refused(let refusal): throw Problem(refusal)
    case .none, .standing, .signature, .proposal, .proposals, .proposalStanding, .person, .audit,
      .noted, .permit, .intake:
      throw Problem.serviceSilent
    }
  }

  // SEC-441: what is no number is one that is not there.
  private static func number(_ context: NodeContext) throws(Problem) -> Int64 {
    guard let text = context.parameters.get("number"), let number = Int64(text),
      (1...Request.mostNumber).contains(number)
    else { throw .noProposal }
    return number
  }

  private func order(_ request: Request) async throws -> (key: String, PrescriptionDraft) {
    let members = try await request.json()
    let key = try request.idempotencyKey()
    do throws(NotUnderstood) {
      return (key, try PrescriptionDraft(json: .object(members.map { ($0.key, $0.node) })))
    } catch {
      throw Problem(.request, error.reason)
    }
  }
}
