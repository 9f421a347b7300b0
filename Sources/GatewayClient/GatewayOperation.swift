// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// Each operation of the pump's interface to networks, as `Docs/Interfaces/openapi.json` has them.
// SRS-239: a test holds this list against the contract.
public enum GatewayOperation: String, CaseIterable, Sendable {
  case device, status, alarms, update, events, metrics, proposals, propose, proposal, withdraw
  case takeUpdate, updateIntake, updateHistory, configuration, drugLibrary
  case signIn, session, stepUp, signOut
  case people, addPerson, setPerson, resetPerson
  case auditCheckpoint, auditRecords, auditProof, auditConsistency, auditExport

  public var method: String {
    switch self {
    case .device, .status, .alarms, .update, .events, .metrics, .proposals, .proposal, .session,
      .people, .updateIntake, .updateHistory, .configuration, .drugLibrary, .auditCheckpoint,
      .auditRecords, .auditProof, .auditConsistency, .auditExport:
      "GET"
    case .propose, .takeUpdate, .signIn, .stepUp, .addPerson, .resetPerson: "POST"
    case .setPerson: "PUT"
    case .signOut, .withdraw: "DELETE"
    }
  }

  /// The path, with names in braces for what is told by it.
  public var path: String {
    switch self {
    case .device, .status, .alarms, .update, .events, .metrics, .proposals, .session, .people,
      .configuration:
      "/v1/\(rawValue)"
    case .takeUpdate, .updateIntake: "/v1/update/intake"
    case .updateHistory: "/v1/update/history"
    case .drugLibrary: "/v1/drug-library"
    case .propose: "/v1/proposals"
    case .proposal, .withdraw: "/v1/proposals/{number}"
    case .signIn, .signOut: "/v1/session"
    case .stepUp: "/v1/session/step-up"
    case .addPerson: "/v1/people"
    case .setPerson: "/v1/people/{number}"
    case .resetPerson: "/v1/people/{number}/code"
    case .auditCheckpoint: "/v1/audit/checkpoint"
    case .auditRecords: "/v1/audit/records"
    case .auditProof: "/v1/audit/records/{index}/proof"
    case .auditConsistency: "/v1/audit/consistency"
    case .auditExport: "/v1/audit/export"
    }
  }

  /// The kind of content of a good answer; nil when it has none.
  public var content: String? {
    switch self {
    case .device, .status, .alarms, .update, .takeUpdate, .updateIntake, .updateHistory,
      .configuration, .drugLibrary, .proposals, .propose, .proposal, .signIn, .session,
      .stepUp, .people, .addPerson, .resetPerson, .auditRecords, .auditConsistency:
      "application/json"
    case .auditCheckpoint, .auditProof: "text/plain"
    case .auditExport: "application/x-tar"
    case .events: "text/event-stream"
    case .metrics: "application/openmetrics-text"
    case .signOut, .setPerson, .withdraw: nil
    }
  }

  /// The statuses of a good answer.
  public var good: [Int] {
    switch self {
    case .propose: [200, 201]
    case .takeUpdate: [200, 202]
    case .signIn, .addPerson, .resetPerson: [201]
    case .signOut, .setPerson, .withdraw: [204]
    default: [200]
    }
  }
}

/// One request of ``GatewayOperation``.
public struct GatewayRequest: Sendable {
  public let operation: GatewayOperation
  /// What stands in the path's braces.
  public var number: Int64?
  /// `from` or `follow`, spelled out.
  public var query: String?
  public var session: String?
  /// Further fields; neither names nor values come from outside of this program unchecked.
  public var fields: [(String, String)] = []
  public var body: [UInt8]?
  /// Bytes that follow the request as they are, instead of a body of JSON.
  public var length: Int64?

  public init(_ operation: GatewayOperation, number: Int64? = nil, session: String? = nil) {
    self.operation = operation
    self.number = number
    self.session = session
  }

  /// A request with a body of JSON.
  public init(
    _ operation: GatewayOperation, number: Int64? = nil, session: String? = nil,
    _ members: [(String, JSONNode)]
  ) {
    self.init(operation, number: number, session: session)
    body = CanonicalJSON.text(.object(members))
  }

  /// The request as HTTP/1.1 has it (RFC 9112).
  public func bytes(host: String) -> [UInt8] {
    var path = operation.path
    if let number, let open = path.firstIndex(of: "{"), let end = path.firstIndex(of: "}") {
      path.replaceSubrange(open...end, with: "\(number)")
    }
    if let query { path += "?\(query)" }
    var lines = [
      "\(operation.method) \(path) HTTP/1.1", "Host: \(host)", "Accept-Encoding: identity",
    ]
    if let session { lines.append("Authorization: Bearer \(session)") }
    lines += fields.map { "\($0): \($1)" }
    if let body { lines += ["Content-Type: application/json", "Content-Length: \(body.count)"] }
    if let length {
      lines += ["Content-Type: application/octet-stream", "Content-Length: \(length)"]
    }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? [])
  }
}
