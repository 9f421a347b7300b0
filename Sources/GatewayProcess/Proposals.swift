// SPDX-License-Identifier: Apache-2.0

import Domain
import HTTPTypes
import Hummingbird
import LocalTransport
import NIOCore
import NIOPosix
import ServiceAPI
import StrictJSON

/// What nodes propose: read here, decided by the service.
struct Proposals: Sendable {
  /// The longest body, in bytes.
  static let longestBody = 4_096

  private let link: ServiceLink
  /// One thread that may wait, so that no event loop does.
  private let thread = NIOThreadPool(numberOfThreads: 1)

  init(path: String, service: PeerPolicy) {
    link = ServiceLink(path: path, service: service)
    thread.start()
  }

  /// The node's orders that wait.
  func list(_ context: NodeContext) async throws -> Response {
    guard case .proposals(let list) = try await ask(.proposals(node: name(context))) else {
      throw Problem.serviceSilent
    }
    return Server.json(.object([("proposals", .array(list.map(\.json)))]))
  }

  // SRS-189: an order from the network becomes a proposal, and nothing else.
  /// Takes an order; 201 when it is a new proposal, 200 when it is the one there was.
  func add(_ request: Request, _ context: NodeContext) async throws -> Response {
    let (key, draft) = try await order(request)
    let answer = try await ask(.propose(node: name(context), key: key, draft))
    switch answer {
    case .proposal(let number, let isNew):
      return Server.json(.object([("number", .integer(number))]), status: isNew ? .created : .ok)
    case .refused(let refusal): throw Problem(refusal)
    case .none, .standing, .signature, .proposals: throw Problem.serviceSilent
    }
  }

  private func name(_ context: NodeContext) throws(Problem) -> String {
    guard let node = context.node else { throw Problem(.certificate, "there is no certificate") }
    return node.name
  }

  private func order(_ request: Request) async throws -> (key: String, PrescriptionDraft) {
    // SEC-375: a page in a browser that has a certificate cannot send this.
    guard let type = request.headers[.contentType],
      type.split(separator: ";").first?.lowercased() == "application/json"
    else { throw Problem(.media, "expected application/json") }
    let keys = request.headers.filter { $0.name.canonicalName == "idempotency-key" }.map(\.value)
    guard keys.count == 1, let key = keys.first,
      (1...ProposalView.longestKey).contains(key.utf8.count),
      key.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
    else {
      throw Problem(.request, "Idempotency-Key: expected 1 to 64 printable ASCII characters")
    }
    var request = request
    let body: ByteBuffer
    do {
      body = try await request.collectBody(upTo: Self.longestBody)
    } catch is NIOTooManyBytesError {
      throw Problem(.tooLarge, "more than \(Self.longestBody) bytes")
    }
    do {
      let node = try JSONReader.read(
        Array(body.readableBytesView),
        limits: JSONLimits(depth: 2, size: Self.longestBody, integer: JSONLimits.exactInteger))
      return (key, try PrescriptionDraft(json: node))
    } catch let error as JSONError {
      throw Problem(.request, "\(error.place.line):\(error.place.column): \(error.reason)")
    } catch let error as NotUnderstood {
      throw Problem(.request, error.reason)
    }
  }

  private func ask(_ request: NetworkRequest) async throws -> NetworkAnswer {
    let link = link
    do {
      return try await thread.runIfActive { try link.ask(request) }
    } catch {
      throw Problem.serviceSilent
    }
  }
}

extension Problem {
  static let serviceSilent = Problem(.busy, "the service does not answer", retryAfter: 1)

  fileprivate init(_ refusal: ServiceRefusal) {
    switch refusal.reason {
    case .notPermitted: self.init(.notPermitted, "the node may not propose, or not now")
    case .notAnOrder:
      self.init(.notAnOrder, "outside the device's limits: \(refusal.detail ?? "")")
    case .keyUsed: self.init(.keyUsed, "another order was proposed with this key")
    case .busy: self.init(.busy, "too many proposals wait", retryAfter: 60)
    default: self = .serviceSilent
    }
  }
}
