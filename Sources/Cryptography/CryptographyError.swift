// SPDX-License-Identifier: Apache-2.0

/// Why an operation gave no result.
///
/// It never carries a secret or a library's text.
public enum CryptographyError: Error, Equatable, Sendable {
  /// The tag does not fit: another key, nonce or context, or changed bytes.
  ///
  /// No plaintext was released.
  case notAuthentic
  /// The bytes are no key of the expected kind and size.
  case invalidKey
  /// A nonce, length or other parameter outside its stated range.
  case invalidParameter
  /// The system's random generator gave nothing; no key and no nonce may be made.
  case noRandomness
  /// Locked memory for secrets is not to be had.
  case noSecretMemory
  /// The library refused an operation that it must offer.
  case libraryFailed
}
