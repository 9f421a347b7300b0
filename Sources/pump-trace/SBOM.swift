// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Inventory
import Trace

struct SBOM: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sbom",
    abstract: "Write the bill of materials and the vulnerability statements of a build.",
    discussion: """
      Reads the programs, their dynamic libraries (ldd, dpkg) and the package's manifest and resolution. \
      The time is SOURCE_DATE_EPOCH, or that of the commit.
      """)

  @OptionGroup var places: Places
  @Option(help: "The folder of the release programs.") var bin = ".build/release"
  @Option(help: "The programs that are part of the device, separated by commas.")
  var device: String
  @Option(help: "The version of the product.") var productVersion = "0.1.0"
  @Option(help: "The folder for sbom.cdx.json and vex.openvex.json.") var out = "out/sbom"

  func run() throws {
    let tree = places.tree
    let facts = try facts(of: tree)
    let bill: BillOfMaterials
    let exchange: ExploitabilityExchange
    do {
      bill = try BillOfMaterials(facts, support: try support(in: tree))
      exchange = try ExploitabilityExchange(
        try vulnerabilities(in: tree), facts: facts, bill: bill)
    } catch let error as InventoryError {
      print(error)
      throw ExitCode(1)
    }
    try tree.write(try bill.json(), to: "\(out)/sbom.cdx.json")
    try tree.write(try exchange.json(), to: "\(out)/vex.openvex.json")
    print(
      "sbom: \(facts.programs.count) programs, \(facts.packages.count) Swift packages, "
        + "\(facts.libraries.count) Debian packages; wrote \(out)/sbom.cdx.json and vex.openvex.json"
    )
  }

  // MARK: What was built

  private func facts(of tree: WorkingTree) throws -> BuildFacts {
    let root = tree.root
    let dependencies = try output(
      of: "swift", ["package", "show-dependencies", "--format", "json"], in: root)
    let manifest = try Manifest(
      dump: try output(of: "swift", ["package", "dump-package"], in: root),
      dependencies: dependencies
    ) { folder in
      // Its own and no other: a folder without one lies in this project's.
      let git = ["--git-dir", "\(folder)/.git", "rev-parse", "HEAD"]
      guard let commit = firstLine(of: "git", git, in: root) else {
        throw Trouble(description: "\(folder) has no commit of its own")
      }
      return commit
    }
    let onDevice = Set(device.split(separator: ",").map(String.init))
    let unknown = onDevice.subtracting(manifest.programs)
    guard unknown.isEmpty else {
      throw ValidationError("No program is named \(unknown.sorted().joined(separator: ", ")).")
    }
    var files: [String: [String]] = [:]
    for name in manifest.programs {
      let path = URL(fileURLWithPath: bin, relativeTo: root).appending(path: name).path
      files[name] =
        try loaded(by: path, in: root) + manifest.parts(of: name).linked.compactMap(archive)
    }
    let owners = try owners(of: Set(files.values.joined()).sorted(), in: root)
    let programs = try manifest.programs.map { name in
      let path = URL(fileURLWithPath: bin, relativeTo: root).appending(path: name).path
      return BuildFacts.Program(
        name: name, sha256: SHA256.hex(try read(path, in: root)),
        isOnDevice: onDevice.contains(name), packages: manifest.parts(of: name).packages,
        libraries: Set(files[name, default: []].compactMap { owners[$0] }).sorted())
    }
    let used = Set(programs.flatMap(\.packages))
    return BuildFacts(
      version: productVersion, time: try time(in: root), debianRelease: debianRelease(),
      swiftVersion: try swiftVersion(in: root), programs: programs,
      packages: manifest.packages.filter { used.contains($0.identity) },
      libraries: try debianPackages(Set(owners.values).sorted(), in: root))
  }

  /// The files that the loader brings in, as `ldd` lists them.
  private func loaded(by program: String, in root: URL) throws -> [String] {
    let text = String(decoding: try output(of: "ldd", [program], in: root), as: UTF8.self)
    return text.split(separator: "\n").compactMap { line in
      if let match = line.firstMatch(of: /=> (\/\S+)/) { return String(match.1) }
      return line.firstMatch(of: /^\s*(\/\S+)/).map { String($0.1) }
    }
  }

  /// The file of a library that is linked statically (`:libx.a`); a dynamic one is listed by `ldd`.
  private func archive(_ library: String) throws -> String? {
    guard library.hasPrefix(":") else { return nil }
    let name = library.dropFirst()
    let folders = ["/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib"]
    for folder in folders where FileManager.default.fileExists(atPath: "\(folder)/\(name)") {
      return "\(folder)/\(name)"
    }
    throw Trouble(description: "the library \(name) is not installed")
  }

  /// The name of the Debian package that each file belongs to.
  private func owners(of files: [String], in root: URL) throws -> [String: String] {
    // Debian 12 knows a file under /usr by its old place too, and lists one of the two.
    var asked: [String: String] = [:]
    for file in files {
      let plain = file.hasPrefix("/usr") ? String(file.dropFirst(4)) : file
      let real = URL(fileURLWithPath: file).resolvingSymlinksInPath().path
      for path in [real, "/usr" + plain, plain, file] { asked[path] = file }
    }
    // Of the places of a file dpkg knows one: that it does not know the others is no failure.
    let text = String(
      decoding: try output(
        of: "dpkg", ["-S"] + asked.keys.sorted(), in: root, allowing: [0, 1]), as: UTF8.self)
    var found: [String: String] = [:]
    for line in text.split(separator: "\n") {
      guard let match = line.wholeMatch(of: /([a-z0-9.+-]+)(:[a-z0-9]+)?: (.+)/),
        let file = asked[String(match.3)]
      else { continue }
      found[file] = String(match.1)
    }
    if let file = files.first(where: { found[$0] == nil }) {
      throw Trouble(description: "\(file) belongs to no Debian package")
    }
    return found
  }

  private func debianPackages(_ names: [String], in root: URL) throws
    -> [BuildFacts.DebianPackage]
  {
    let format = "${Package}\t${Version}\t${source:Package}\t${Architecture}\n"
    let text = String(
      decoding: try output(of: "dpkg-query", ["-W", "-f", format] + names, in: root),
      as: UTF8.self)
    return try text.split(separator: "\n").map { line in
      let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
      guard fields.count == 4 else { throw Trouble(description: "dpkg-query says '\(line)'") }
      return BuildFacts.DebianPackage(
        name: fields[0], version: fields[1], source: fields[2], architecture: fields[3])
    }
  }

  private func time(in root: URL) throws -> Int64 {
    if let text = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"] {
      guard let time = Int64(text), time >= 0 else {
        throw ValidationError("SOURCE_DATE_EPOCH is a number of seconds.")
      }
      return time
    }
    guard
      let time = firstLine(of: "git", ["log", "-1", "--format=%ct"], in: root).flatMap({ Int64($0) }
      )
    else { throw Trouble(description: "no commit; set SOURCE_DATE_EPOCH") }
    return time
  }

  private func debianRelease() -> String {
    let text = (try? String(contentsOfFile: "/etc/os-release", encoding: .utf8)) ?? ""
    return text.firstMatch(of: /VERSION_ID="?([0-9]+)/).map { String($0.1) } ?? "unknown"
  }

  private func swiftVersion(in root: URL) throws -> String {
    let line = firstLine(of: "swift", ["--version"], in: root) ?? ""
    guard let match = line.firstMatch(of: /Swift version (\S+)/) else {
      throw Trouble(description: "swift does not say its version")
    }
    return String(match.1)
  }

  // MARK: What is written down

  private func support(in tree: WorkingTree) throws -> [String: Support] {
    let rows = try table(
      "Docs/Development/support.csv",
      ["component", "supplier", "licence", "support", "end_of_support"], in: tree)
    return Dictionary(
      rows.map { row in
        (
          row["component"],
          Support(
            supplier: row["supplier"], licence: row["licence"], level: row["support"],
            end: row["end_of_support"])
        )
      }, uniquingKeysWith: { first, _ in first })
  }

  private func vulnerabilities(in tree: WorkingTree) throws -> [Vulnerability] {
    try table(
      "Docs/Security/vex.csv",
      ["vulnerability", "component", "status", "justification", "statement"], in: tree
    ).map { row in
      Vulnerability(
        name: row["vulnerability"], component: row["component"], status: row["status"],
        justification: row["justification"], statement: row["statement"])
    }
  }

  private func table(_ path: String, _ columns: [String], in tree: WorkingTree) throws
    -> [Table.Row]
  {
    let text = String(decoding: try read(path, in: tree.root), as: UTF8.self)
    var findings: [Finding] = []
    let table = Table(path: path, text: text, columns: columns, findings: &findings)
    if let finding = findings.first { throw Trouble(description: finding.description) }
    return table.rows
  }

  private func read(_ path: String, in root: URL) throws -> Data {
    do { return try Data(contentsOf: URL(fileURLWithPath: path, relativeTo: root)) } catch {
      throw Trouble(description: "cannot read \(path): run make build")
    }
  }
}
