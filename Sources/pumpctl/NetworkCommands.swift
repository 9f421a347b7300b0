// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ServiceAPI

/// The pump's place on a network, for its administrators.
struct Network: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give the pump a place on a network, change it, or take it away.",
    discussion: """
      For administrators who gave their secret within two minutes: 'pumpctl step-up'. The pump's key never \
      leaves it: 'request' gives what an authority signs, 'set' takes what it made of that. Until then the pump \
      listens on no network, and no change here touches a therapy.
      """,
    subcommands: [
      RequestCertificate.self, SetNetwork.self, ShowNetwork.self, LeaveNetwork.self,
    ])
}

struct RequestCertificate: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "request", abstract: "Print a request for a certificate (PKCS #10, PEM).",
    discussion: "A key that has a certificate already is followed by a new one.")
  @OptionGroup var common: Common
  @Argument(help: "The pump's DNS name, in lower case.") var name: String

  func run() throws {
    let answer = try common.ask(.requestCertificate(session: SessionFile.need(), name: name))
    guard case .certificateRequest(let request) = answer else { throw common.unexpected(answer) }
    if common.json {
      try printJSON(["request": request])
    } else {
      print(request, terminator: "")
    }
  }
}

struct SetNetwork: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "set",
    abstract: "Take a certificate, an authority, a revocation list, or the nodes.",
    discussion: """
      What is not given stays as it is; the first time certificate, authority and list are needed together. \
      Any --node or --proposer replaces all nodes.
      """)
  @OptionGroup var common: Common
  @Option(help: "The file of the pump's certificate, PEM.") var certificate: String?
  @Option(help: "The file of the authority's certificate, PEM.") var authority: String?
  @Option(help: "The file of the authority's revocation list, PEM.") var list: String?
  @Option(help: "The name of a node that may look; may be repeated.") var node: [String] = []
  @Option(help: "The name of a node that may also propose orders; may be repeated.")
  var proposer: [String] = []

  func run() throws {
    let nodes =
      node.map { NetworkNode(name: $0, mayPropose: false) }
      + proposer.map { NetworkNode(name: $0, mayPropose: true) }
    let change = NetworkChange(
      certificate: try text(certificate, NetworkStanding.longestCertificate),
      authority: try text(authority, NetworkStanding.longestCertificate),
      list: try text(list, NetworkStanding.longestList), nodes: nodes.isEmpty ? nil : nodes)
    guard change != NetworkChange() else { throw Failure.badInput("nothing is given; see --help") }
    _ = try common.ask(.setNetwork(session: SessionFile.need(), change))
    try common.show(["done": true], "done; it holds from the next second on")
  }

  private func text(_ path: String?, _ longest: Int) throws(Failure) -> String? {
    guard let path else { return nil }
    guard let bytes = FileManager.default.contents(atPath: path),
      let text = String(data: bytes, encoding: .utf8)
    else { throw .badInput("'\(path)' cannot be read") }
    guard bytes.count <= longest else {
      throw .badInput("'\(path)' has \(bytes.count) bytes, more than \(longest)")
    }
    return text
  }
}

struct ShowNetwork: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show until when it holds, and the nodes.")
  @OptionGroup var common: Common

  private struct Output: Encodable {
    struct Node: Encodable {
      let name: String
      let propose: Bool
    }
    let certificateUntil: Int64?
    let listUntil: Int64?
    let nodes: [Node]
  }

  func run() throws {
    let answer = try common.ask(.network(session: SessionFile.need()))
    guard case .network(let view) = answer else { throw common.unexpected(answer) }
    let output = Output(
      certificateUntil: view.certificateUntil, listUntil: view.listUntil,
      nodes: view.nodes.map { .init(name: $0.name, propose: $0.mayPropose) })
    var lines = ["on no network"]
    if let certificate = view.certificateUntil {
      lines = [
        "certificate until \(Self.day(certificate)), list until \(Self.day(view.listUntil))"
      ]
    }
    lines += view.nodes.map { "\($0.name)\($0.mayPropose ? " (proposes)" : "")" }
    try common.show(output, lines.joined(separator: "\n"))
  }

  private static func day(_ seconds: Int64?) -> String {
    guard let seconds else { return "?" }
    return ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(seconds)))
  }
}

struct LeaveNetwork: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "leave", abstract: "Take the pump off the network: certificate, list and nodes go."
  )
  @OptionGroup var common: Common

  func run() throws {
    _ = try common.ask(.leaveNetwork(session: SessionFile.need()))
    try common.show(["done": true], "the pump is on no network")
  }
}
