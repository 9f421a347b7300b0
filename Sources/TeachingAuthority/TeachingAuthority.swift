// SPDX-License-Identifier: Apache-2.0

public import Cryptography
import ServiceAPI
import StrictJSON

/// A certification authority to learn with: enough for a pump and its nodes, and no more.
///
/// Its key lies in a file in the clear, nobody asks who wants a certificate, and its own certificate says so. It
/// reads no clock and no file: whoever calls gives the time and keeps ``record`` and ``key``.
public struct TeachingAuthority: Sendable {
  /// What every authority's common name begins with.
  public static let label = "TEACHING ONLY "
  /// The longest name behind it, in bytes; printable ASCII.
  public static let longestName = 40
  /// Days that an authority and a certificate may have, and a revocation list.
  public static let days: ClosedRange<Int64> = 1...3_650
  public static let daysOfList: ClosedRange<Int64> = 1...366
  /// The most certificates.
  public static let mostIssued = 1_000
  /// The most that are revoked: what a pump can keep of a list.
  public static let mostRevoked = 100
  /// A certificate begins so many seconds ago, for clocks that differ.
  static let slack: Int64 = 300

  /// Whom a certificate is for.
  public enum Use: String, CaseIterable, Sendable {
    /// A program of the network, which asks.
    case node
    /// A pump, which answers.
    case pump
  }

  /// Why something is not done.
  public enum Refusal: Error, Equatable {
    case notAName
    /// Outside the days that there may be, or beyond the authority's own end.
    case days
    case full
    /// None of this number was issued.
    case unknown
    case alreadyRevoked
    /// The request is not one of that name, or not signed by its key.
    case request
    /// What was read is no authority's.
    case notAnAuthority
    case cryptography(CryptographyError)
  }

  /// A certificate as it was issued.
  public struct Issued: Hashable, Sendable {
    /// Its number in hexadecimal.
    public let serial: String
    public let name: String
    public let use: Use
    /// Seconds since 1970, as ``revoked``.
    public let until: Int64
    public var revoked: Int64?
  }

  public let name: String
  public let key: P256.PrivateKey
  /// The certificate in PEM.
  public let certificate: String
  /// Seconds since 1970.
  public let until: Int64
  public private(set) var issued: [Issued] = []
  /// The number of the newest list; 0 before the first.
  public private(set) var listNumber: Int64 = 0

  /// A new authority with a key of its own.
  public init(name: String, days: Int64, at now: Int64) throws(Refusal) {
    guard (1...Self.longestName).contains(name.utf8.count),
      name.utf8.allSatisfy({ (0x20...0x7E).contains($0) })
    else { throw .notAName }
    guard Self.days.contains(days) else { throw .days }
    self.name = Self.label + name
    until = now + days * 86_400
    do throws(CryptographyError) {
      key = try P256.PrivateKey()
      let bytes = try Draft.certificate(
        self.name, use: nil, of: key.publicKey, serial: Self.serial(), from: now - Self.slack,
        until: until, by: self.name, key)
      certificate = try Certificate(der: bytes).pem
    } catch { throw .cryptography(error) }
  }

  // SRS-191: what is signed has the form that the pump asks for, and a pump's answers are no node's.
  /// A certificate of this DNS name, in PEM.
  public mutating func issue(
    _ name: String, for use: Use, key: P256.PublicKey, days: Int64, at now: Int64
  ) throws(Refusal) -> String {
    guard NetworkNode.isName(name) else { throw .notAName }
    guard Self.days.contains(days), now + days * 86_400 <= until else { throw .days }
    let end = now + days * 86_400
    guard issued.count < Self.mostIssued else { throw .full }
    do throws(CryptographyError) {
      let serial = try Self.serial()
      let bytes = try Draft.certificate(
        name, use: use, of: key, serial: serial, from: now - Self.slack, until: end, by: self.name,
        self.key)
      issued.append(
        Issued(serial: Hex.encode(serial), name: name, use: use, until: end, revoked: nil))
      return try Certificate(der: bytes).pem
    } catch { throw .cryptography(error) }
  }

