// SPDX-License-Identifier: Apache-2.0

import Cryptography

/// What an authority signs (RFC 5280): P-256 and ECDSA with SHA-256 alone.
enum Draft {
  /// A certificate of version 3, in DER.
  ///
  /// - Parameters:
  ///   - use: nil for the authority's own.
  ///   - from: seconds since 1970, as `until`.
  static func certificate(
    _ name: String, use: TeachingAuthority.Use?, of key: P256.PublicKey, serial: [UInt8],
    from: Int64, until: Int64, by issuer: String, _ issuerKey: P256.PrivateKey
  ) throws(CryptographyError) -> [UInt8] {
    let signs = use == nil
    var extensions = [
      // Nobody below an authority is one; below this one there is no other.
      DER.extension(
        identifier(19), critical: true, DER.sequence(signs ? DER.yes + DER.integer(0) : [])),
      // keyCertSign and cRLSign, or digitalSignature.
      DER.extension(
        identifier(15), critical: true,
        signs ? DER.bits([0x06], unused: 1) : DER.bits([0x80], unused: 7)),
      DER.extension(identifier(14), DER.octets(fingerprint(of: key))),
      authorityKey(issuerKey.publicKey),
    ]
    if let use {
      let purpose = DER.identifier(1, 3, 6, 1, 5, 5, 7, 3, use == .pump ? 1 : 2)
      extensions += [
        DER.extension(identifier(37), DER.sequence(purpose)), DER.alternativeName(name),
      ]
    }
    return try DER.signed(
      DER.sequence(
        DER.explicit(0, DER.integer(2)), DER.integer(serial), DER.algorithm, DER.name(issuer),
        DER.sequence(DER.time(from), DER.time(until)), DER.name(name), key.der,
        DER.explicit(3, DER.sequence(extensions.flatMap(\.self)))),
      by: issuerKey)
  }

  /// A revocation list of version 2, in DER.
  static func list(
    of revoked: [(serial: [UInt8], at: Int64)], number: Int64, from: Int64, until: Int64,
    by issuer: String, _ key: P256.PrivateKey
  ) throws(CryptographyError) -> [UInt8] {
    let entries = revoked.flatMap { DER.sequence(DER.integer($0.serial), DER.time($0.at)) }
    return try DER.signed(
      DER.sequence(
        DER.integer(1), DER.algorithm, DER.name(issuer), DER.time(from), DER.time(until),
        entries.isEmpty ? [] : DER.sequence(entries),
        DER.explicit(
          0,
          DER.sequence(
            authorityKey(key.publicKey), DER.extension(identifier(20), DER.integer(number))))),
      by: key)
  }

  /// The arc of certificate extensions.
  private static func identifier(_ last: Int) -> [UInt8] { DER.identifier(2, 5, 29, last) }

  private static func authorityKey(_ key: P256.PublicKey) -> [UInt8] {
    DER.extension(identifier(35), DER.sequence(DER.item(0x80, fingerprint(of: key))))
  }

  /// RFC 7093, method 1.
  private static func fingerprint(of key: P256.PublicKey) -> [UInt8] {
    Array(SHA256.hash(key.point).prefix(20))
  }
}

extension DER {
  /// A time of X.509: UTCTime until 2049, then GeneralizedTime (RFC 5280, 4.1.2.5).
  static func time(_ seconds: Int64) -> [UInt8] {
    let (day, second) = (seconds / 86_400, seconds % 86_400)
    // Days to a date of the Gregorian calendar; years begin in March.
    let shifted = day + 719_468
    let era = shifted / 146_097
    let ofEra = shifted % 146_097
    let year = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
    let ofYear = ofEra - (365 * year + year / 4 - year / 100)
    let month = (5 * ofYear + 2) / 153
    let date = ofYear - (153 * month + 2) / 5 + 1
    let number = month < 10 ? month + 3 : month - 9
    let whole = year + era * 400 + (number <= 2 ? 1 : 0)
    let rest =
      two(number) + two(date) + two(second / 3_600) + two(second / 60 % 60) + two(second % 60) + "Z"
    return whole < 2_050
      ? item(0x17, Array((two(whole % 100) + rest).utf8))
      : item(0x18, Array((two(whole / 100) + two(whole % 100) + rest).utf8))
  }

  private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
