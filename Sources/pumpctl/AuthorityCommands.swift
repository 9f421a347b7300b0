// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import DurableFiles
import Foundation
import TeachingAuthority

/// A certification authority to learn with.
struct AuthorityCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ca",
    abstract: "A certification authority to learn with: its key lies in the clear.",
    discussion: """
      Teaching only. It gives a pump and its nodes the certificates that 'pumpctl network' and they need, from a \
      folder on this machine; it asks no pump for anything. Whoever reads the folder can be any node: a hospital \
      uses its own authority.
      """,
    subcommands: [
      InitAuthority.self, IssueCertificate.self, RevokeCertificate.self, MakeList.self,
      ListIssued.self,
    ])

  /// The folder of an authority.
  struct Place: ParsableArguments {
    @Argument(help: "The folder of the authority.") var folder: String
    @Flag(help: "Print one line of JSON.") var json = false

    static let names = (record: "authority.json", key: "authority.key", own: "authority.pem")
    static let longest = 1 << 20

    static var now: Int64 { Int64(Date().timeIntervalSince1970) }

    func files(_ access: PosixFolder.Access = .writing) throws(Failure) -> PosixFolder {
      do throws(StorageError) { return try PosixFolder(path: folder, access: access) } catch {
        throw .badInput("\(folder): \(error)")
      }
    }

    func load() throws(Failure) -> TeachingAuthority {
      do {
        let files = try files(.reading)
        let record = try Self.read(Self.names.record, files)
        let key = try Self.read(Self.names.key, files)
        return try TeachingAuthority(record: record, key: String(decoding: key, as: UTF8.self))
      } catch let failure as Failure { throw failure } catch {
        throw .badInput("\(folder): no authority: \(error)")
      }
    }

    private static func read(_ name: String, _ files: PosixFolder) throws -> [UInt8] {
      let file = try files.open(name)
      return try file.read(at: 0, count: min(file.size(), longest))
    }

    func keep(_ authority: TeachingAuthority) throws(Failure) {
      let files = try files()
      do throws(StorageError) { try files.replace(Self.names.record, with: authority.record) } catch
      {
        throw .badInput("\(folder): \(error)")
      }
    }

    static func request(_ path: String) throws(Failure) -> String {
      guard let bytes = FileManager.default.contents(atPath: path) else {
        throw .badInput("\(path) cannot be read")
      }
      return String(decoding: bytes, as: UTF8.self)
    }

    /// Refuses a path at which something is.
    static func free(_ path: String) throws(Failure) {
      guard !FileManager.default.fileExists(atPath: path) else {
        throw .badInput("\(path) is there already")
      }
    }

    /// A new file of this mode; one that is there stays as it is.
    static func write(_ text: String, to path: String, mode: Int = 0o644) throws(Failure) {
      try free(path)
      guard
        FileManager.default.createFile(
          atPath: path, contents: Data(text.utf8), attributes: [.posixPermissions: mode])
      else { throw .badInput("\(path) cannot be written") }
    }

    func show(_ value: some Encodable, _ text: String) throws {
      if json { try printJSON(value) } else { print(text) }
    }
  }

  static func failure(_ refusal: TeachingAuthority.Refusal) -> Failure {
    switch refusal {
    case .notAName: .badInput("the name: not one that can be in a certificate")
    case .days: .badInput("the days: out of range, or beyond the authority's own end")
    case .full: .refused("the authority is full")
    case .unknown: .refused("no certificate of this number was issued")
    case .alreadyRevoked: .refused("the certificate is revoked already")
    case .request: .refused("the request: not one for this name, signed by its own key of P-256")
    case .notAnAuthority: .badInput("what lies there is no authority")
    case .cryptography(let error): .refused("\(error)")
    }
  }

  static func day(_ seconds: Int64) -> String {
    ISO8601DateFormatter().string(from: Date(timeIntervalSince1970: Double(seconds)))
  }
}

struct InitAuthority: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init", abstract: "Make an authority in a folder that is empty or not there.")
  @OptionGroup var place: AuthorityCommands.Place
  @Option(help: "Its name, behind TEACHING ONLY.") var name = "pump authority"
  @Option(help: "Until when it is good: days from now, 1 to 3650.") var days: Int64 = 365

  func run() throws {
    let files = try place.files()
    guard try files.list().isEmpty else { throw Failure.badInput("\(place.folder) is not empty") }
    do throws(TeachingAuthority.Refusal) {
      let authority = try TeachingAuthority(
        name: name, days: days, at: AuthorityCommands.Place.now)
      let key = try authority.plainKey()
      do throws(StorageError) {
        try files.replace(AuthorityCommands.Place.names.key, with: Array(key.utf8))
        try files.replace(
          AuthorityCommands.Place.names.own, with: Array(authority.certificate.utf8))
        try files.replace(AuthorityCommands.Place.names.record, with: authority.record)
      } catch { throw .notAnAuthority }
      let path = place.folder + "/" + AuthorityCommands.Place.names.own
      try? place.show(
        ["certificate": path, "name": authority.name],
        "\(authority.name): \(path), until \(AuthorityCommands.day(authority.until))")
    } catch { throw AuthorityCommands.failure(error) }
  }
}

