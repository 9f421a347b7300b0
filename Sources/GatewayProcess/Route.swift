// SPDX-License-Identifier: Apache-2.0

import HTTPTypes

/// Each route of the interface; `Docs/Interfaces/openapi.json` is their contract.
// SRS-186: the routes are those of the contract, and each is there once.
public enum Route: String, CaseIterable, Sendable {
  case device, status, alarms, events, metrics, proposals, propose

  /// The interface's version stands in every path.
  static let version = "v1"

  var method: HTTPRequest.Method { self == .propose ? .post : .get }

  var path: String { "/\(Self.version)/\(self == .propose ? "proposals" : rawValue)" }

  /// The kinds of content that its good answer has.
  var content: String {
    switch self {
    case .device, .status, .alarms, .proposals, .propose: "application/json"
    case .events: "text/event-stream"
    case .metrics: "application/openmetrics-text"
    }
  }

  /// The problems it can have, beside those of a request that names no route.
  var problems: [Problem.Kind] {
    switch self {
    case .device, .status, .alarms: [.certificate, .rate, .pumpSilent]
    case .events: [.certificate, .rate, .request]
    case .metrics: [.certificate, .rate]
    case .proposals: [.certificate, .rate, .busy]
    case .propose:
      [
        .certificate, .rate, .request, .tooLarge, .media, .notPermitted, .notAnOrder, .keyUsed,
        .busy,
      ]
    }
  }

  /// The methods that a path has.
  static func methods(of path: String) -> [HTTPRequest.Method] {
    allCases.filter { $0.path == path }.map(\.method)
  }

  /// One line for each: method, path, name, content, and the problems with their status.
  public static var table: String {
    allCases.map { route in
      let problems = route.problems.map { "\($0.status.code) \($0.rawValue)" }.joined(
        separator: ";")
      return
        "\(route.method.rawValue),\(route.path),\(route.rawValue),\(route.content),\(problems)\n"
    }.joined()
  }
}
