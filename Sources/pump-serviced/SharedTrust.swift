// SPDX-License-Identifier: Apache-2.0

import AccessControl
import Cryptography
import KeyStore
import SecureStore

/// Keys and people for the access control, out of the store that ``SealedRecords`` keeps open.
///
/// Each use asks for the store as it is now: after a failing medium it is another one.
struct SharedTrust: KeySource, PersonRecords {
  let records: SealedRecords

  func current(_ keyClass: KeyClass) throws(KeyStoreError) -> KeyID {
    guard let trust = records.trust else { throw .decommissioned }
    return try trust.keys.current(keyClass)
  }

  func withKey<R>(
    _ id: KeyID, _ body: (borrowing SecretBytes) throws(CryptographyError) -> R
  ) throws(KeyStoreError) -> R {
    guard let trust = records.trust else { throw .decommissioned }
    return try trust.keys.withKey(id, body)
  }

  /// A new key of the class, which from now on is the current one.
  func add(_ keyClass: KeyClass) throws(KeyStoreError) -> KeyID {
    guard let trust = records.trust else { throw .decommissioned }
    return try trust.keys.add(keyClass)
  }

  /// The keys of a class, the oldest first.
  func ids(of keyClass: KeyClass) throws(KeyStoreError) -> [KeyID] {
    guard let trust = records.trust else { throw .decommissioned }
    return trust.keys.ids(of: keyClass)
  }

  func all() throws(RecordsError) -> [(PersonID, [UInt8])] {
    guard let trust = records.trust else { throw RecordsError() }
    do throws(StoreError) {
      return try trust.store.all(.people).map { (PersonID(rawValue: $0.key), $0.content) }
    } catch {
      throw RecordsError()
    }
  }

  // SRS-152: people are records of the sealed store.
  func put(_ bytes: [UInt8], _ id: PersonID) throws(RecordsError) {
    guard let trust = records.trust else { throw RecordsError() }
    do throws(StoreError) { try trust.store.put(bytes, in: .people, key: id.rawValue) } catch {
      throw RecordsError()
    }
    records.anchor()
  }
}

/// Why the access control does not do something; the controller's refusals have the same name.
typealias AccessRefusal = Refusal
