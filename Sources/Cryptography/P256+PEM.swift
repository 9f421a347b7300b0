// SPDX-License-Identifier: Apache-2.0

extension P256.PrivateKey {
  /// A key in PEM as ``plainPEM()`` writes it: PKCS #8 of the scalar alone.
  package init(plainPEM text: String) throws(CryptographyError) {
    var bytes = try PEM.decode(text, kind: .privateKey, longest: 1_024)
    defer { SecretMemory.wipe(&bytes) }
    guard bytes.count == P256.privateFrame.count + 32, bytes.starts(with: P256.privateFrame) else {
      throw .invalidKey
    }
    var scalar = Array(bytes[P256.privateFrame.count...])
    try self.init(scalar: SecretBytes(wiping: &scalar))
  }

  /// The key in PEM, in the clear and in ordinary memory: for a key that protects nothing of a device.
  package func plainPEM() throws(CryptographyError) -> String {
    let scalar = try self.scalar()
    return PEM.encode(P256.privateFrame + scalar.plainBytes(), kind: .privateKey)
  }
}
