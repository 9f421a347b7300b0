// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import KeyStore
import SecureStore
import ServiceAPI
import StrictJSON

/// What the pump is on the network: kept sealed, with a key that never leaves this process.
///
/// It reads the store at each use, so that what was changed holds from the next handshake and request on.
struct NetworkIdentity: Sendable {
  /// Where the record stands in the store's table of configuration.
  static let key: Int64 = 2

  private let trust: SharedTrust
  /// Seconds since 1970.
  private let wall: @Sendable () -> Int64

  init(
    trust: SharedTrust,
    wall: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970) }
  ) {
    self.trust = trust
    self.wall = wall
  }

  /// Why something is not done.
  enum Failure: Error, Equatable {
    /// Keys or store cannot be had now.
    case unavailable
    /// What was given is not taken, in words for a person.
    case notTaken(String)
    /// Not what a server signs in a handshake.
    case notAHandshake
    /// The pump is on no network.
    case none
  }

  private struct Kept {
    var key: KeyID
    var standing: NetworkStanding
  }

  // MARK: For the gateway

  /// What the pump is now, or nil while it is on no network.
  func standing() throws(Failure) -> NetworkStanding? { try kept()?.standing }

  // SEC-370 SRS-179: the key signs what a server signs in a handshake and nothing else.
  /// The signature (DER) by the key of the certificate in force.
  func sign(_ content: [UInt8]) throws(Failure) -> [UInt8] {
    guard Self.isHandshake(content) else { throw .notAHandshake }
    guard let kept = try kept() else { throw .none }
    do throws(KeyStoreError) {
      return try trust.withKey(kept.key) { (scalar) throws(CryptographyError) in
        try P256.PrivateKey(scalar: scalar).sign(content)
      }
    } catch {
      throw .unavailable
    }
  }

  /// The form of RFC 8446, 4.4.3, with a transcript hash of SHA-256 or SHA-384.
  private static func isHandshake(_ content: [UInt8]) -> Bool {
    let head =
      [UInt8](repeating: 0x20, count: 64) + Array("TLS 1.3, server CertificateVerify".utf8) + [0]
    return content.starts(with: head) && [32, 48].contains(content.count - head.count)
  }

  // MARK: For an administrator

  /// A request for a certificate of this name, in PEM.
  ///
  /// Its key is the newest one; when that is the one in force already, a new one is made.
  func request(name: String) throws(Failure) -> String {
    let inForce = try kept()?.key
    do throws(KeyStoreError) {
      var key = try trust.current(.tls)
      if key == inForce { key = try trust.add(.tls) }
      return try trust.withKey(key) { (scalar) throws(CryptographyError) in
        try CertificateRequest.make(name: name, key: P256.PrivateKey(scalar: scalar))
      }
    } catch {
      throw .unavailable
    }
  }

  // SRS-180: everything is looked at before anything is kept.
  /// Takes what is given and keeps the rest; gives the words for the audit log.
  func put(_ change: NetworkChange) throws(Failure) -> String {
    let before = try kept()
    guard let certificate = change.certificate ?? before?.standing.certificate,
      let authority = change.authority ?? before?.standing.authority,
      let list = change.list ?? before?.standing.list
    else { throw .notTaken("a certificate, its authority and its list are needed together") }
    let nodes = change.nodes ?? before?.standing.nodes ?? []
    guard Set(nodes.map(\.name)).count == nodes.count else {
      throw .notTaken("a node is there twice")
    }
    if let wrong = nodes.first(where: { !NetworkNode.isName($0.name) }) {
      throw .notTaken("'\(wrong.name)' is no name of a node")
    }
    let key = try check(certificate, authority, list, before)
    let standing = NetworkStanding(
      certificate: certificate, authority: authority, list: list, nodes: nodes)
    try keep(Kept(key: key, standing: standing))
    return "network: certificate \(Self.short(certificate)), list \(Self.short(list)), "
      + "\(nodes.count) nodes"
  }

  /// The key that the certificate belongs to, when certificate, authority and list fit.
  private func check(
    _ certificate: String, _ authority: String, _ list: String, _ before: Kept?
  ) throws(Failure) -> KeyID {
    guard let own = try? Certificate(pem: certificate), let publicKey = try? own.publicKey() else {
      throw .notTaken("the certificate: not one in PEM with a key of P-256")
    }
    guard let issuer = try? Certificate(pem: authority) else {
      throw .notTaken("the authority: not one certificate in PEM")
    }
    guard let revoked = try? RevocationList(pem: list), let number = revoked.number else {
      throw .notTaken("the list: not one in PEM with a number")
    }
    guard let trusted = try? PeerTrust(authority: issuer, list: revoked) else {
      throw .notTaken("the authority: it may not sign certificates and lists")
    }
    do throws(CertificateRefusal) { try trusted.check(own, for: .server, at: wall()) } catch {
      throw .notTaken("the certificate: \(error)")
    }
    // SEC-369: an old list would take revocations back.
    if let before, before.standing.authority == authority,
      let last = try? RevocationList(pem: before.standing.list).number, number < last
    {
      throw .notTaken("the list: number \(number) is older than \(last)")
    }
    return try key(of: publicKey)
  }

  private func key(of wanted: P256.PublicKey) throws(Failure) -> KeyID {
    do throws(KeyStoreError) {
      for id in try trust.ids(of: .tls).reversed() {
        let own = try trust.withKey(id) { (scalar) throws(CryptographyError) in
          try P256.PrivateKey(scalar: scalar).publicKey
        }
        if own == wanted { return id }
      }
    } catch {
      throw .unavailable
    }
    throw .notTaken("the certificate: its key is not one of this pump's requests")
  }

  /// Forgets certificate, authority, list and nodes; false when there are none.
  func leave() throws(Failure) -> Bool {
    guard try kept() != nil, let store = trust.records.trust?.store else { return false }
    do { try store.remove(Self.key, from: .configuration) } catch { throw .unavailable }
    trust.records.anchor()
    return true
  }

  func view() throws(Failure) -> NetworkView {
    guard let standing = try kept()?.standing else {
      return NetworkView(certificateUntil: nil, listUntil: nil, nodes: [])
    }
    return NetworkView(
      certificateUntil: (try? Certificate(pem: standing.certificate))?.validUntil,
      listUntil: (try? RevocationList(pem: standing.list))?.validUntil, nodes: standing.nodes)
  }

  // MARK: The record

  private func kept() throws(Failure) -> Kept? {
    guard let store = trust.records.trust?.store else { throw .unavailable }
    do {
      guard let content = try store.get(Self.key, from: .configuration)?.content else {
        return nil
      }
      let node = try JSONReader.read(
        content, limits: JSONLimits(depth: 4, size: 65_536, integer: JSONLimits.exactInteger))
      guard let members = node.members,
        let key = members.first(where: { $0.key == "key" })?.node.integer,
        let standing = members.first(where: { $0.key == "standing" })?.node
      else { throw Failure.unavailable }
      return Kept(
        key: KeyID(rawValue: UInt32(clamping: key)), standing: try NetworkStanding(json: standing))
    } catch {
      throw .unavailable
    }
  }

  private func keep(_ kept: Kept) throws(Failure) {
    let node = JSONNode.object([
      ("key", .integer(Int64(kept.key.rawValue))), ("standing", kept.standing.json),
    ])
    do {
      guard let store = trust.records.trust?.store else { throw Failure.unavailable }
      try store.put(CanonicalJSON.text(node), in: .configuration, key: Self.key)
    } catch {
      throw .unavailable
    }
    trust.records.anchor()
  }

  private static func short(_ text: String) -> String {
    Hex.encode(SHA256.hash(Array(text.utf8)).prefix(8))
  }
}
