// SPDX-License-Identifier: Apache-2.0

/// xoshiro256** 1.0 of Blackman and Vigna, seeded by SplitMix64 as its authors advise.
///
/// The plant carries its own generator because the noise of a run must be the same bytes on every
/// machine and in every version of the standard library.
// RC-099 SRS-116: the same seed gives the same run.
struct Random: Sendable {
  private var s0: UInt64
  private var s1: UInt64
  private var s2: UInt64
  private var s3: UInt64

  init(seed: UInt64) {
    var state = seed
    s0 = Random.splitMix(&state)
    s1 = Random.splitMix(&state)
    s2 = Random.splitMix(&state)
    s3 = Random.splitMix(&state)
  }

  @inline(__always)
  mutating func next() -> UInt64 {
    let product = s1 &* 5
    let result = ((product << 7) | (product >> 57)) &* 9
    let shifted = s1 << 17
    s2 ^= s0
    s3 ^= s1
    s1 ^= s2
    s0 ^= s3
    s2 ^= shifted
    s3 = (s3 << 45) | (s3 >> 19)
    return result
  }

  /// A bell-shaped number of mean 0 and standard deviation 1, within ±3.5.
  ///
  /// The sum of four independent uniform 16-bit numbers (Irwin–Hall), so that no logarithm and no
  /// cosine of a platform's library enters. Its variance is 4 × (2³² − 1) / 12.
  @inline(__always)
  mutating func bell() -> Double {
    let bits = next()
    let sum = (bits & 0xFFFF) + (bits >> 16 & 0xFFFF) + (bits >> 32 & 0xFFFF) + (bits >> 48)
    return (Double(Int64(sum)) - 131_070.0) * (1.0 / 37_837.227_237_2)
  }

  private static func splitMix(_ state: inout UInt64) -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
