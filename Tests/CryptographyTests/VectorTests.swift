// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Cryptography
import Foundation
import Testing

/// One case a line; the file's own head names source, licence and columns.
private struct Vectors {
  let rows: [[String]]

  init(_ name: String) throws {
    let url = try #require(
      Bundle.module.url(forResource: name, withExtension: "txt", subdirectory: "Vectors"))
    rows = try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
      .filter { !$0.hasPrefix("#") }
      .map { $0.split(separator: " ").map(String.init) }
  }
}

private func field(_ text: String) throws -> [UInt8] {
  try text == "-" ? [] : #require(Hex.decode(text))
}

private func key(_ text: String) throws -> SecretBytes {
  var bytes = try field(text)
  return try SecretBytes(wiping: &bytes)
}

@Suite struct `Cryptography, by Project Wycheproof` {
  @Test func `AES-256-GCM opens what is valid and nothing else`() throws {
    let rows = try Vectors("aes-256-gcm").rows
    #expect(rows.count == 66)
    for row in rows {
      let (nonce, context) = try (field(row[3]), field(row[4]))
      let (plain, sealed) = try (field(row[5]), field(row[6]) + field(row[7]))
      if row[1] == "valid" {
        let made = try AESGCM.seal(
          plain, key: key(row[2]), nonce: nonce, authenticating: context)
        #expect(made == sealed, "case \(row[0])")
        let opened = try AESGCM.open(
          sealed, key: key(row[2]), nonce: nonce, authenticating: context)
        #expect(opened == plain, "case \(row[0])")
      } else {
        #expect(throws: CryptographyError.notAuthentic, "case \(row[0])") {
          try AESGCM.open(sealed, key: key(row[2]), nonce: nonce, authenticating: context)
        }
      }
    }
  }

  @Test func `AES-256-KWP unwraps what is valid and nothing else`() throws {
    let rows = try Vectors("aes-256-kwp").rows
    #expect(rows.count == 94)
    for row in rows {
      let wrapped = try field(row[4])
      // An empty key is none: it is refused though the algorithm could carry it.
      if row[1] != "invalid", row[3] != "-" {
        #expect(try AESKWP.wrap(key(row[3]), key: key(row[2])) == wrapped, "case \(row[0])")
        #expect(try reveal(AESKWP.unwrap(wrapped, key: key(row[2]))) == row[3], "case \(row[0])")
      } else {
        #expect(throws: CryptographyError.notAuthentic, "case \(row[0])") {
          _ = try AESKWP.unwrap(wrapped, key: key(row[2]))
        }
      }
    }
  }

  @Test func `HKDF-SHA-256 derives what is valid and refuses what is too long`() throws {
    let rows = try Vectors("hkdf-sha-256").rows
    #expect(rows.count == 86)
    for row in rows where row[2] != "-" {
      let size = try #require(Int(row[5]))
      let (salt, info) = try (field(row[3]), field(row[4]))
      if row[1] == "invalid" {
        #expect(throws: CryptographyError.invalidParameter, "case \(row[0])") {
          _ = try HKDFSHA256.derive(size, from: key(row[2]), salt: salt, info: info)
        }
      } else {
        let derived = try HKDFSHA256.derive(size, from: key(row[2]), salt: salt, info: info)
        #expect(reveal(derived) == row[6], "case \(row[0])")
      }
    }
  }

  @Test func `Ed25519 takes what is valid and nothing else`() throws {
    let rows = try Vectors("ed25519").rows
    #expect(rows.count == 210)
    for row in rows {
      let key = try? Ed25519.PublicKey(field(row[2]))
      let valid = try key?.isValid(field(row[4]), for: field(row[3])) ?? false
      if row[1] == "acceptable" {
        // RFC 8032 leaves these to the verifier. Here a key of small order is none (the first eight),
        // one of mixed order is.
        let small = (152...159).contains(try #require(Int(row[0])))
        #expect((key == nil) == small && valid == !small, "case \(row[0])")
      } else {
        #expect(valid == (row[1] == "valid"), "case \(row[0])")
      }
    }
  }

  @Test func `ECDSA P-256 takes what is valid and nothing else`() throws {
    let rows = try Vectors("ecdsa-p256-sha-256").rows
    #expect(rows.count == 484)
    for row in rows {
      let key = try P256.PublicKey(point: field(row[2]))
      #expect(
        try key.isValid(field(row[4]), for: field(row[3])) == (row[1] == "valid"), "case \(row[0])")
    }
  }

  @Test func `RSA-PSS takes what is valid and nothing else`() throws {
    let rows = try Vectors("rsa-pss-sha-256").rows
    #expect(rows.count == 108)
    var last = ""
    for row in rows {
      if row[2] != "=" { last = row[2] }
      let key = try RSAPSS.PublicKey(der: field(last))
      #expect(
        try key.isValid(field(row[4]), for: field(row[3])) == (row[1] == "valid"), "case \(row[0])")
    }
  }
}

@Suite struct `XAES-256-GCM, by C2SP` {
  let nonce = Array("ABCDEFGHIJKLMNOPQRSTUVWX".utf8)
  let plain = Array("XAES-256-GCM".utf8)

