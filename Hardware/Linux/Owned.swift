// SPDX-License-Identifier: Apache-2.0

import CGPIO
import CI2C

/// An open device of the C edge; it has one owner and is closed with it.
struct OwnedDevice: ~Copyable {
  let number: Int32
  init(_ number: Int32) { self.number = number }
  deinit { ci_close(number) }

  /// Gives the number to a call that closes it itself.
  consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }
}

/// A requested bank of lines; it has one owner, and its outputs take their initial level when that
/// one goes.
// RC-004: an orderly end writes the safe value of every output.
@safe struct OwnedBank: ~Copyable {
  let pointer: OpaquePointer
  init(_ pointer: OpaquePointer) { unsafe self.pointer = pointer }
  deinit { unsafe cg_bank_free(pointer) }
}
