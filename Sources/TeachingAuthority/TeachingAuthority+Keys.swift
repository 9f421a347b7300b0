// SPDX-License-Identifier: Apache-2.0

import Cryptography

extension TeachingAuthority {
  /// The authority's key in PEM, in the clear.
  public func plainKey() throws(Refusal) -> String {
    do throws(CryptographyError) { return try key.plainPEM() } catch { throw .cryptography(error) }
  }

  /// A certificate with a new key that the authority draws: both in PEM, the key in the clear.
  public mutating func issueWithKey(
    _ name: String, for use: Use, days: Int64, at now: Int64
  ) throws(Refusal) -> (certificate: String, key: String) {
    let own: P256.PrivateKey
    let text: String
    do throws(CryptographyError) {
      own = try P256.PrivateKey()
      text = try own.plainPEM()
    } catch { throw .cryptography(error) }
    return (try issue(name, for: use, key: own.publicKey, days: days, at: now), text)
  }
}
