// SPDX-License-Identifier: Apache-2.0

internal import CArgon2
internal import COpenSSL

/// Argon2id (RFC 9106): a slow hash for passwords and PINs.
public enum Argon2id {
  /// What one hash costs.
  public struct Cost: Equatable, Sendable {
    /// Passes over the memory, 1…10.
    public let passes: UInt32
    /// Memory in KiB, 8…262,144.
    public let memory: UInt32
    /// Lanes, 1…4.
    public let lanes: UInt32

    /// A cost within the stated ranges, or nil.
    public init?(passes: UInt32, memory: UInt32, lanes: UInt32 = 1) {
      guard (1...10).contains(passes), (8...262_144).contains(memory), (1...4).contains(lanes),
        memory >= 8 * lanes
      else { return nil }
      self.passes = passes
      self.memory = memory
      self.lanes = lanes
    }

    private init(standard passes: UInt32, memory: UInt32) {
      self.passes = passes
      self.memory = memory
      lanes = 1
    }

    /// Two passes over 19 MiB: ASVS 5.0 appendix C.
    public static let standard = Cost(standard: 2, memory: 19_456)
  }

  public static let size = 32

  /// The hash, 32 bytes, of at most 1,024 bytes of password and 8…64 bytes of salt.
  ///
  /// It takes the memory and the time of its cost; the caller must see that few run at once.
  public static func hash(
    _ password: [UInt8], salt: [UInt8], cost: Cost
  ) throws(CryptographyError) -> [UInt8] {
    guard password.count <= 1_024, (8...64).contains(salt.count) else { throw .invalidParameter }
    var hash = [UInt8](repeating: 0, count: size)
    let result = unsafe hash.withUnsafeMutableBytes { hash in
      unsafe argon2id_hash_raw(
        cost.passes, cost.memory, cost.lanes, password, password.count, salt, salt.count,
        hash.baseAddress, hash.count)
    }
    guard result == ARGON2_OK.rawValue else { throw .libraryFailed }
    return hash
  }
}