  @Test func `the two vectors of the specification are met, one for each sign of the subkey`()
    throws
  {
    let first = try XAESGCM.seal(
      plain, key: key(String(repeating: "01", count: 32)), nonce: nonce, authenticating: [])
    #expect(Hex.encode(first) == "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271")
    let second = try XAESGCM.seal(
      plain, key: key(String(repeating: "03", count: 32)), nonce: nonce,
      authenticating: Array("c2sp.org/XAES-256-GCM".utf8))
    #expect(Hex.encode(second) == "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d")
  }

  @Test func `ten thousand random messages add up to the published hash`() throws {
    var source = Shake(count: 10_000 * 570)
    var all: [UInt8] = []
    for _ in 0..<10_000 {
      var bytes = source.take(32)
      let key = try SecretBytes(wiping: &bytes)
      let nonce = source.take(24)
      let plain = source.take(Int(source.take(1)[0]))
      let context = source.take(Int(source.take(1)[0]))
      let sealed = try XAESGCM.seal(plain, key: key, nonce: nonce, authenticating: context)
      all += sealed
      #expect(try XAESGCM.open(nonce + sealed, key: key, authenticating: context) == plain)
    }
    #expect(
      Hex.encode(Shake.hash(all, count: 32))
        == "e6b9edf2df6cec60c8cbd864e2211b597fb69a529160cd040d56c0c210081939")
  }

  @Test func `no nonce comes twice, and every changed byte keeps a message shut`() throws {
    let key = try SecretBytes(random: 32)
    var nonces: Set<[UInt8]> = []
    for _ in 0..<10_000 {
      nonces.insert(
        Array(try XAESGCM.seal([], key: key, authenticating: [])[..<XAESGCM.nonceSize]))
    }
    #expect(nonces.count == 10_000)
    let sealed = try XAESGCM.seal(plain, key: key, authenticating: [7])
    #expect(sealed.count == plain.count + XAESGCM.overhead)
    for index in sealed.indices {
      var changed = sealed
      changed[index] ^= 0x10
      #expect(throws: CryptographyError.notAuthentic) {
        try XAESGCM.open(changed, key: key, authenticating: [7])
      }
      #expect(throws: CryptographyError.notAuthentic) {
        try XAESGCM.open(Array(sealed[..<index]), key: key, authenticating: [7])
      }
    }
  }
}

@Suite struct `Cryptography, at the start of a process` {
  @Test(.tags(.`SEC-025`)) func `SEC-025 every known answer is met`() {
    #expect(CryptographySelfTest.failures() == [])
    #expect(CryptographySelfTest.cases.count == 11)
  }

  @Test(.tags(.`SEC-025`)) func `SEC-025 a wrong answer and an error are both failures, by name`() {
    let cases: [CryptographySelfTest.Case] = [
      .init("right") { true },
      .init("wrong") { false },
      .init("throws") { throw CryptographyError.libraryFailed },
    ]
    #expect(CryptographySelfTest.failures(of: cases) == ["wrong", "throws"])
  }

  @Test func `Argon2id is that of RFC 9106's reference and keeps its bounds`() throws {
    // The Argon2 reference implementation's command line, as in OpenSSL's evpkdf_argon2.txt.
    let cost = try #require(Argon2id.Cost(passes: 3, memory: 32, lanes: 4))
    #expect(
      try Hex.encode(Argon2id.hash([], salt: [UInt8](repeating: 2, count: 16), cost: cost))
        == "0a34f1abde67086c82e785eaf17c68382259a264f4e61b91cd2763cb75ac189a")
    #expect(Argon2id.Cost(passes: 0, memory: 32) == nil)
    #expect(Argon2id.Cost(passes: 1, memory: 1 << 30) == nil)
    #expect(Argon2id.Cost(passes: 1, memory: 8, lanes: 4) == nil)
    #expect(throws: CryptographyError.invalidParameter) {
      try Argon2id.hash([1], salt: [1], cost: .standard)
    }
    #expect(throws: CryptographyError.invalidParameter) {
      try Argon2id.hash(
        [UInt8](repeating: 0, count: 1_025), salt: [UInt8](repeating: 0, count: 16), cost: .standard
      )
    }
  }

  @Test func `a full secret heap gives an error and no ordinary memory`() async {
    // In a process of its own: the other tests need that heap.
    await #expect(processExitsWith: .success) {
      // Held in an object each, so that they live together.
      final class Holder {
        let secret: SecretBytes
        init() throws(CryptographyError) { secret = try SecretBytes(random: 8_192) }
      }
      var held: [Holder] = []
      #expect(throws: CryptographyError.noSecretMemory) {
        for _ in 0..<9 { held.append(try Holder()) }
      }
      try #require(!held.isEmpty)
      held = []
      try #require(try SecretBytes(random: 8_192).count == 8_192)
    }
  }
}

/// SHAKE-128, which the published accumulated hash is made with.
private struct Shake {
  private let bytes: [UInt8]
  private var position = 0

  init(count: Int) { bytes = Self.hash([], count: count) }

  mutating func take(_ count: Int) -> [UInt8] {
    defer { position += count }
    return Array(bytes[position..<position + count])
  }

  static func hash(_ input: [UInt8], count: Int) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: count)
    let context = unsafe EVP_MD_CTX_new()
    unsafe EVP_DigestInit_ex(context, EVP_shake128(), nil)
    unsafe EVP_DigestUpdate(context, input, input.count)
    unsafe EVP_DigestFinalXOF(context, &output, count)
    unsafe EVP_MD_CTX_free(context)
    return output
  }
}