struct IssueCertificate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue", abstract: "Make a certificate, for a request or with a new key.",
    discussion: """
      With --request the key is whose the request is, as of 'pumpctl network request'; without it a new one goes \
      into the file of --key, in the clear.
      """)
  @OptionGroup var place: AuthorityCommands.Place
  @Argument(help: "The DNS name, in lower case.") var name: String
  @Option(help: "Whom it is for.") var use: Use = .node
  @Option(help: "The file of a request (PKCS #10, PEM) for that name.") var request: String?
  @Option(help: "The file for the new key; it must not be there.") var key: String?
  @Option(name: .shortAndLong, help: "The file for the certificate; it must not be there.")
  var output: String
  @Option(help: "Until when it is good: days from now, 1 to 3650.") var days: Int64 = 90

  func validate() throws {
    guard (request == nil) != (key == nil) else {
      throw ValidationError("either --request or --key is needed")
    }
  }

  enum Use: String, ExpressibleByArgument, CaseIterable {
    case node, pump

    var meant: TeachingAuthority.Use { self == .pump ? .pump : .node }
  }

  private struct Output: Encodable {
    let certificate: String
    let serial: String
    let until: Int64
  }

  func run() throws {
    var authority = try place.load()
    let now = AuthorityCommands.Place.now
    for path in [key, output].compactMap(\.self) { try AuthorityCommands.Place.free(path) }
    let asked = try request.map(AuthorityCommands.Place.request)
    var made: (certificate: String, key: String?)
    do throws(TeachingAuthority.Refusal) {
      if let asked {
        made = (try authority.answer(asked, named: name, for: use.meant, days: days, at: now), nil)
      } else {
        let new = try authority.issueWithKey(name, for: use.meant, days: days, at: now)
        made = (new.certificate, new.key)
      }
    } catch { throw AuthorityCommands.failure(error) }
    // On record before it is out: what was given can be revoked.
    try place.keep(authority)
    if let text = made.key, let key {
      try AuthorityCommands.Place.write(text, to: key, mode: 0o600)
    }
    try AuthorityCommands.Place.write(made.certificate, to: output)
    guard let issued = authority.issued.last else { return }
    try place.show(
      Output(certificate: output, serial: issued.serial, until: issued.until),
      "\(issued.serial)  \(issued.name)  until \(AuthorityCommands.day(issued.until))")
  }
}

struct RevokeCertificate: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revoke", abstract: "Take a certificate back.",
    discussion: "A pump knows of it by the next list: 'pumpctl ca crl', then 'pumpctl network set'."
  )
  @OptionGroup var place: AuthorityCommands.Place
  @Argument(help: "The certificate's number, as 'pumpctl ca list' shows it.") var serial: String

  func run() throws {
    var authority = try place.load()
    do throws(TeachingAuthority.Refusal) {
      try authority.revoke(serial, at: AuthorityCommands.Place.now)
    } catch { throw AuthorityCommands.failure(error) }
    try place.keep(authority)
    try place.show(["done": true], "revoked from the next list on")
  }
}

struct MakeList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "crl", abstract: "Make the next revocation list.")
  @OptionGroup var place: AuthorityCommands.Place
  @Option(name: .shortAndLong, help: "The file for the list; it must not be there.")
  var output: String
  @Option(help: "Until when it is good: days from now, 1 to 366.") var days: Int64 = 30

  private struct Output: Encodable {
    let list: String
    let number: Int64
  }

  func run() throws {
    try AuthorityCommands.Place.free(output)
    var authority = try place.load()
    let text: String
    do throws(TeachingAuthority.Refusal) {
      text = try authority.list(days: days, at: AuthorityCommands.Place.now)
    } catch { throw AuthorityCommands.failure(error) }
    // A number is used once, also when the list is lost.
    try place.keep(authority)
    try AuthorityCommands.Place.write(text, to: output)
    try place.show(
      Output(list: output, number: authority.listNumber), "list \(authority.listNumber): \(output)")
  }
}

struct ListIssued: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show what was issued, the oldest first.")
  @OptionGroup var place: AuthorityCommands.Place

  private struct Output: Encodable {
    let name: String
    let revoked: Int64?
    let serial: String
    let until: Int64
    let use: String
  }

  func run() throws {
    let issued = try place.load().issued
    try place.show(
      issued.map {
        Output(
          name: $0.name, revoked: $0.revoked, serial: $0.serial, until: $0.until,
          use: $0.use.rawValue)
      },
      issued.isEmpty
        ? "nothing was issued"
        : issued.map {
          "\($0.serial)  \($0.use.rawValue)  \($0.name)  "
            + ($0.revoked.map { "revoked \(AuthorityCommands.day($0))" }
              ?? "until \(AuthorityCommands.day($0.until))")
        }.joined(separator: "\n"))
  }
}
