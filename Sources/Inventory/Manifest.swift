// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// What the package's manifest and the packages that lie there say about the parts of its programs.
///
/// Reads the output of `swift package dump-package` and `show-dependencies`. Package.resolved is not looked at: a
/// build of a part of the package leaves there what that part needs.
public struct Manifest: Sendable {
  private struct Dump: Decodable {
    struct Target: Decodable {
      let name: String
      let type: String
      let dependencies: [Edge]
      let settings: [Setting]
    }
    struct Edge: Decodable {
      let byName: [Field?]?
      let target: [Field?]?
      let product: [Field?]?
    }
    struct Setting: Decodable {
      struct Kind: Decodable { let linkedLibrary: [String: String]? }
      let kind: Kind
    }
    let targets: [Target]
  }

  /// Names stand beside conditions, which are objects and of no interest here.
  private struct Field: Decodable {
    let text: String?
    init(from decoder: any Decoder) throws {
      text = try? decoder.singleValueContainer().decode(String.self)
    }
  }

  private struct Node: Decodable {
    let identity: String
    let url: String
    let version: String
    let path: String
    let dependencies: [Node]
  }

  public let packages: [BuildFacts.SwiftPackage]
  /// The names of the executable targets, in order.
  public let programs: [String]
  private let targets: [String: Dump.Target]
  private let below: [String: Set<String>]

  /// - Parameter revision: The commit that lies in a folder.
  public init(dump: Data, dependencies: Data, revision: (String) throws -> String) throws {
    let decoder = JSONDecoder()
    let dump = try decoder.decode(Dump.self, from: dump)
    targets = Dictionary(
      dump.targets.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    programs = dump.targets.filter { $0.type == "executable" }.map(\.name).sorted()
    var below: [String: Set<String>] = [:]
    var packages: [String: BuildFacts.SwiftPackage] = [:]
    var open = try decoder.decode(Node.self, from: dependencies).dependencies
    while let node = open.popLast() {
      below[node.identity, default: []].formUnion(node.dependencies.map(\.identity))
      open += node.dependencies
      guard packages[node.identity] == nil else { continue }
      packages[node.identity] = BuildFacts.SwiftPackage(
        identity: node.identity, location: node.url, version: node.version,
        revision: try revision(node.path))
    }
    self.packages = packages.values.sorted { $0.identity < $1.identity }
    self.below = below
  }

  /// The Swift packages that a program is built from, at any distance, and the libraries that its targets
  /// name to the linker.
  public func parts(of program: String) -> (packages: [String], linked: [String]) {
    var packages: Set<String> = []
    var linked: Set<String> = []
    var seen: Set<String> = []
    var open = [program]
    while let name = open.popLast() {
      guard seen.insert(name).inserted, let target = targets[name] else { continue }
      linked.formUnion(target.settings.compactMap { $0.kind.linkedLibrary?["_0"] })
      for edge in target.dependencies {
        if let product = edge.product, product.count > 1, let package = product[1]?.text {
          packages.insert(package.lowercased())
        }
        if let name = (edge.byName ?? edge.target)?.first??.text { open.append(name) }
      }
    }
    var far = Array(packages)
    while let package = far.popLast() {
      for next in below[package] ?? [] where packages.insert(next).inserted { far.append(next) }
    }
    return (packages.sorted(), linked.sorted())
  }
}
