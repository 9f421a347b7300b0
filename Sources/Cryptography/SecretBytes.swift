// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL

/// Secret bytes in memory that is locked, kept out of core dumps, fenced by guard pages, and wiped
/// at the end of the value's life.
///
/// The value cannot be copied, so that there is one place to wipe. It lives in libcrypto's secure heap
/// (64 KiB, locked), where libcrypto keeps its own private keys as well. When that memory is not to be
/// had, making a value throws ``CryptographyError/noSecretMemory``: a secret never falls back to
/// ordinary memory.
///
/// Safe to send: its bytes never change after it was made.
@safe public struct SecretBytes: ~Copyable, @unchecked Sendable {
  /// The number of bytes; at least 1.
  public let count: Int
  private let base: UnsafeMutableRawPointer

  /// Makes `count` (1…8,192) zero bytes and lets `fill` write them.
  init(
    secret count: Int, fill: (UnsafeMutablePointer<UInt8>) throws(CryptographyError) -> Void
  ) throws(CryptographyError) {
    guard (1...8_192).contains(count) else { throw .invalidParameter }
    guard SecretMemory.isLocked, let base = unsafe CRYPTO_secure_zalloc(count, nil, 0) else {
      throw .noSecretMemory
    }
    // A full heap makes libcrypto hand out ordinary memory.
    guard unsafe CRYPTO_secure_allocated(base) == 1 else {
      unsafe CRYPTO_clear_free(base, count, nil, 0)
      throw .noSecretMemory
    }
    do throws(CryptographyError) {
      unsafe try fill(base.assumingMemoryBound(to: UInt8.self))
    } catch {
      unsafe CRYPTO_secure_clear_free(base, count, nil, 0)
      throw error
    }
    self.count = count
    unsafe self.base = unsafe base
  }

  deinit {
    unsafe CRYPTO_secure_clear_free(base, count, nil, 0)
  }

  /// The address of the bytes, for a C function.
  ///
  /// It must not outlive the call.
  public borrowing func withUnsafeBytes<R: ~Copyable, E: Error>(
    _ body: (UnsafeRawBufferPointer) throws(E) -> R
  ) throws(E) -> R {
    unsafe try body(UnsafeRawBufferPointer(start: base, count: count))
  }
}

extension SecretBytes {
  /// New random bytes.
  public init(random count: Int) throws(CryptographyError) {
    unsafe try self.init(secret: count) { (bytes) throws(CryptographyError) in
      guard unsafe RAND_priv_bytes(bytes, Int32(count)) == 1 else {
        throw CryptographyError.noRandomness
      }
    }
  }

  /// Takes over bytes that came from elsewhere, and overwrites them there.
  public init(wiping bytes: inout [UInt8]) throws(CryptographyError) {
    unsafe try self.init(secret: bytes.count) { (target) throws(CryptographyError) in
      for index in bytes.indices { unsafe target[index] = bytes[index] }
    }
    SecretMemory.wipe(&bytes)
  }

  /// The bytes in ordinary memory, for a root of trust that protects nothing (the simulator's).
  package borrowing func plainBytes() -> [UInt8] {
    unsafe withUnsafeBytes { unsafe Array($0) }
  }

  /// A second, independent copy.
  public init(copy other: borrowing SecretBytes) throws(CryptographyError) {
    self = unsafe try other.withUnsafeBytes { (source) throws(CryptographyError) in
      unsafe try SecretBytes(secret: source.count) { target in
        for index in source.indices { unsafe target[index] = source[index] }
      }
    }
  }
}

/// The locked heap that holds every secret of the process.
public enum SecretMemory {
  /// Whether secrets can be kept: the heap is there and the kernel locked it.
  public static let isLocked: Bool = {
    // 64 KiB fit the usual RLIMIT_MEMLOCK of an unprivileged process. 1 means locked and fenced,
    // 2 means not locked: no secret goes there.
    CRYPTO_secure_malloc_init(65_536, 32) == 1
  }()

  /// Overwrites bytes in ordinary memory in a way that the compiler keeps.
  public static func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { buffer in
      unsafe OPENSSL_cleanse(buffer.baseAddress, buffer.count)
    }
    bytes = []
  }

  /// Whether two byte strings are equal, in a time that depends on their lengths alone.
  public static func equal(_ one: [UInt8], _ other: [UInt8]) -> Bool {
    guard one.count == other.count else { return false }
    return unsafe one.withUnsafeBytes { a in
      unsafe other.withUnsafeBytes { b in
        unsafe CRYPTO_memcmp(a.baseAddress, b.baseAddress, a.count) == 0
      }
    }
  }
}
