// SPDX-License-Identifier: Apache-2.0

/// The known-answer tests that a process runs before it uses a key.
///
/// They show that the library that was linked computes what the standards say, and that it refuses what
/// it must refuse.
public enum CryptographySelfTest {
  /// One known answer.
  package struct Case: Sendable {
    package let name: String
    package let passes: @Sendable () throws -> Bool

    package init(_ name: String, _ passes: @escaping @Sendable () throws -> Bool) {
      self.name = name
      self.passes = passes
    }
  }

  // SEC-025: no key is used by a process whose cryptography does not give the known answers.
  /// The names of the tests that failed; empty means that every algorithm may be used.
  public static func failures() -> [String] { failures(of: cases) }

  package static func failures(of cases: [Case]) -> [String] {
    cases.filter { (try? $0.passes()) != true }.map(\.name)
  }

  package static let cases: [Case] = [
    Case("secret memory") { SecretMemory.isLocked },
    Case("random") {
      let one = try RandomBytes.make(32)
      return try one != RandomBytes.make(32) && one != [UInt8](repeating: 0, count: 32)
    },
    Case("SHA-256") {
      SHA256.hash(abc)
        == Hex.decode("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    },
    Case("SHA-512") {
      SHA512.hash(abc)
        == Hex.decode(
          "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
            + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
    },
    Case("HMAC-SHA-256") {
      try HMACSHA256.code(
        for: Array("what do ya want for nothing?".utf8), key: secret("4a656665"))
        == Hex.decode("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
    },
    Case("HKDF-SHA-256") {
      let salt = Hex.decode("000102030405060708090a0b0c") ?? []
      let info = Hex.decode("f0f1f2f3f4f5f6f7f8f9") ?? []
      let key = try HKDFSHA256.derive(
        42, from: secret("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), salt: salt, info: info)
      return unsafe key.withUnsafeBytes { unsafe Hex.encode($0) }
        == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
    },
    Case("XAES-256-GCM and AES-256-GCM") {
      let key = try secret(String(repeating: "01", count: 32))
      let nonce = Array("ABCDEFGHIJKLMNOPQRSTUVWX".utf8)
      let plain = Array("XAES-256-GCM".utf8)
      let sealed = try XAESGCM.seal(plain, key: key, nonce: nonce, authenticating: [])
      guard sealed == Hex.decode("ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271"),
        try XAESGCM.open(nonce + sealed, key: key, authenticating: []) == plain
      else { return false }
      return (try? XAESGCM.open(nonce + sealed, key: key, authenticating: [0])) == nil
    },
    Case("AES-256-KWP") {
      // Wycheproof aes_kwp, 256-bit keys.
      let key = try secret("fce0429c610658ef8e7cfb0154c51de2239a8a317f5af5b6714f985fb5c4d75c")
      let wrapped = try AESKWP.wrap(secret("287326b5ed0078e7ca0164d748f667e7"), key: key)
      guard wrapped == Hex.decode("e3eab96d9a2fda12f9e252053aff15e753e5ea6f5172c92b") else {
        return false
      }
      var changed = wrapped
      changed[0] ^= 1
      return (try? AESKWP.unwrap(changed, key: key).count) == nil
    },
    Case("Ed25519") {
      let key = try Ed25519.PrivateKey(
        seed: secret("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
      let signature = try key.sign([0x72])
      return signature
        == Hex.decode(
          "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        && key.publicKey.isValid(signature, for: [0x72])
        && !key.publicKey.isValid(signature, for: [0x73])
    },
    Case("ECDSA P-256") {
      // A signature is random: the known answer is that a fixed one verifies and a new one does.
      let key = try P256.PrivateKey(
        scalar: secret("c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721"))
      let signature = try key.sign(abc)
      // RFC 6979 A.2.5, SHA-256, "sample".
      let known = Hex.decode(
        "3046022100efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716"
          + "022100f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8")
      return key.publicKey.isValid(known ?? [], for: Array("sample".utf8))
        && !key.publicKey.isValid(known ?? [], for: abc)
        && key.publicKey.isValid(signature, for: abc)
    },
    Case("Argon2id") {
      guard let cost = Argon2id.Cost(passes: 2, memory: 256) else { return false }
      // phc-winner-argon2's own test.c, version 13, 2^8 KiB.
      return try Argon2id.hash(Array("password".utf8), salt: Array("somesalt".utf8), cost: cost)
        == Hex.decode("9dfeb910e80bad0311fee20f9c0e2b12c17987b4cac90c2ef54d5b3021c68bfe")
    },
  ]

  private static let abc = Array("abc".utf8)

  private static func secret(_ digits: String) throws(CryptographyError) -> SecretBytes {
    var bytes = Hex.decode(digits) ?? []
    return try SecretBytes(wiping: &bytes)
  }
}
