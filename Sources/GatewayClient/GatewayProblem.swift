// SPDX-License-Identifier: Apache-2.0

internal import ServiceAPI
internal import StrictJSON

/// Why the pump did not do what was asked, in its own words (RFC 9457).
public struct GatewayProblem: Error, Hashable, Sendable {
  /// The problems of the contract.
  public enum Kind: String, CaseIterable, Sendable {
    case certificate, rate
    case notFound = "not-found"
    case method, request
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
  }

  public let kind: Kind
  public let detail: String
  /// Seconds after which it is worth to ask again.
  public let retryAfter: Int?

  /// - Parameter status: the status of the answer, which the body has to repeat.
  public init(_ bytes: [UInt8], status: Int, retryAfter: Int?) throws(NotAnAnswer) {
    (kind, detail) = try understood { () throws(NotUnderstood) in
      var fields = try Fields(bytes, limits: JSONLimits(depth: 2, size: 8_192))
      let prefix = "urn:pump:problem:"
      let type = try fields.plain("type")
      guard type.hasPrefix(prefix), let kind = Kind(rawValue: String(type.dropFirst(prefix.count)))
      else { throw NotUnderstood("\"type\": there is no problem '\(type)'") }
      guard try fields.integer("status") == Int64(status) else {
        throw NotUnderstood("\"status\": not that of the answer")
      }
      _ = try fields.plain("title")
      let detail = try fields.plain("detail", longest: 1_024)
      try fields.end()
      return (kind, detail)
    }
    self.retryAfter = retryAfter
  }
}
