// SPDX-License-Identifier: Apache-2.0

internal import COpenSSL
import Synchronization

/// SHA-256 (FIPS 180-4): 32 bytes.
public struct SHA256: ~Copyable {
  public static let size = 32
  private var stream = HashStream(.sha256)

  public init() {}

  /// The hash of the bytes.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes.span) }

  /// The hash of the bytes.
  public static func hash(_ bytes: Span<UInt8>) -> [UInt8] { HashAlgorithm.sha256.hash(bytes) }

  /// A hash as four numbers, the highest byte first, so that millions of them cost no allocation.
  public typealias Words = (UInt64, UInt64, UInt64, UInt64)

  /// The hash of one byte and the bytes behind it: a leaf of a hash tree.
  public static func words(of first: UInt8, _ bytes: Span<UInt8>) -> Words {
    unsafe HashAlgorithm.sha256.words(count: 1 + bytes.count) { buffer in
      unsafe buffer[0] = first
      unsafe bytes.withUnsafeBytes { bytes in
        unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[1...]).copyMemory(from: bytes)
      }
    }
  }

  /// The hash of one byte and two hashes behind it: a node of a hash tree.
  public static func words(of first: UInt8, _ left: Words, _ right: Words) -> Words {
    unsafe HashAlgorithm.sha256.words(count: 1 + 2 * size) { buffer in
      unsafe buffer[0] = first
      unsafe buffer.storeBytes(of: left.0.bigEndian, toByteOffset: 1, as: UInt64.self)
      unsafe buffer.storeBytes(of: left.1.bigEndian, toByteOffset: 9, as: UInt64.self)
      unsafe buffer.storeBytes(of: left.2.bigEndian, toByteOffset: 17, as: UInt64.self)
      unsafe buffer.storeBytes(of: left.3.bigEndian, toByteOffset: 25, as: UInt64.self)
      unsafe buffer.storeBytes(of: right.0.bigEndian, toByteOffset: 33, as: UInt64.self)
      unsafe buffer.storeBytes(of: right.1.bigEndian, toByteOffset: 41, as: UInt64.self)
      unsafe buffer.storeBytes(of: right.2.bigEndian, toByteOffset: 49, as: UInt64.self)
      unsafe buffer.storeBytes(of: right.3.bigEndian, toByteOffset: 57, as: UInt64.self)
    }
  }

  /// Takes more bytes.
  public mutating func update(_ bytes: [UInt8]) { stream.update(bytes.span) }

  /// Takes more bytes.
  public mutating func update(_ bytes: Span<UInt8>) { stream.update(bytes) }

  /// The hash of all bytes taken; after it the value is as new.
  public mutating func finish() -> [UInt8] { stream.finish() }
}

/// SHA-512 (FIPS 180-4): 64 bytes.
public struct SHA512: ~Copyable {
  public static let size = 64
  private var stream = HashStream(.sha512)

  public init() {}

  /// The hash of the bytes.
  public static func hash(_ bytes: [UInt8]) -> [UInt8] { hash(bytes.span) }

  /// The hash of the bytes.
  public static func hash(_ bytes: Span<UInt8>) -> [UInt8] { HashAlgorithm.sha512.hash(bytes) }

  /// Takes more bytes.
  public mutating func update(_ bytes: [UInt8]) { stream.update(bytes.span) }

  /// Takes more bytes.
  public mutating func update(_ bytes: Span<UInt8>) { stream.update(bytes) }

  /// The hash of all bytes taken; after it the value is as new.
  public mutating func finish() -> [UInt8] { stream.finish() }
}

/// A hash function of libcrypto, fetched once for the process.
///
/// Hashing fails only when libcrypto is not the library it must be or has no memory; no input can cause
/// it, and a wrong hash would be worse than none, so it ends the process.
@safe struct HashAlgorithm: @unchecked Sendable {
  static let sha256 = HashAlgorithm("SHA2-256", size: 32)
  static let sha512 = HashAlgorithm("SHA2-512", size: 64)

