// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DurableFiles
import KeyStore
import Synchronization
import TPMRoot

/// Where the keys of this pump hang, as the option `--root` says.
enum RootChoice: Hashable, Sendable {
  case simulated
  /// The TPM behind a TCTI, such as `device:/dev/tpmrm0`.
  case tpm(String)

  /// From `simulated` or `tpm:TCTI`; nil for anything else.
  init?(_ text: String) {
    if text == "simulated" {
      self = .simulated
    } else if text.hasPrefix("tpm:"), text.utf8.count > 4 {
      self = .tpm(String(text.dropFirst(4)))
    } else {
      return nil
    }
  }
}

/// The root of trust that was chosen.
// SEC-023: the same store of keys over the one as over the other; which it is shows in ``kind``.
enum DeviceRoot: RootOfTrust {
  case simulated(SimulatedRoot<PosixFolder>)
  case tpm(TPMRoot)

  var kind: RootKind {
    switch self {
    case .simulated(let root): root.kind
    case .tpm(let root): root.kind
    }
  }

  func read(_ slot: RootSlot) throws(KeyStoreError) -> SecretBytes? {
    switch self {
    case .simulated(let root): try root.read(slot)
    case .tpm(let root): try root.read(slot)
    }
  }

  func write(_ key: borrowing SecretBytes, to slot: RootSlot) throws(KeyStoreError) {
    switch self {
    case .simulated(let root): try root.write(key, to: slot)
    case .tpm(let root): try root.write(key, to: slot)
    }
  }

  func erase(_ slot: RootSlot) throws(KeyStoreError) {
    switch self {
    case .simulated(let root): try root.erase(slot)
    case .tpm(let root): try root.erase(slot)
    }
  }

  func value(of counter: RootCounter) throws(KeyStoreError) -> UInt64 {
    switch self {
    case .simulated(let root): try root.value(of: counter)
    case .tpm(let root): try root.value(of: counter)
    }
  }

  func advance(_ counter: RootCounter) throws(KeyStoreError) -> UInt64 {
    switch self {
    case .simulated(let root): try root.advance(counter)
    case .tpm(let root): try root.advance(counter)
    }
  }

  func identity() throws(KeyStoreError) -> P256.PublicKey {
    switch self {
    case .simulated(let root): try root.identity()
    case .tpm(let root): try root.identity()
    }
  }

  func sign(_ message: [UInt8]) throws(KeyStoreError) -> [UInt8] {
    switch self {
    case .simulated(let root): try root.sign(message)
    case .tpm(let root): try root.sign(message)
    }
  }
}

/// The one store of this pump's keys, for all threads that need one.
///
/// It is opened at its first use, as slowly as the root answers; a use that fails is tried again by the
/// next.
final class DeviceKeys: Sendable {
  typealias Store = KeyStore<DeviceRoot, PosixFolder>

  /// The cryptography does not compute what it must.
  struct SelfTestFailed: Error, CustomStringConvertible {
    let names: [String]
    var description: String { "self-test failed: \(names.joined(separator: ", "))" }
  }

  private let folder: String
  private let choice: RootChoice
  private let opened = Mutex<(root: DeviceRoot, store: Store)?>(nil)

  /// The keys below a folder, hung from the root that was chosen.
  init(folder: String, root choice: RootChoice = .simulated) {
    self.folder = folder
    self.choice = choice
  }

  /// The root and the store; opens them when they are not open.
  func open() throws -> (root: DeviceRoot, store: Store) {
    try opened.withLock { opened in
      if let opened { return opened }
      let failures = CryptographySelfTest.failures()
      guard failures.isEmpty else { throw SelfTestFailed(names: failures) }
      let data = try PosixFolder(path: folder)
      let table = try data.folder("keys")
      let root: DeviceRoot =
        switch choice {
        case .simulated: try .simulated(SimulatedRoot(data.folder("simulated-root")))
        case .tpm(let tcti): try .tpm(TPMRoot(tcti))
        }
      try data.sync()
      let found = (root: root, store: try Store(root: root, folder: table))
      opened = found
      return found
    }
  }
}
