// SPDX-License-Identifier: Apache-2.0

internal import CTPM
public import Cryptography
public import KeyStore
import Synchronization

/// A root of trust in a TPM 2.0.
///
/// A slot is an NV index that can only be read while the chosen PCRs are as they were when it was
/// written: a device that started other software gets ``KeyStoreError/rootRefused``. Erasing removes the index from
/// the TPM. A counter is an NV counter; one that is removed and made again goes on above where it was, so
/// that it cannot be turned back. The identity is a P-256 key that never leaves the TPM.
///
/// After an update that changes the measured software the slots are written anew by
/// ``KeyStore/rotateRoot()`` in the old state, or the store is made anew.
public final class TPMRoot: RootOfTrust {
  /// The numbers of the objects in the TPM, in the owner's range.
  public struct Objects: Sendable {
    /// The first of two NV indices for the slots, followed by one for each counter.
    public var firstIndex: UInt32 = 0x0150_0020
    public var identity: UInt32 = 0x8101_0010
    /// PCRs 0 to 7: what firmware and boot loader measured (TCG PC Client profile).
    public var registers: UInt32 = 0xff

    public init() {}
  }

  /// The one connection; used by one caller at a time.
  @safe private struct Connection: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  private let connection: Mutex<Connection>
  private let objects: Objects

  /// Connects to the TPM behind a TCTI, such as `device:/dev/tpmrm0`.
  public init(_ tcti: String, objects: Objects = Objects()) throws(KeyStoreError) {
    var pointer: OpaquePointer?
    let result = unsafe pump_tpm_open(tcti, &pointer)
    guard result == 0, let pointer = unsafe pointer else { throw .rootFailed(result) }
    connection = unsafe Mutex(Connection(pointer: pointer))
    self.objects = objects
  }

  deinit { connection.withLock { unsafe pump_tpm_close($0.pointer) } }

  public var kind: RootKind { .tpm }

  public func read(_ slot: RootSlot) throws(KeyStoreError) -> SecretBytes? {
    guard try exists(index(slot)) else { return nil }
    var bytes = [UInt8](repeating: 0, count: 32)
    let result = connection.withLock { connection in
      unsafe pump_tpm_nv_unseal(
        connection.pointer, index(slot), objects.registers, &bytes, bytes.count)
    }
    switch result {
    case 0: break
    case PUMP_TPM_EMPTY: return nil
    // SEC-023: a key that is bound to other software stays in the TPM.
    case PUMP_TPM_REFUSED: throw .rootRefused
    default: throw .rootFailed(result)
    }
    do throws(CryptographyError) {
      return try SecretBytes(wiping: &bytes)
    } catch {
      throw .cryptography(error)
    }
  }

  public func write(
    _ key: borrowing SecretBytes, to slot: RootSlot
  ) throws(KeyStoreError) {
    guard key.count == 32 else { throw .cryptography(.invalidKey) }
    let result = unsafe key.withUnsafeBytes { key in
      connection.withLock { connection in
        unsafe pump_tpm_nv_seal(
          connection.pointer, index(slot), objects.registers,
          key.assumingMemoryBound(to: UInt8.self).baseAddress, key.count)
      }
    }
    guard result == 0 else { throw .rootFailed(result) }
  }

  public func erase(_ slot: RootSlot) throws(KeyStoreError) {
    guard try exists(index(slot)) else { return }
    unsafe try call { unsafe pump_tpm_nv_remove($0, index(slot)) }
  }

  public func value(of counter: RootCounter) throws(KeyStoreError) -> UInt64 {
    var exists: Int32 = 0
    var value: UInt64 = 0
    unsafe try call { unsafe pump_tpm_counter_read($0, index(counter), &exists, &value) }
    // A new counter of a TPM begins above every one that it ever had: only a made one has a value.
    return exists == 0 ? try advance(counter) : value
  }

  public func advance(_ counter: RootCounter) throws(KeyStoreError) -> UInt64 {
    var value: UInt64 = 0
    unsafe try call { unsafe pump_tpm_counter_advance($0, index(counter), &value) }
    return value
  }

  public func identity() throws(KeyStoreError) -> P256.PublicKey {
    var point = [UInt8](repeating: 0, count: 64)
    unsafe try call { unsafe pump_tpm_identity($0, objects.identity, &point) }
    do throws(CryptographyError) {
      return try P256.PublicKey(point: [4] + point)
    } catch {
      throw .cryptography(error)
    }
  }

  public func sign(_ message: [UInt8]) throws(KeyStoreError) -> [UInt8] {
    var raw = [UInt8](repeating: 0, count: 64)
    let digest = SHA256.hash(message)
    unsafe try call { unsafe pump_tpm_sign($0, objects.identity, digest, &raw) }
    guard let signature = P256.signature(raw: raw) else { throw .rootFailed(0) }
    return signature
  }

  /// Extends a register, as a boot loader does with what it starts.
  package func extend(_ register: UInt32, with digest: [UInt8]) throws(KeyStoreError) {
    guard digest.count == SHA256.size, register < 24 else { throw .cryptography(.invalidParameter) }
    unsafe try call { unsafe pump_tpm_extend($0, register, digest) }
  }

  private func index(_ slot: RootSlot) -> UInt32 { objects.firstIndex + UInt32(slot.rawValue) }

  private func index(_ counter: RootCounter) -> UInt32 {
    objects.firstIndex + 2 + UInt32(counter.rawValue)
  }

  private func exists(_ index: UInt32) throws(KeyStoreError) -> Bool {
    var exists: Int32 = 0
    unsafe try call { unsafe pump_tpm_nv_exists($0, index, &exists) }
    return exists != 0
  }

  private func call(_ body: (OpaquePointer) -> UInt32) throws(KeyStoreError) {
    let result = connection.withLock { unsafe body($0.pointer) }
    guard result == 0 else { throw .rootFailed(result) }
  }
}
