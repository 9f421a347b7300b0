// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import Inventory

/// The bill names what a build is linked from, and says the same of the same build.
@Suite struct InventoryTests {
  private static let support = [
    "debian-12": Support(supplier: "Debian", licence: "", level: "long-term", end: "2028-06-30"),
    "swift:nio": Support(
      supplier: "Swift", licence: "Apache-2.0", level: "active", end: "not stated"),
    "swift-toolchain": Support(supplier: "Swift", licence: "", level: "active", end: "not stated"),
  ]

  private func facts(libraries: [String] = ["libc6"], time: Int64 = 0) -> BuildFacts {
    BuildFacts(
      version: "0.1.0", time: time, debianRelease: "12", swiftVersion: "6.3.1",
      programs: [
        .init(
          name: "pumpd", sha256: String(repeating: "0", count: 64), isOnDevice: true,
          packages: ["nio"], libraries: libraries),
        .init(
          name: "pump-sim", sha256: String(repeating: "1", count: 64), isOnDevice: false,
          packages: [], libraries: libraries),
      ],
      packages: [
        .init(
          identity: "nio", location: "https://github.com/apple/nio.git", version: "2.1.0",
          revision: "abc")
      ],
      libraries: [
        .init(name: "libc6", version: "2.36-9+deb12u1", source: "glibc", architecture: "amd64")
      ])
  }

