// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Testing

func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex)) }

func secret(_ hex: String) throws -> SecretBytes {
  var bytes = try bytes(hex)
  return try SecretBytes(wiping: &bytes)
}

@Suite struct `Cryptography, by the vectors of its standards` {
  @Test func `SHA-256 and SHA-512 of abc are those of FIPS 180-4`() throws {
    let abc = Array("abc".utf8)
    let short = try bytes("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    let long = try bytes(
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f")
    #expect(SHA256.hash(abc) == short)
    #expect(SHA512.hash(abc) == long)
    var stream = SHA256()
    for _ in 0..<2 {
      stream.update([0x61])
      stream.update([])
      stream.update(Array("bc".utf8))
      #expect(stream.finish() == short)
    }
    var longer = SHA512()
    longer.update(abc)
    #expect(longer.finish() == long)
    #expect(
      try SHA256.hash([])
        == bytes("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"))
  }

  @Test func `HMAC-SHA-256 is that of RFC 4231`() throws {
    let code = try HMACSHA256.code(
      for: Array("what do ya want for nothing?".utf8), key: secret("4a656665"))
    #expect(
      try code == bytes("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"))
    #expect(
      try HMACSHA256.isValid(
        code, for: Array("what do ya want for nothing?".utf8), key: secret("4a656665")))
    #expect(try !HMACSHA256.isValid(code, for: [], key: secret("4a656665")))
  }

  @Test func `HKDF-SHA-256 is that of RFC 5869`() throws {
    let derived = try HKDFSHA256.derive(
      42, from: secret("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"),
      salt: bytes("000102030405060708090a0b0c"), info: bytes("f0f1f2f3f4f5f6f7f8f9"))
    #expect(
      reveal(derived)
        == "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865")
    let bare = try HKDFSHA256.derive(
      42, from: secret("0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b"), info: [])
    #expect(
      reveal(bare)
        == "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8")
  }

  @Test func `AES-256-GCM seals and opens as the standard's vector does`() throws {
    // The GCM specification (McGrew, Viega), test case 16.
    let key = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"
    let plain = try bytes(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
        + "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39")
    let context = try bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    let nonce = try bytes("cafebabefacedbaddecaf888")
    let sealed = try AESGCM.seal(
      plain, key: secret(key), nonce: nonce, authenticating: context)
    #expect(
      Hex.encode(sealed)
        == "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
        + "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662"
        + "76fc6ece0f4e1768cddf8853bb2d551b")
    #expect(
      try AESGCM.open(sealed, key: secret(key), nonce: nonce, authenticating: context) == plain)
  }

  @Test func `every changed byte, shorter text or other context keeps AES-GCM shut`() throws {
    let key = try SecretBytes(random: 32)
    let nonce = try RandomBytes.make(12)
    let sealed = try AESGCM.seal(
      Array("12 bytes txt".utf8), key: key, nonce: nonce, authenticating: [1])
    for index in sealed.indices {
      for bit in 0..<8 {
        var changed = sealed
        changed[index] ^= 1 << bit
        #expect(throws: CryptographyError.notAuthentic) {
          try AESGCM.open(changed, key: key, nonce: nonce, authenticating: [1])
        }
      }
      #expect(throws: CryptographyError.notAuthentic) {
        try AESGCM.open(Array(sealed[..<index]), key: key, nonce: nonce, authenticating: [1])
      }
    }
    #expect(throws: CryptographyError.notAuthentic) {
      try AESGCM.open(sealed, key: key, nonce: nonce, authenticating: [2])
    }
    #expect(throws: CryptographyError.invalidParameter) {
      try AESGCM.seal([], key: key, nonce: [], authenticating: [])
    }
    #expect(throws: CryptographyError.invalidKey) {
      try AESGCM.seal([], key: SecretBytes(random: 16), nonce: nonce)
    }
  }

  @Test func `Ed25519 signs as RFC 8032 does`() throws {
    let key = try Ed25519.PrivateKey(
      seed: secret("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"))
    #expect(
      Hex.encode(key.publicKey.bytes)
        == "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    let signature = try key.sign([0x72])
    #expect(
      Hex.encode(signature)
        == "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
    #expect(key.publicKey.isValid(signature, for: [0x72]))
    #expect(!key.publicKey.isValid(signature, for: [0x73]))
    #expect(!key.publicKey.isValid([], for: [0x72]))
    #expect(
      try reveal(key.seed()) == "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
    #expect(throws: CryptographyError.invalidKey) { try Ed25519.PublicKey([1, 2, 3]) }
  }

  @Test func `P-256 keys go out and in again, and sign what only they verify`() throws {
    let key = try P256.PrivateKey()
    let again = try P256.PrivateKey(scalar: key.scalar())
    #expect(again.publicKey == key.publicKey)
    let signature = try again.sign(Array("order".utf8))
    #expect(key.publicKey.isValid(signature, for: Array("order".utf8)))
    #expect(!key.publicKey.isValid(signature, for: Array("other".utf8)))
    #expect(try P256.PublicKey(point: key.publicKey.point) == key.publicKey)
    #expect(try P256.PublicKey(der: key.publicKey.der) == key.publicKey)
    #expect(try !P256.PrivateKey().publicKey.isValid(signature, for: Array("order".utf8)))
    var off = key.publicKey.point
    off[64] ^= 1
    #expect(throws: CryptographyError.invalidKey) { try P256.PublicKey(point: off) }
    #expect(throws: CryptographyError.invalidKey) {
      try P256.PublicKey(der: key.publicKey.der + [0])
    }
  }

  @Test func `hexadecimal digits go both ways and nothing else is taken`() {
    #expect(Hex.encode([0x00, 0xa5, 0xff]) == "00a5ff")
    #expect(Hex.decode("00A5fF") == [0x00, 0xa5, 0xff])
    #expect(Hex.decode("0") == nil)
    #expect(Hex.decode("0g") == nil)
    #expect(Hex.decode("é") == nil)
  }

  @Test func `secrets live in locked memory and are random`() throws {
    #expect(SecretMemory.isLocked)
    let one = try SecretBytes(random: 32)
    let other = try SecretBytes(random: 32)
    #expect(reveal(one) != reveal(other))
    #expect(try reveal(SecretBytes(copy: one)) == reveal(one))
    var source: [UInt8] = [1, 2, 3]
    #expect(try reveal(SecretBytes(wiping: &source)) == "010203")
    #expect(source.isEmpty)
    #expect(throws: CryptographyError.invalidParameter) { _ = try SecretBytes(random: 0) }
    #expect(throws: CryptographyError.invalidParameter) { try RandomBytes.make(0) }
    #expect(SecretMemory.equal([1, 2], [1, 2]))
    #expect(!SecretMemory.equal([1, 2], [1, 3]))
    #expect(!SecretMemory.equal([1, 2], [1]))
  }
}

func reveal(_ secret: borrowing SecretBytes) -> String {
  unsafe secret.withUnsafeBytes { unsafe Hex.encode($0) }
}
