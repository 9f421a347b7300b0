// SPDX-License-Identifier: Apache-2.0

internal import ServiceAPI
internal import StrictJSON

/// Why a profile or the file of them is not taken.
public enum ProfileMistake: Error, Hashable, Sendable {
  /// 1 to 32 lower-case letters, digits and `-`, beginning with a letter.
  case name
  /// Not `https://HOST:PORT`.
  case address
  /// No DNS name in lower case.
  case server
  /// The path of a file is relative, too long or has control characters.
  case path(String)
  case nameTaken
  case noSuchProfile
  case tooMany
  /// The file is none of profiles.
  case malformed(String)

  /// For a person.
  public var text: String {
    switch self {
    case .name: "a profile's name has 1 to 32 lower-case letters, digits and '-', a letter first"
    case .address: "expected an address like https://pump7.ward.test:8443, with its port"
    case .server: "the pump's name is a DNS name of 1 to 64 lower-case letters, digits, '-' and '.'"
    case .path(let which): "\(which): expected the path of a file, of at most 1024 bytes"
    case .nameTaken: "there is a profile of this name; remove it first"
    case .noSuchProfile: "there is no such profile; see 'pumpctl profile list'"
    case .tooMany: "there are \(ProfileBook.most) profiles already"
    case .malformed(let why): "the file of profiles cannot be read: \(why)"
    }
  }
}

/// One pump on a network, and how this user shows who they are.
public struct Profile: Hashable, Sendable {
  public static let longestName = 32
  public static let longestServer = 64
  public static let longestPath = 1_024

  public let name: String
  public let address: GatewayAddress
  /// The DNS name that the pump's certificate must have.
  public let server: String
  /// The file of the one authority that is believed.
  public let authority: String
  public let certificate: String
  public let key: String
  /// The file of the authority's revocation list; without one no certificate counts as revoked.
  public let list: String?

  public init(
    name: String, address: GatewayAddress, server: String, authority: String, certificate: String,
    key: String, list: String?
  ) throws(ProfileMistake) {
    guard Self.isName(name) else { throw .name }
    guard server.utf8.count <= Self.longestServer, isHostName(server),
      !server.utf8.contains(where: { (0x41...0x5a).contains($0) })
    else { throw .server }
    for (which, path) in [
      ("authority", authority), ("certificate", certificate), ("key", key), ("list", list ?? "/"),
    ] where !Self.isPath(path) { throw .path(which) }
    self.name = name
    self.address = address
    self.server = server
    self.authority = authority
    self.certificate = certificate
    self.key = key
    self.list = list
  }

  /// Whether a profile may be called so; the name stands in names of files.
  public static func isName(_ text: String) -> Bool {
    (1...longestName).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x61...0x7a, 0x2d: true
        default: false
        }
      } && text.utf8.first.map { (0x61...0x7a).contains($0) } == true
  }

  private static func isPath(_ text: String) -> Bool {
    text.utf8.count <= longestPath && text.utf8.first == 0x2f
      && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
  }

  /// Which pump a session of this profile is for: one that was made for another is not sent there.
  public var place: String { "\(address) \(server)" }
}

/// The profiles of one user, in the order of their names.
// SRS-238 SEC-434: read strictly, bounded, each fault typed.
public struct ProfileBook: Hashable, Sendable {
  /// The most profiles, and the longest file of them in bytes.
  public static let most = 64
  public static let longest = 1 << 18

  public private(set) var profiles: [Profile] = []

  public init() {}

  public init(_ bytes: [UInt8]) throws(ProfileMistake) {
    do throws(NotUnderstood) {
      let limits = JSONLimits(depth: 4, size: Self.longest, integer: JSONLimits.exactInteger)
      var fields = try Fields(bytes, limits: limits, version: 1)
      guard let nodes = try fields.take("profiles").array, nodes.count <= Self.most else {
        throw NotUnderstood("\"profiles\": expected a list of at most \(Self.most)")
      }
      try fields.end()
      for node in nodes {
        let profile = try Self.profile(node)
        guard
          profiles.last.map({ $0.name.utf8.lexicographicallyPrecedes(profile.name.utf8) })
            ?? true
        else { throw NotUnderstood("the names are not in ascending order, each once") }
        profiles.append(profile)
      }
    } catch { throw .malformed(error.reason) }
  }

  private static func profile(_ node: JSONNode) throws(NotUnderstood) -> Profile {
    var fields = try Fields(node)
    let (name, address) = (try fields.string("name"), try fields.string("address", longest: 300))
    let server = try fields.string("server")
    let authority = try fields.string("authority", longest: Profile.longestPath)
    let certificate = try fields.string("certificate", longest: Profile.longestPath)
    let key = try fields.string("key", longest: Profile.longestPath)
    var list: String?
    if fields.has("list") { list = try fields.string("list", longest: Profile.longestPath) }
    try fields.end()
    do throws(ProfileMistake) {
      return try Profile(
        name: name, address: GatewayAddress(address), server: server, authority: authority,
        certificate: certificate, key: key, list: list)
    } catch { throw NotUnderstood(error.text) }
  }

  public var bytes: [UInt8] {
    CanonicalJSON.text(
      .object([
        (
          "profiles",
          .array(
            profiles.map { profile in
              .object(
                [
                  ("name", .string(profile.name)), ("address", .string("\(profile.address)")),
                  ("server", .string(profile.server)), ("authority", .string(profile.authority)),
                  ("certificate", .string(profile.certificate)), ("key", .string(profile.key)),
                ] + (profile.list.map { [("list", .string($0))] } ?? []))
            })
        ),
        ("v", .integer(1)),
      ])) + [0x0a]
  }

  public func profile(_ name: String) throws(ProfileMistake) -> Profile {
    guard let profile = profiles.first(where: { $0.name == name }) else { throw .noSuchProfile }
    return profile
  }

  public mutating func add(_ profile: Profile) throws(ProfileMistake) {
    guard !profiles.contains(where: { $0.name == profile.name }) else { throw .nameTaken }
    guard profiles.count < Self.most else { throw .tooMany }
    profiles.append(profile)
    profiles.sort { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  public mutating func remove(_ name: String) throws(ProfileMistake) {
    _ = try profile(name)
    profiles.removeAll { $0.name == name }
  }
}
