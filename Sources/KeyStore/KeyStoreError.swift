// SPDX-License-Identifier: Apache-2.0

public import Cryptography
public import DurableFiles

/// Why a key is not to be had.
public enum KeyStoreError: Error, Equatable, Sendable {
  case storage(StorageError)
  case cryptography(CryptographyError)
  /// The root does not give its key out: the device started other software than the key is bound to.
  case rootRefused
  /// The root does not answer, or answers what it must not.
  case rootFailed(UInt32)
  /// The key table is older than the root knows it: it was put back.
  case rolledBack(found: UInt64, expected: UInt64)
  /// The key table is newer than the root: the root was exchanged or lost its memory.
  case rootBehind(found: UInt64, expected: UInt64)
  /// The root holds a key and the table is gone.
  case tableMissing
  /// The bytes of the table are no table, or not one of this device.
  case tableDamaged
  /// No such key, or it was destroyed.
  case noSuchKey
  /// The table has no room for one more key.
  case full
  /// The store was decommissioned in this run; nothing is left.
  case decommissioned
}
