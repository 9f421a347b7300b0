// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import DurableFiles
import Foundation
import GatewayClient

/// Where the profiles of this user are: `pumpctl/profiles.json` in the folder for configurations.
enum ProfileFile {
  private static let name = "profiles.json"

  private static var base: String {
    let environment = ProcessInfo.processInfo.environment
    // What is not an absolute path does not count (XDG Base Directory Specification).
    if let folder = environment["XDG_CONFIG_HOME"], folder.hasPrefix("/") { return folder }
    return NSHomeDirectory() + "/.config"
  }

  static func read() throws(Failure) -> ProfileBook {
    let path = base + "/pumpctl/" + name
    guard FileManager.default.fileExists(atPath: path) else { return ProfileBook() }
    let bytes = try PrivateFile.read(path, longest: ProfileBook.longest, secret: true)
    do throws(ProfileMistake) { return try ProfileBook(bytes) } catch {
      throw .badInput("\(path): \(error.text)")
    }
  }

  // SEC-434: mode 0600 in a folder of mode 0700, replaced whole.
  static func write(_ book: ProfileBook) throws(Failure) {
    do throws(StorageError) {
      try PosixFolder(path: base).folder("pumpctl").replace(name, with: book.bytes)
    } catch { throw .badInput("the profiles cannot be kept in '\(base)/pumpctl': \(error)") }
  }

  static func profile(_ name: String) throws(Failure) -> Profile {
    let book = try read()
    do throws(ProfileMistake) { return try book.profile(name) } catch {
      throw .badInput("'\(name)': \(error.text)")
    }
  }

  /// The names, for a shell that completes one.
  static var names: [String] { (try? read().profiles.map(\.name)) ?? [] }
}

/// The pumps on a network that this user speaks to.
struct ProfileCommands: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: "Keep the pumps on a network that you speak to.",
    discussion: """
      A profile says where a pump's gateway is, which name its certificate must have, which one authority is \
      believed, and with which certificate and key you come. It holds for a command that names it, or with \
      PUMPCTL_PROFILE in the environment, and for no other: without one a command speaks to the pump of this machine.
      """,
    subcommands: [
      AddProfile.self, ListProfiles.self, ShowProfile.self, RemoveProfile.self,
    ])
}

private struct ProfileOutput: Encodable {
  let name: String
  let address: String
  let server: String
  let authority: String
  let certificate: String
  let key: String
  let list: String?
  let session: Bool

  init(_ profile: Profile) {
    name = profile.name
    address = "\(profile.address)"
    server = profile.server
    authority = profile.authority
    certificate = profile.certificate
    key = profile.key
    list = profile.list
    session = SessionFile.read(profile) != nil
  }
}

struct AddProfile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Keep a pump under a name.",
    discussion: """
      The files are read now and again with each command; they stay where they are. The key has to be readable by \
      you alone.
      """)
  @Argument(help: "What you call it: lower-case letters, digits and '-'.") var name: String
  @Option(help: "Where its gateway is, like https://10.0.4.7:8443.") var url: String
  @Option(help: "The DNS name in its certificate; else the host of the address.")
  var server: String?
  @Option(help: "The file of the one authority that is believed, PEM.", completion: .file())
  var authority: String
  @Option(help: "The file of your certificate, PEM.", completion: .file()) var certificate: String
  @Option(help: "The file of its key, PEM, mode 0600.", completion: .file()) var key: String
  @Option(help: "The file of the authority's revocation list, PEM.", completion: .file())
  var list: String?
  @Flag(help: "Print one line of JSON.") var json = false

  func run() throws {
    var book = try ProfileFile.read()
    let profile: Profile
    do throws(ProfileMistake) {
      let address = try GatewayAddress(url)
      profile = try Profile(
        name: name, address: address, server: server ?? address.host.lowercased(),
        authority: Self.absolute(authority), certificate: Self.absolute(certificate),
        key: Self.absolute(key), list: list.map(Self.absolute))
      try book.add(profile)
    } catch { throw Failure.badInput(error.text) }
    // What cannot be used is not kept.
    _ = try Gateway(profile)
    try ProfileFile.write(book)
    // One that an earlier profile of this name left says nothing here.
    SessionFile.remove(profile)
    let output = ProfileOutput(profile)
    if json {
      try printJSON(output)
    } else {
      print("\(name): \(profile.address), \(profile.server)")
    }
  }

  private static func absolute(_ path: String) -> String {
    URL(fileURLWithPath: path).standardizedFileURL.path
  }
}

struct ListProfiles: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List them.")
  @Flag(help: "Print one line of JSON.") var json = false

  func run() throws {
    let all = try ProfileFile.read().profiles.map(ProfileOutput.init)
    if json { return try printJSON(all) }
    print(
      Table(
        ["NAME", "ADDRESS", "PUMP", "SESSION"],
        all.map { [$0.name, $0.address, $0.server, $0.session ? "yes" : "-"] },
        empty: "no profile; see 'pumpctl profile add --help'"
      ).text)
  }
}

struct ShowProfile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one.")
  @Argument(
    help: "Its name.", completion: .shellCommand("pumpctl profile list | sed 1d | cut -d' ' -f1"))
  var name: String
  @Flag(help: "Print one line of JSON.") var json = false

  func run() throws {
    let output = ProfileOutput(try ProfileFile.profile(name))
    if json { return try printJSON(output) }
    print(
      """
      name         \(output.name)
      address      \(output.address)
      pump         \(output.server)
      authority    \(output.authority)
      certificate  \(output.certificate)
      key          \(output.key)
      list         \(output.list ?? "none: no certificate counts as revoked")
      session      \(output.session ? "kept" : "none")
      """)
  }
}

struct RemoveProfile: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "remove", abstract: "Forget one, and the session that is kept for it.",
    discussion:
      "Its files stay. A session that is not signed out ends at the pump after five minutes.")
  @Argument(
    help: "Its name.", completion: .shellCommand("pumpctl profile list | sed 1d | cut -d' ' -f1"))
  var name: String
  @Flag(help: "Print one line of JSON.") var json = false

  func run() throws {
    var book = try ProfileFile.read()
    do throws(ProfileMistake) {
      SessionFile.remove(try book.profile(name))
      try book.remove(name)
    } catch { throw Failure.badInput("'\(name)': \(error.text)") }
    try ProfileFile.write(book)
    if json { try printJSON(["done": true]) } else { print("forgotten") }
  }
}
