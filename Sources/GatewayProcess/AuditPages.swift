// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import LocalTransport
import NIOCore
import ServiceAPI
import StrictJSON

/// The audit log for people who may read it: asked of the service piece by piece.
// SRS-220 SRS-221: records, checkpoint, proofs, and the whole log as an archive.
struct AuditPages: Sendable {
  private let calls: ServiceCalls

  init(path: String, service: PeerPolicy) {
    calls = ServiceCalls(path: path, service: service, patience: .seconds(10))
  }

  /// `isGood` says whether the node still stands.
  func answer(
    _ route: Route, _ request: Request, _ context: NodeContext,
    isGood: @escaping @Sendable () -> Bool
  ) async throws -> Response {
    guard let session = try request.session() else { throw Problem.notSignedIn }
    let question = try Self.question(route, request, context)
    let peer = try context.peer()
    let answer = try await ask(peer, session, question)
    switch answer {
    case .text(let text): return Self.text(Array(text.utf8))
    case .consistency(let proof): return Server.json(proof.json)
    case .records(let lines, let next):
      // The lines are JSON as the listing writes it.
      let text =
        "{\"next\":\(next.map { "\($0)" } ?? "null"),\"records\":[" + lines.joined(separator: ",")
        + "]}"
      return Self.response("application/json", ResponseBody(byteBuffer: ByteBuffer(string: text)))
    case .export: return export(peer, session, isGood)
    case .nothing, .piece, .refused: throw Problem.serviceSilent
    }
  }

  private static func question(
    _ route: Route, _ request: Request, _ context: NodeContext
  ) throws(Problem) -> AuditQuestion {
    switch route {
    case .auditRecords: return .records(from: try request.from())
    case .auditConsistency: return .consistency(from: try request.from())
    case .auditProof:
      guard let text = context.parameters.get("index"), let index = Int64(text),
        (0...Request.mostNumber).contains(index)
      else { throw .noRecord }
      return .proof(index: index)
    case .auditExport: return .export
    default: return .checkpoint
    }
  }

  private func ask(
    _ peer: NetworkPeer, _ session: String, _ question: AuditQuestion, mayBeNothing: Bool = false
  ) async throws(Problem) -> AuditAnswer {
    let answer = try await calls.ask(.audit(peer, session: session, question))
    guard case .audit(let answer) = answer else { throw .serviceSilent }
    switch answer {
    case .refused(let refusal): throw Problem(refusal)
    case .nothing where !mayBeNothing: throw .noRecord
    default: return answer
    }
  }

  private func export(
    _ peer: NetworkPeer, _ session: String, _ isGood: @escaping @Sendable () -> Bool
  ) -> Response {
    let pages = self
    return Self.response(
      "application/x-tar",
      ResponseBody { writer in
        var archive = LogArchive()
        while let wanted = archive.wanted {
          // SEC-368: an archive ends with the standing of who loads it.
          guard isGood() else {
            throw Problem(.certificate, "the certificate is not good any more")
          }
          let answer = try await pages.ask(
            peer, session, .piece(file: wanted.file, offset: wanted.offset), mayBeNothing: true)
          try await writer.write(ByteBuffer(bytes: archive.take(answer)))
        }
        try await writer.finish(nil)
      })
  }

  private static func text(_ bytes: [UInt8]) -> Response {
    response("text/plain; charset=utf-8", ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  private static func response(_ type: String, _ body: ResponseBody) -> Response {
    Response(status: .ok, headers: [.contentType: type, .cacheControl: "no-store"], body: body)
  }
}

extension Problem {
  fileprivate static let noRecord = Problem(
    .noRecord, "there is no such record, or no checkpoint covers it yet")
}

/// An archive of the log as it is put together: one file after the other, piece by piece.
private struct LogArchive {
  /// What is to be asked for next; nil when the archive is whole.
  private(set) var wanted: (file: Int64, offset: Int64)? = (0, 0)

  /// The bytes of the archive that follow from the answer; an archive without its end is none.
  mutating func take(_ answer: AuditAnswer) throws(Problem) -> [UInt8] {
    guard let (file, offset) = wanted else { return [] }
    if case .nothing = answer, offset == 0 {
      wanted = nil
      return TarArchive.end
    }
    guard case .piece(let path, let length, let bytes) = answer,
      let header = TarArchive.header(path: path, length: length),
      !bytes.isEmpty || offset == length
    else { throw .serviceSilent }
    let next = offset + Int64(bytes.count)
    let isWhole = next >= length
    wanted = isWhole ? (file + 1, 0) : (file, next)
    return (offset == 0 ? header : []) + bytes
      + (isWhole ? TarArchive.padding(after: length) : [])
  }
}