  private func object(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test(.tags(.`SEC-052`))
  func `SEC-052 every part has its package URL, and every program its digest and its parts`() throws
  {
    let bill = try object(try BillOfMaterials(facts(), support: Self.support).json())
    #expect(bill["specVersion"] as? String == "1.6")
    let components = try #require(bill["components"] as? [[String: Any]])
    #expect(
      components.compactMap { $0["purl"] as? String } == [
        "pkg:swift/github.com/apple/nio@2.1.0",
        "pkg:deb/debian/libc6@2.36-9%2Bdeb12u1?arch=amd64&distro=debian-12",
      ])
    #expect(components.compactMap { $0["scope"] as? String } == ["excluded", "required"])
    let dependencies = try #require(bill["dependencies"] as? [[String: Any]])
    let program = try #require(dependencies.first { $0["ref"] as? String == "program:pumpd" })
    #expect((program["dependsOn"] as? [String])?.count == 3)
    #expect(
      Set(dependencies.compactMap { $0["ref"] as? String }).count == dependencies.count)
  }

  @Test func `the same build gives the same bytes and another one another serial number`() throws {
    let one = try BillOfMaterials(facts(), support: Self.support).json()
    #expect(one == (try BillOfMaterials(facts(), support: Self.support).json()))
    let other = try BillOfMaterials(facts(time: 1), support: Self.support).json()
    #expect(try object(one)["serialNumber"] as? String != object(other)["serialNumber"] as? String)
    let metadata = try #require(try object(other)["metadata"] as? [String: Any])
    #expect(metadata["timestamp"] as? String == "1970-01-01T00:00:01Z")
  }

  @Test(.tags(.`SEC-052`))
  func `SEC-052 a component without its support, or with a wrong one, is refused`() {
    var support = Self.support
    support["swift:nio"] = nil
    #expect(throws: InventoryError.noSupport(component: "swift:nio")) {
      try BillOfMaterials(facts(), support: support)
    }
    support["swift:nio"] = Support(supplier: "S", licence: "", level: "fine", end: "not stated")
    #expect(throws: InventoryError.self) { try BillOfMaterials(facts(), support: support) }
    support["swift:nio"] = Support(supplier: "S", licence: "", level: "active", end: "some day")
    #expect(throws: InventoryError.self) { try BillOfMaterials(facts(), support: support) }
  }

  /// 1970-01-02 is the last day: the first second of the day behind it is too late.
  @Test(.tags(.`SEC-052`))
  func `SEC-052 a component past its end of support is refused from the next day on`() throws {
    let support = Self.support.mapValues { known in
      Support(supplier: known.supplier, licence: "", level: known.level, end: "1970-01-02")
    }
    _ = try BillOfMaterials(facts(time: 2 * 86_400 - 1), support: support)
    #expect(throws: InventoryError.pastSupport(component: "swift:nio", end: "1970-01-02")) {
      try BillOfMaterials(facts(time: 2 * 86_400), support: support)
    }
  }

  @Test func `a program that is linked from something unknown is refused`() {
    #expect(throws: InventoryError.unknownPart(program: "pump-sim", "deb:libx")) {
      try BillOfMaterials(facts(libraries: ["libx"]), support: Self.support)
    }
  }

  private func exchange(_ component: String, _ status: String, _ why: String, _ text: String = "")
    throws -> [String: Any]
  {
    let bill = try BillOfMaterials(facts(), support: Self.support)
    let entry = Vulnerability(
      name: "CVE-1-1", component: component, status: status, justification: why, statement: text)
    return try object(
      try ExploitabilityExchange([entry], facts: facts(), bill: bill).json())
  }

  @Test func `a statement names the device's programs and nothing of the simulator`() throws {
    let text = try exchange("pkg:deb/debian/libx", "not_affected", "component_not_present")
    let statements = try #require(text["statements"] as? [[String: Any]])
    let products = try #require(statements.first?["products"] as? [[String: Any]])
    #expect(products.map { $0["@id"] as? String } == ["urn:referencepump:program:pumpd"])
  }

  @Test(arguments: [
    ("pkg:deb/debian/libc6", "not_affected", "component_not_present", "x"),
    ("pkg:deb/debian/libx", "fixed", "", "x"), ("pkg:deb/debian/libc", "fixed", "", "x"),
    ("pkg:deb/debian/libc6", "not_affected", "", ""), ("pkg:deb/debian/libc6", "affected", "", ""),
    ("pkg:deb/debian/libc6", "fine", "", ""), ("pkg:deb/debian/libc6", "not_affected", "luck", ""),
    ("pkg:deb/debian/libc6", "fixed", "vulnerable_code_not_present", ""),
  ])
  func `a statement that the build or the form contradicts is refused`(
    component: String, status: String, why: String, text: String
  ) {
    #expect(throws: InventoryError.self) { try exchange(component, status, why, text) }
  }

  @Test func `the manifest gives a program's packages and libraries at any distance`() throws {
    let dump = """
      {"targets":[
        {"name":"pumpd","type":"executable","settings":[],"dependencies":[
          {"byName":["Core",null]},{"product":["NIO","nio",null,{"condition":1}]}]},
        {"name":"Core","type":"regular","dependencies":[{"target":["CX",{"platformNames":[]}]}],
         "settings":[{"tool":"swift","kind":{"strictMemorySafety":{}}}]},
        {"name":"CX","type":"regular","dependencies":[],
         "settings":[{"tool":"linker","kind":{"linkedLibrary":{"_0":":libx.a"}}}]},
        {"name":"Other","type":"regular","dependencies":[{"product":["P","p",null,null]}],"settings":[]}]}
      """
    let tree = """
      {"identity":"self","url":"/self","version":"unspecified","path":"/self","dependencies":[
        \(node("nio", "2.0.0", node("atomics", "1.1.0", node("deep", "0.1.0")))),
        \(node("p", "3.0.0", node("deep", "0.1.0")))]}
      """
    let manifest = try Manifest(dump: Data(dump.utf8), dependencies: Data(tree.utf8)) {
      "r of \($0)"
    }
    let parts = manifest.parts(of: "pumpd")
    #expect(manifest.programs == ["pumpd"])
    #expect(parts.packages == ["atomics", "deep", "nio"])
    #expect(parts.linked == [":libx.a"])
    #expect(manifest.packages.map(\.identity) == ["atomics", "deep", "nio", "p"])
    #expect(manifest.packages.map(\.version) == ["1.1.0", "0.1.0", "2.0.0", "3.0.0"])
    #expect(manifest.packages.map(\.location).last == "https://h/p")
    #expect(manifest.packages.map(\.revision).last == "r of /there/p")
  }

  /// As `swift package show-dependencies` writes one.
  private func node(_ identity: String, _ version: String, _ below: String = "") -> String {
    """
    {"identity":"\(identity)","url":"https://h/\(identity)","version":"\(version)",
     "path":"/there/\(identity)","dependencies":[\(below)]}
    """
  }
}