  /// A certificate for the key of a request (PKCS #10, PEM) for this name.
  public mutating func answer(
    _ request: String, named name: String, for use: Use, days: Int64, at now: Int64
  ) throws(Refusal) -> String {
    let key: P256.PublicKey
    do throws(CryptographyError) {
      key = try CertificateRequest.key(of: request, named: name)
    } catch { throw .request }
    return try issue(name, for: use, key: key, days: days, at: now)
  }

  /// Takes a certificate back; it is on every list from the next one on.
  public mutating func revoke(_ serial: String, at now: Int64) throws(Refusal) {
    guard let place = issued.firstIndex(where: { $0.serial == serial }) else { throw .unknown }
    guard issued[place].revoked == nil else { throw .alreadyRevoked }
    guard issued.count(where: { $0.revoked != nil }) < Self.mostRevoked else { throw .full }
    issued[place].revoked = now
  }

  /// The next revocation list, in PEM.
  public mutating func list(days: Int64, at now: Int64) throws(Refusal) -> String {
    guard Self.daysOfList.contains(days) else { throw .days }
    let revoked = issued.compactMap { one in
      one.revoked.flatMap { at in Hex.decode(one.serial).map { (serial: $0, at: at) } }
    }
    do throws(CryptographyError) {
      let bytes = try Draft.list(
        of: revoked, number: listNumber + 1, from: now - Self.slack, until: now + days * 86_400,
        by: name, key)
      listNumber += 1
      return PEM.encode(bytes, kind: .revocationList)
    } catch { throw .cryptography(error) }
  }

  /// Sixteen bytes by chance, a positive number.
  private static func serial() throws(CryptographyError) -> [UInt8] {
    var bytes = try RandomBytes.make(16)
    bytes[0] = bytes[0] & 0x3F | 0x40
    return bytes
  }
}

extension TeachingAuthority {
  private static let version: Int64 = 1
  private static let limits = JSONLimits(
    depth: 4, size: 1 << 20, integer: JSONLimits.exactInteger)

  /// What is kept beside the key.
  public var record: [UInt8] {
    CanonicalJSON.text(
      .object([
        ("certificate", .string(certificate)),
        (
          "issued",
          .array(
            issued.map { one in
              .object([
                ("name", .string(one.name)), ("revoked", one.revoked.map { .integer($0) } ?? .null),
                ("serial", .string(one.serial)), ("until", .integer(one.until)),
                ("use", .string(one.use.rawValue)),
              ])
            })
        ), ("list", .integer(listNumber)), ("name", .string(name)), ("until", .integer(until)),
        ("v", .integer(Self.version)),
      ]))
  }

  /// An authority as it was kept.
  public init(record: [UInt8], key: String) throws(Refusal) {
    guard let node = try? JSONReader.read(record, limits: Self.limits),
      node["v"]?.integer == Self.version, let name = node["name"]?.string,
      let text = node["certificate"]?.string, let until = node["until"]?.integer,
      let number = node["list"]?.integer, number >= 0, let items = node["issued"]?.array,
      items.count <= Self.mostIssued, let own = try? P256.PrivateKey(plainPEM: key),
      let certificate = try? Certificate(pem: text), (try? certificate.publicKey()) == own.publicKey
    else { throw .notAnAuthority }
    self.name = name
    self.key = own
    self.certificate = text
    self.until = until
    listNumber = number
    for item in items {
      guard let serial = item["serial"]?.string, Hex.decode(serial)?.count == 16,
        let name = item["name"]?.string, let end = item["until"]?.integer,
        let use = item["use"]?.string.flatMap(Use.init)
      else { throw .notAnAuthority }
      issued.append(
        Issued(serial: serial, name: name, use: use, until: end, revoked: item["revoked"]?.integer))
    }
  }
}
