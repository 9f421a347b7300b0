// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import GatewayClient
import StrictJSON
import Testing

@testable import pumpctl

extension Tag {
  @Tag static var `RC-152`: Self
  @Tag static var `SRS-239`: Self
  @Tag static var `SRS-241`: Self
}

private let contract = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
  .deletingLastPathComponent().deletingLastPathComponent()
  .appendingPathComponent("Docs/Interfaces/openapi.json")

@Suite struct ReachTests {
  @Test(.tags(.`SRS-239`))
  func `SRS-239 the client's operations are those of the contract, and a command asks for each`()
    throws
  {
    let bytes = Array(try Data(contentsOf: contract))
    let node = try JSONReader.read(bytes, limits: JSONLimits(depth: 32))
    var written: [String: String] = [:]
    for path in try #require(node["paths"]?.members) {
      for method in try #require(path.node.members) where method.key != "parameters" {
        let id = try #require(method.node["operationId"]?.string)
        written[id] = "\(method.key.uppercased()) \(path.key)"
      }
    }
    for operation in GatewayOperation.allCases {
      #expect(written[operation.rawValue] == "\(operation.method) \(operation.path)")
    }
    #expect(Set(written.keys) == Set(GatewayOperation.allCases.map(\.rawValue)))
    var asked = Set<GatewayOperation>()
    for reach in Reach.table.values {
      switch reach {
      case .both(let operations), .network(let operations): asked.formUnion(operations)
      case .here, .none: break
      }
    }
    #expect(asked == Set(GatewayOperation.allCases))
  }

  @Test(.tags(.`RC-152`, .`SRS-241`))
  func
    `RC-152 SRS-241 each command says where it reaches a pump, and none that moves a therapy over a network`()
  {
    let commands = Set(Reach.commands().map(\.words))
    #expect(commands == Set(Reach.table.keys))
    let moving = [
      "program", "start", "confirm", "pause", "stop", "silence", "clear", "cancel",
      "proposals take",
    ]
    for words in moving {
      guard case .here(let place) = Reach.table[words] else {
        Issue.record("\(words) over a network")
        continue
      }
      #expect(!place.isEmpty)
    }
    // What has a place other than files is addressed, so that the check at the start sees it.
    for (words, type) in Reach.commands()
    where Reach.table[words] != Reach.none && words != "update" {
      #expect(type is any Addressed.Type, "\(words)")
    }
  }

  @Test func `each command has its JSON`() {
    for (words, type) in Reach.commands() {
      #expect(PumpCtl.helpMessage(for: type).contains("--json"), "\(words)")
    }
  }
}
