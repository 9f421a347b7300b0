// SPDX-License-Identifier: Apache-2.0

import Foundation
import Trace

/// A bill of materials in the form of CycloneDX 1.6, made of what a build is really linked from.
///
/// The same build gives the same bytes: order by name, time from the source, and a serial number that is a
/// digest of the content.
public struct BillOfMaterials: Encodable, Sendable {
  struct Property: Encodable, Sendable {
    let name: String
    let value: String
  }

  struct Hash: Encodable, Sendable {
    let alg: String
    let content: String
  }

  struct Licence: Encodable, Sendable { let expression: String }

  struct Organisation: Encodable, Sendable { let name: String }

  struct Component: Encodable, Sendable {
    let type: String
    let bomRef: String
    let name: String
    let version: String
    var supplier: Organisation?
    var scope: String?
    var hashes: [Hash]?
    var licenses: [Licence]?
    var purl: String?
    var properties: [Property]?

    enum CodingKeys: String, CodingKey {
      case type, name, version, supplier, scope, hashes, licenses, purl, properties
      case bomRef = "bom-ref"
    }
  }

  struct Dependency: Encodable, Sendable {
    let ref: String
    let dependsOn: [String]
  }

  struct Tools: Encodable, Sendable { let components: [Component] }

  struct Phase: Encodable, Sendable { let phase: String }

  struct Metadata: Encodable, Sendable {
    let timestamp: String
    let lifecycles: [Phase]
    let tools: Tools
    let component: Component
    let properties: [Property]
  }

  private let bomFormat = "CycloneDX"
  private let specVersion = "1.6"
  private var serialNumber: String?
  private let version = 1
  private let metadata: Metadata
  let components: [Component]
  private let dependencies: [Dependency]

  public init(_ facts: BuildFacts, support: [String: Support]) throws(InventoryError) {
    let time = Date(timeIntervalSince1970: TimeInterval(facts.time)).ISO8601Format()
    let day = String(time.prefix(10))
    var components: [Component] = []
    var refs: [String: String] = [:]
    for package in facts.packages.sorted(by: { $0.identity < $1.identity }) {
      let host = package.location.replacing(/^https:\/\/|\.git$/, with: "")
      let purl = "pkg:swift/\(host)@\(package.version)"
      refs["swift:\(package.identity)"] = purl
      components.append(
        try Self.component(
          "library", name: package.identity, version: package.version, purl: purl,
          key: "swift:\(package.identity)", support: support, day: day,
          properties: [Property(name: "referencepump:revision", value: package.revision)]))
    }
    let release = facts.debianRelease
    for package in facts.libraries.sorted(by: { $0.name < $1.name }) {
      let purl =
        "pkg:deb/debian/\(package.name.escaped)@\(package.version.escaped)?arch=\(package.architecture)"
        + "&distro=debian-\(release)"
      refs["deb:\(package.name)"] = purl
      components.append(
        try Self.component(
          "library", name: package.name, version: package.version, purl: purl,
          key: "debian-\(release)", support: support, day: day,
          properties: [Property(name: "referencepump:source-package", value: package.source)]))
    }
    let toolchain = "swift-toolchain@\(facts.swiftVersion)"
    components.append(
      try Self.component(
        "platform", name: "swift-toolchain", version: facts.swiftVersion, purl: nil,
        key: "swift-toolchain", support: support, day: day,
        properties: [
          Property(
            name: "referencepump:role", value: "compiler; its standard library is linked statically"
          )
        ], reference: toolchain))
    var dependencies = refs.values.map { Dependency(ref: $0, dependsOn: []) }
    dependencies.append(Dependency(ref: toolchain, dependsOn: []))
    var programs: [String] = []
    for program in facts.programs.sorted(by: { $0.name < $1.name }) {
      let parts = program.packages.map { "swift:\($0)" } + program.libraries.map { "deb:\($0)" }
      var below = [toolchain]
      for part in parts {
        guard let ref = refs[part] else {
          throw .unknownPart(program: program.name, part)
        }
        below.append(ref)
      }
      let ref = "program:\(program.name)"
      programs.append(ref)
      dependencies.append(Dependency(ref: ref, dependsOn: Set(below).sorted()))
      components.append(
        Component(
          type: "application", bomRef: ref, name: program.name, version: facts.version,
          scope: program.isOnDevice ? "required" : "excluded",
          hashes: [Hash(alg: "SHA-256", content: program.sha256)]))
    }
    dependencies.append(Dependency(ref: "product", dependsOn: programs))
    self.components = components
    self.dependencies = dependencies.sorted { $0.ref < $1.ref }
    metadata = Metadata(
      timestamp: time, lifecycles: [Phase(phase: "build")],
      tools: Tools(components: [
        Component(
          type: "application", bomRef: "tool:pump-trace", name: "pump-trace",
          version: facts.version)
      ]),
      component: Component(
        type: "firmware", bomRef: "product", name: "ReferencePump", version: facts.version,
        licenses: [Licence(expression: "Apache-2.0")]),
      properties: [Property(name: "referencepump:note", value: Page.stamp)])
  }

  private static func component(
    _ type: String, name: String, version: String, purl: String?, key: String,
    support: [String: Support], day: String, properties: [Property], reference: String? = nil
  ) throws(InventoryError) -> Component {
    // SEC-052: nothing is built in whose support is unknown or over.
    guard let known = support[key] else { throw .noSupport(component: key) }
    guard Support.levels.contains(known.level) else {
      throw .badSupport(
        component: key, "'\(known.level)' is none of \(Support.levels.joined(separator: ", "))")
    }
    guard
      known.end == "not stated" || known.end.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}/) != nil
    else {
      throw .badSupport(component: key, "'\(known.end)' is neither a date nor 'not stated'")
    }
    // Dates of this form sort as text.
    if known.end != "not stated", known.end < day {
      throw .pastSupport(component: key, end: known.end)
    }
    return Component(
      type: type, bomRef: reference ?? purl ?? name, name: name, version: version,
      supplier: Organisation(name: known.supplier),
      licenses: known.licence.isEmpty ? nil : [Licence(expression: known.licence)], purl: purl,
      properties: properties + [
        Property(name: "referencepump:support-level", value: known.level),
        Property(name: "referencepump:end-of-support", value: known.end),
      ])
  }

  /// The bill as JSON.
  public func json() throws -> String {
    var bill = self
    bill.serialNumber = nil
    let digest = Array(SHA256.hex(try bill.encoded()))
    // The form of a UUID of version 8: made of a digest, not of chance.
    bill.serialNumber =
      "urn:uuid:\(String(digest[0..<8]))-\(String(digest[8..<12]))-8\(String(digest[13..<16]))-"
      + "a\(String(digest[17..<20]))-\(String(digest[20..<32]))"
    return try bill.encoded()
  }

  private func encoded() throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(self), as: UTF8.self) + "\n"
  }
}

extension String {
  /// As a package URL has it: what is no letter, digit or one of `.-_~` is written as `%XX`.
  var escaped: String {
    utf8.map { byte in
      let isPlain =
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
        || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
      guard !isPlain else { return String(UnicodeScalar(byte)) }
      return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
