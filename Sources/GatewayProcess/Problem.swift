// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import ServiceAPI
import StrictJSON

/// Why a request is not answered as asked, in the form of RFC 9457.
struct Problem: Error {
  /// What programs tell problems apart by; it stands in `type` behind `urn:pump:problem:`.
  enum Kind: String, CaseIterable {
    case certificate
    case rate
    case notFound = "not-found"
    case method
    case request
    case tooLarge = "too-large"
    case media
    case notPermitted = "not-permitted"
    case notSignedIn = "not-signed-in"
    case wrongSecret = "wrong-secret"
    case wait
    case needsStepUp = "needs-step-up"
    case nobody
    case noRecord = "no-record"
    case noLibrary = "no-library"
    case loginTaken = "login-taken"
    case lastAdministrator = "last-administrator"
    case notAnOrder = "not-an-order"
    case keyUsed = "key-used"
    case noProposal = "no-proposal"
    case proposalEnded = "proposal-ended"
    case noLength = "no-length"
    case uploadBusy = "upload-busy"
    case noSpace = "no-space"
    case noUpdater = "no-updater"
    case busy
    case pumpSilent = "pump-silent"
    case `internal`

    var status: HTTPResponse.Status {
      switch self {
      case .certificate, .notPermitted, .needsStepUp: .forbidden
      case .notSignedIn, .wrongSecret: .unauthorized
      case .rate, .wait: .tooManyRequests
      case .notFound, .nobody, .noRecord, .noLibrary, .noProposal: .notFound
      case .method: .methodNotAllowed
      case .request: .badRequest
      case .tooLarge: .contentTooLarge
      case .media: .unsupportedMediaType
      case .notAnOrder, .keyUsed, .proposalEnded, .loginTaken, .lastAdministrator, .uploadBusy:
        .conflict
      case .noLength: .lengthRequired
      case .noSpace: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
      case .busy, .pumpSilent, .noUpdater: .serviceUnavailable
      case .internal: .internalServerError
      }
    }
  }

  let kind: Kind
  let detail: String
  /// Seconds after which it is worth to ask again.
  var retryAfter: Int64?
  /// The methods that there are, when this one is not.
  var allowed: [HTTPRequest.Method] = []

  var response: Response {
    var headers: HTTPFields = [
      .contentType: "application/problem+json", .cacheControl: "no-store",
    ]
    if kind.status == .unauthorized { headers[.wwwAuthenticate] = "Bearer" }
    if let retryAfter { headers[.retryAfter] = "\(retryAfter)" }
    if !allowed.isEmpty {
      headers[.allow] = allowed.map(\.rawValue).joined(separator: ", ")
    }
    let node = JSONNode.object([
      ("detail", .string(detail)), ("status", .integer(Int64(kind.status.code))),
      ("title", .string(kind.status.reasonPhrase)),
      ("type", .string("urn:pump:problem:\(kind.rawValue)")),
    ])
    return Response(
      status: kind.status, headers: headers,
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: CanonicalJSON.text(node))))
  }

  static let notSignedIn = Problem(.notSignedIn, "there is no such session here, or it is over")
  static let noProposal = Problem(.noProposal, "this node has no such proposal")
  static let uploadBusy = Problem(
    .uploadBusy, "another bundle comes or is being verified", retryAfter: 10)
  static let serviceSilent = Problem(.busy, "the service does not answer", retryAfter: 1)
  static let pumpSilent = Problem(.pumpSilent, "the controller says nothing", retryAfter: 1)

  /// Of what the library refuses.
  init(_ error: any HTTPResponseError, path: String) {
    let others = Route.methods(of: path)
    switch error.status {
    case .notFound where !others.isEmpty:
      self.init(.method, "this can only be asked otherwise", allowed: others)
    case .notFound: self.init(.notFound, "there is nothing here")
    case .contentTooLarge: self.init(.tooLarge, "the body is too long")
    default: self.init(.request, error.status.reasonPhrase)
    }
  }

  /// Of what the service refuses.
  init(_ refusal: ServiceRefusal) {
    switch refusal.reason {
    case .notPermitted:
      self.init(.notPermitted, "the node or the person may not, or not while the pump does this")
    case .notSignedIn: self = .notSignedIn
    case .needsStepUp: self.init(.needsStepUp, "this needs the secret again")
    case .wrongSecret: self.init(.wrongSecret, "login and secret do not belong together")
    case .wait:
      self.init(
        .wait, "too many mistakes", retryAfter: ((refusal.milliseconds ?? 0) + 999) / 1_000)
    case .nobody: self.init(.nobody, "there is no such person")
    case .loginTaken: self.init(.loginTaken, "another person has this login")
    case .lastAdministrator:
      self.init(.lastAdministrator, "the pump would have no administrator")
    case .noSuchRole: self.init(.request, "role: there is no such role")
    case .notALogin:
      self.init(.request, "login: expected 1 to 64 printable ASCII characters without spaces")
    case .notUnderstood: self.init(.request, refusal.detail ?? "not understood")
    case .notAnOrder:
      self.init(.notAnOrder, "outside the device's limits: \(refusal.detail ?? "")")
    case .keyUsed: self.init(.keyUsed, "another order or bundle came with this key")
    case .noProposal: self = .noProposal
    case .proposalEnded: self.init(.proposalEnded, "the proposal waits no more")
    case .uploadBusy: self = .uploadBusy
    case .noSpace: self.init(.noSpace, "there is no room for it")
    case .noUpdater: self = .noUpdater
    case .busy: self.init(.busy, "too much waits already", retryAfter: 60)
    case .unavailable, .needsSecondPerson, .badgeTaken, .secretTooShort, .secretTooLong, .notABadge,
      .secretNotDigits, .secretGuessable, .wrongCode, .beyondEmergencyLimits, .notAName,
      .notACertificate:
      self = .serviceSilent
    }
  }

  init(
    _ kind: Kind, _ detail: String, retryAfter: Int64? = nil, allowed: [HTTPRequest.Method] = []
  ) {
    self.kind = kind
    self.detail = detail
    self.retryAfter = retryAfter
    self.allowed = allowed
  }
}

/// Makes every failure a problem, so that nobody is told what went wrong inside.
struct ProblemMiddleware: RouterMiddleware {
  typealias Context = NodeContext

  func handle(
    _ request: Request, context: NodeContext,
    next: @concurrent (Request, NodeContext) async throws -> Response
  ) async throws -> Response {
    do {
      return try await next(request, context)
    } catch let problem as Problem {
      return problem.response
    } catch let error as any HTTPResponseError {
      return Problem(error, path: request.uri.path).response
    } catch {
      report("a request failed: \(error)")
      return Problem(.internal, "the request failed").response
    }
  }
}
