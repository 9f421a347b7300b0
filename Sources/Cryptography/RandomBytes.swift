// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// The process's random generator: libcrypto's, seeded by the kernel.
public enum RandomBytes {
  /// `count` (1…65,536) unpredictable bytes for nonces, tokens and identifiers; throws rather than
  /// give fewer or weaker ones.
  public static func make(_ count: Int) throws(CryptographyError) -> [UInt8] {
    guard (1...65_536).contains(count) else { throw .invalidParameter }
    var bytes = [UInt8](repeating: 0, count: count)
    let result = unsafe bytes.withUnsafeMutableBufferPointer { buffer in
      unsafe RAND_bytes(buffer.baseAddress, Int32(buffer.count))
    }
    guard result == 1 else { throw .noRandomness }
    return bytes
  }
}