  let size: Int
  let method: OpaquePointer?

  private init(_ name: String, size: Int) {
    self.size = size
    unsafe method = unsafe EVP_MD_fetch(nil, name, nil)
    unsafe precondition(method != nil, "libcrypto has no \(name)")
  }

  func hash(_ bytes: Span<UInt8>) -> [UInt8] {
    let method = unsafe self.method
    return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let result = unsafe bytes.withUnsafeBufferPointer { input in
        unsafe EVP_Digest(input.baseAddress, input.count, buffer.baseAddress, nil, method, nil)
      }
      precondition(result == 1, "libcrypto failed to hash")
      count = size
    }
  }
}

extension HashAlgorithm {
  /// The hash, of 32 bytes, of `count` bytes that `fill` puts into memory of the call's own.
  ///
  /// It works in a context that was used before: making and wiping one costs as much as hashing 100 bytes.
  func words(
    count: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
  ) -> SHA256.Words {
    let method = unsafe self.method
    let context = unsafe HashContexts.shared.take()
    defer { unsafe HashContexts.shared.putBack(context) }
    return unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 8) { input in
      unsafe fill(input)
      var words: SHA256.Words = (0, 0, 0, 0)
      let made = unsafe withUnsafeMutableBytes(of: &words) { output in
        unsafe EVP_DigestInit_ex2(context, method, nil) == 1
          && EVP_DigestUpdate(context, input.baseAddress, count) == 1
          && EVP_DigestFinal_ex(
            context, output.baseAddress?.assumingMemoryBound(to: UInt8.self), nil) == 1
      }
      precondition(made, "libcrypto failed to hash")
      return (
        UInt64(bigEndian: words.0), UInt64(bigEndian: words.1), UInt64(bigEndian: words.2),
        UInt64(bigEndian: words.3)
      )
    }
  }
}

/// Contexts that wait for their next hash; each is in one thread's hands at a time.
///
/// They hash what is no secret: leaves and nodes of hash trees.
private final class HashContexts: Sendable {
  static let shared = HashContexts()
  /// As many as threads hash trees at a time, and some.
  private static let most = 8
  private let waiting = Mutex<[UInt]>([])

  func take() -> OpaquePointer {
    let number = waiting.withLock { $0.popLast() }
    if let number, let context = unsafe OpaquePointer(bitPattern: number) {
      return unsafe context
    }
    guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("no memory") }
    return unsafe context
  }

  func putBack(_ context: OpaquePointer) {
    let number = UInt(bitPattern: context)
    let kept = waiting.withLock { waiting in
      guard waiting.count < Self.most else { return false }
      waiting.append(number)
      return true
    }
    if !kept { unsafe EVP_MD_CTX_free(context) }
  }
}

/// A hash that grows.
@safe struct HashStream: ~Copyable {
  private let algorithm: HashAlgorithm
  private let context: OpaquePointer

  init(_ algorithm: HashAlgorithm) {
    self.algorithm = algorithm
    guard let context = unsafe EVP_MD_CTX_new() else { preconditionFailure("no memory") }
    unsafe self.context = unsafe context
    begin()
  }

  deinit { unsafe EVP_MD_CTX_free(context) }

  private func begin() {
    let result = unsafe EVP_DigestInit_ex2(context, algorithm.method, nil)
    precondition(result == 1, "libcrypto failed to hash")
  }

  mutating func update(_ bytes: Span<UInt8>) {
    let context = unsafe self.context
    let result = unsafe bytes.withUnsafeBufferPointer { input in
      unsafe EVP_DigestUpdate(context, input.baseAddress, input.count)
    }
    precondition(result == 1, "libcrypto failed to hash")
  }

  mutating func finish() -> [UInt8] {
    let size = algorithm.size
    let context = unsafe self.context
    let hash = unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      let result = unsafe EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
      precondition(result == 1, "libcrypto failed to hash")
      count = size
    }
    begin()
    return hash
  }
}
