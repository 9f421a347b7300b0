// SPDX-License-Identifier: Apache-2.0

/// CRC-32 as IEEE 802.3 defines it: polynomial 0x04C11DB7 reflected, start and final XOR all ones.
///
/// It finds every error of up to three bits and every burst of up to 32 bits in a frame of this
/// length. It guards against corruption and against nobody.
public struct Checksum: Sendable {
  private var register: UInt32
  // A member, not a static: the first use of a static would take a lock inside the cycle.
  private let table: InlineArray<16, UInt32>

  @_noAllocation @_noLocks
  public init() {
    register = 0xffff_ffff
    // Each entry is the remainder of its index, four bits at a time.
    table = [
      0x0000_0000, 0x1db7_1064, 0x3b6e_20c8, 0x26d9_30ac,
      0x76dc_4190, 0x6b6b_51f4, 0x4db2_6158, 0x5005_713c,
      0xedb8_8320, 0xf00f_9344, 0xd6d6_a3e8, 0xcb61_b38c,
      0x9b64_c2b0, 0x86d3_d2d4, 0xa00a_e278, 0xbdbd_f21c,
    ]
  }

  /// Takes in one byte.
  @_noAllocation @_noLocks
  public mutating func add(_ byte: UInt8) {
    register ^= UInt32(byte)
    register = register &>> 4 ^ table[Int(register & 0xf)]
    register = register &>> 4 ^ table[Int(register & 0xf)]
  }

  /// The checksum of the bytes so far.
  public var value: UInt32 {
    @_noAllocation @_noLocks get { ~register }
  }

  /// The checksum of a frame's first `length` bytes.
  @_noAllocation @_noLocks
  public static func of(_ bytes: borrowing FrameBytes, first length: Int) -> UInt32 {
    var sum = Checksum()
    var position = 0
    while position < length {
      sum.add(bytes[position])
      position += 1
    }
    return sum.value
  }
}
