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
    case .none, .standing, .signature, .proposals, .person, .audit, .noted, .permit, .intake:
      throw Problem.serviceSilent
    }
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
