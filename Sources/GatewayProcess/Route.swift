// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Each route of the interface; `Docs/Interfaces/openapi.json` is their contract.
// SRS-186: the routes are those of the contract, and each is there once.
public enum Route: CaseIterable, Sendable {
  case device, status, alarms, update, events, metrics, proposals, propose, proposal, withdraw
  case signIn, session, stepUp, signOut
  case people, addPerson, setPerson, resetPerson
  case auditCheckpoint, auditRecords, auditProof, auditConsistency, auditExport
  case takeUpdate, updateIntake, updateHistory, configuration, drugLibrary

  /// The interface's version stands in every path.
  static let version = "v1"

  var method: HTTPRequest.Method {
    switch self {
    case .device, .status, .alarms, .update, .events, .metrics, .proposals, .proposal, .session,
      .people, .auditCheckpoint, .auditRecords, .auditProof, .auditConsistency, .auditExport,
      .updateIntake, .updateHistory, .configuration, .drugLibrary:
      .get
    case .propose, .takeUpdate, .signIn, .stepUp, .addPerson, .resetPerson: .post
    case .setPerson: .put
    case .signOut, .withdraw: .delete
    }
  }

  /// Its path, with names in braces for what is told by it.
  var path: String { "/\(Self.version)/\(place)" }

  private var place: String {
    switch self {
    case .device, .status, .alarms, .update, .events, .metrics, .proposals, .session, .people,
      .configuration:
      "\(self)"
    case .takeUpdate, .updateIntake: "update/intake"
    case .updateHistory: "update/history"
    case .drugLibrary: "drug-library"
    case .propose: "proposals"
    case .proposal, .withdraw: "proposals/{number}"
    case .signIn, .signOut: "session"
    case .stepUp: "session/step-up"
    case .addPerson: "people"
    case .setPerson: "people/{number}"
    case .resetPerson: "people/{number}/code"
    case .auditCheckpoint: "audit/checkpoint"
    case .auditRecords: "audit/records"
    case .auditProof: "audit/records/{index}/proof"
    case .auditConsistency: "audit/consistency"
    case .auditExport: "audit/export"
    }
  }

  /// The kind of content that its good answer has; nil when it has none.
  var content: String? {
    switch self {
    case .device, .status, .alarms, .update, .proposals, .propose, .proposal, .signIn, .session,
      .stepUp, .people, .addPerson, .resetPerson, .auditRecords, .auditConsistency, .takeUpdate,
      .updateIntake, .updateHistory, .configuration, .drugLibrary:
      "application/json"
    case .auditCheckpoint, .auditProof: "text/plain"
    case .auditExport: "application/x-tar"
    case .events: "text/event-stream"
    case .metrics: "application/openmetrics-text"
    case .signOut, .setPerson, .withdraw: nil
    }
  }

  /// The problems it can have, beside those of a request that names no route.
  var problems: [Problem.Kind] {
    [.certificate, .rate] + ownProblems
  }

  private var ownProblems: [Problem.Kind] {
    let body: [Problem.Kind] = [.request, .tooLarge, .media]
    let reading: [Problem.Kind] = [.notSignedIn, .notPermitted, .busy]
    let managing = reading + [.needsStepUp]
    return switch self {
    case .device, .status, .alarms: [.pumpSilent]
    case .events: [.request]
    case .metrics, .update: []
    case .proposals: [.busy]
    case .updateIntake, .configuration: [.noUpdater]
    case .updateHistory: [.request, .noUpdater]
    case .drugLibrary: [.request, .noLibrary, .noUpdater]
    case .takeUpdate:
      managing + body + [.noLength, .uploadBusy, .keyUsed, .noSpace, .noUpdater]
    case .propose: body + [.notSignedIn, .notPermitted, .notAnOrder, .keyUsed, .busy]
    case .proposal: [.noProposal, .busy]
    case .withdraw: [.notSignedIn, .notPermitted, .noProposal, .proposalEnded, .busy]
    case .signIn: body + [.wrongSecret, .wait, .busy]
    case .stepUp: body + [.notSignedIn, .wrongSecret, .wait, .busy]
    case .session, .signOut: [.notSignedIn, .busy]
    case .people: managing + [.request]
    case .addPerson: managing + body + [.loginTaken]
    case .setPerson: managing + body + [.nobody, .lastAdministrator]
    case .resetPerson: managing + [.nobody]
    case .auditCheckpoint: reading + [.noRecord]
    case .auditRecords, .auditConsistency: reading + [.request, .noRecord]
    case .auditProof, .auditExport: managing + [.noRecord]
    }
  }

  /// The methods that a path has.
  static func methods(of path: String) -> [HTTPRequest.Method] {
    allCases.filter { $0.matches(path) }.map(\.method)
  }

  private func matches(_ path: String) -> Bool {
    let own = self.path.split(separator: "/", omittingEmptySubsequences: false)
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    return own.count == parts.count && zip(own, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
  }

  /// One line for each: method, path, name, content, and the problems with their status.
  public static var table: String {
    allCases.map { route in
      let problems = route.problems.map { "\($0.status.code) \($0.rawValue)" }.joined(
        separator: ";")
      return
        "\(route.method.rawValue),\(route.path),\(route),\(route.content ?? "-"),\(problems)\n"
    }.joined()
  }
}
