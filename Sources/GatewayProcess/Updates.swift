// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import LocalTransport
import NIOCore
import NIOPosix
import ServiceAPI
import StrictJSON

/// Bundles that people bring, and what the updater says of updates and of what is active.
///
/// The gateway passes bytes on and keeps none: the service says who may, the updater judges what came, and the
/// panel is where somebody agrees to it.
// SYS-099 SRS-230: taken in and verified over the network, and nothing else.
struct Updates: Sendable {
  private let calls: ServiceCalls
  private let link: UpdaterLink
  private let questions = NIOThreadPool(numberOfThreads: 1)
  private let uploads = NIOThreadPool(numberOfThreads: 1)

  init(path: String, service: PeerPolicy, updater: UpdaterLink.Place) {
    calls = ServiceCalls(path: path, service: service, patience: .seconds(5))
    link = UpdaterLink(place: updater)
    questions.start()
    uploads.start()
  }

  // MARK: What there is

  // SRS-236: all of these are read.
  func answer(_ route: Route, _ request: Request) async throws -> Response {
    switch route {
    case .updateHistory:
      let kind = try Self.kind(request)
      guard case .history(let entries) = try await ask(.history(kind)) else {
        throw Problem.noUpdater
      }
      return Server.json(
        .object([("entries", .array(entries.map(\.json))), ("kind", .string(kind.rawValue))]))
    case .configuration:
      guard case .configuration(let view) = try await ask(.configuration) else {
        throw Problem.noUpdater
      }
      return Server.json(view.json)
    case .drugLibrary:
      switch try await ask(.library(from: request.from())) {
      case .library(let page): return Server.json(page.json)
      case .refused(.nothing): throw Problem(.noLibrary, "no drug library is active")
      case .refused(.unavailable):
        throw Problem(.noUpdater, "the library cannot be read", retryAfter: 5)
      default: throw Problem.noUpdater
      }
    default:
      guard let view = await intake() else { throw Problem.noUpdater }
      return Server.json(view.json)
    }
  }

  /// How the newest upload stands; nil when the updater does not say.
  func intake() async -> IntakeView? {
    guard case .intake(let view) = try? await ask(.standing) else { return nil }
    return view
  }

  private func ask(_ request: IntakeRequest) async throws(Problem) -> IntakeAnswer {
    let link = link
    guard let answer = try? await questions.runIfActive({ link.ask(request) }) else {
      throw .noUpdater
    }
    return answer
  }

  private static func kind(_ request: Request) throws(Problem) -> UpdateWord {
    let values = request.uri.queryParameters.getAll("kind")
    guard let value = values.first else { return .firmware }
    guard values.count == 1, let kind = UpdateWord(rawValue: String(value)) else {
      throw Problem(
        .request,
        "kind: expected one of \(UpdateWord.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return kind
  }

  // MARK: What comes

  /// Takes a bundle; 202 when it is whole and is being verified, 200 when it came before.
  ///
  /// - Parameters:
  ///   - extend: gives the request so many seconds, and none of quiet beyond the usual.
  ///   - isGood: whether the node still stands.
  func take(
    _ request: Request, _ context: NodeContext, extend: @Sendable (Int64) -> Void,
    isGood: @Sendable () -> Bool
  ) async throws -> Response {
    // SEC-423: everything that can be refused is before a byte of the body is read.
    let key = try request.idempotencyKey()
    guard request.headers[.contentType]?.lowercased() == "application/octet-stream" else {
      throw Problem(.media, "expected application/octet-stream")
    }
    guard let text = request.headers[.contentLength], let length = Int64(text), length >= 0 else {
      throw Problem(.noLength, "a bundle has to say its length")
    }
    guard length <= IntakePermit.largest else {
      throw Problem(.tooLarge, "more than \(IntakePermit.largest) bytes")
    }
    guard let session = try request.session() else { throw Problem.notSignedIn }
    let peer = try context.peer()
    let token: [UInt8]
    switch try await calls.ask(.upload(peer, session: session, key: key, length: length)) {
    case .permit(let given): token = given
    case .intake(let view): return Server.json(view.json)
    case .refused(let refusal): throw Problem(refusal)
    default: throw Problem.serviceSilent
    }
    extend(60 + length / 65_536)
    return Server.json(
      try await bring(request, token, length, isGood: isGood).json, status: .accepted)
  }

  /// Passes the body on part by part.
  private func bring(
    _ request: Request, _ token: [UInt8], _ length: Int64, isGood: @Sendable () -> Bool
  ) async throws -> IntakeView {
    let link = link
    guard let begun = try await uploads.runIfActive({ link.begin(token) }) else {
      throw Problem.noUpdater
    }
    guard case .go = begun.answer else { throw Problem(begun.answer) }
    let upload = begun.upload
    for try await part in request.body {
      // SEC-368: an upload ends with the standing of who sends it.
      guard isGood() else { throw Problem(.certificate, "the certificate is not good any more") }
      let bytes = Array(part.readableBytesView)
      if let early = try await uploads.runIfActive({ try upload.send(bytes) }) {
        throw Problem(early)
      }
    }
    guard case .intake(let view) = try await uploads.runIfActive({ try upload.last() }) else {
      throw Problem.noUpdater
    }
    return view
  }
}

extension Problem {
  static let noUpdater = Problem(
    .noUpdater, "the process for updates does not answer", retryAfter: 5)

  /// Of what the updater refuses.
  fileprivate init(_ answer: IntakeAnswer) {
    switch answer {
    case .refused(.noSpace): self.init(.noSpace, "there is no room for it")
    case .refused(.busy): self = .uploadBusy
    default: self = .noUpdater
    }
  }
}
