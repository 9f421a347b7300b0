// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// What the service has for the panel: a full state, asked for once a second.
public struct PanelNews: Hashable, Sendable {
  /// Somebody has to sign in before they program.
  public var hasPeople: Bool
  /// The one-time code of the first administrator, while the pump has none.
  public var code: String?
  /// Orders from the network that wait.
  public var proposals: Int64
  /// How many of the panel's commands without a session were refused, and why the last one was.
  public var refused: UInt32?
  public var reason: ServiceRefusal.Reason?

  public init(
    hasPeople: Bool, code: String? = nil, proposals: Int64 = 0, refused: UInt32? = nil,
    reason: ServiceRefusal.Reason? = nil
  ) {
    self.hasPeople = hasPeople
    self.code = code
    self.proposals = proposals
    self.refused = refused
    self.reason = reason
  }

  init(_ fields: inout Fields) throws(NotUnderstood) {
    self.init(
      hasPeople: try fields.bool("people"),
      proposals: try fields.integer("proposals", in: 0...Int64(ProposalView.most)))
    if fields.has("code") { code = try fields.string("code", longest: 32) }
    guard fields.has("refused") else { return }
    refused = UInt32(truncatingIfNeeded: try fields.integer("refused", in: 1...Int64(UInt32.max)))
    reason = try fields.word("reason", as: ServiceRefusal.Reason.self)
  }

  var members: [(String, JSONNode)] {
    var members: [(String, JSONNode)] = [
      ("people", .bool(hasPeople)), ("proposals", .integer(proposals)),
    ]
    if let code { members.append(("code", .string(code))) }
    if let refused, let reason {
      members += [("refused", .integer(Int64(refused))), ("reason", .string(reason.rawValue))]
    }
    return members
  }
}
