// SPDX-License-Identifier: Apache-2.0

public import Cryptography

/// What a pump's keys hang from: a small place outside the ordinary storage that can forget.
///
/// Two slots hold one root key each, so that a new one can be there before the old one is destroyed.
/// A counter only ever grows, also across a restored backup. Implementations: a TPM 2.0, and a folder
/// for the simulator that protects nothing.
///
/// For implementers: each operation is durable when it returns; after a power cut inside it, it was
/// done or not done. An erased slot must not be readable by any means that the device offers.
public protocol RootOfTrust: Sendable {
  /// What a person is told about this root.
  var kind: RootKind { get }

  /// The key in a slot; nil when it is empty. Throws ``KeyStoreError/rootRefused`` when the device is
  /// not in the state that the key was bound to.
  func read(_ slot: RootSlot) throws(KeyStoreError) -> SecretBytes?

  /// Puts a key of 32 bytes into a slot.
  func write(_ key: borrowing SecretBytes, to slot: RootSlot) throws(KeyStoreError)

  /// Destroys the key in a slot; an empty one stays empty.
  func erase(_ slot: RootSlot) throws(KeyStoreError)

  /// How often ``advance(_:)`` was called for this counter, in the life of the device.
  func value(of counter: RootCounter) throws(KeyStoreError) -> UInt64

  /// Adds one to the counter and gives its new value.
  func advance(_ counter: RootCounter) throws(KeyStoreError) -> UInt64

  /// The public half of the key that the device proves itself with.
  func identity() throws(KeyStoreError) -> P256.PublicKey

  /// A signature (DER) of that key over the message.
  func sign(_ message: [UInt8]) throws(KeyStoreError) -> [UInt8]
}

/// The kinds of root.
public enum RootKind: String, Sendable {
  /// A file that whoever reads the disk can read. For the simulator.
  case simulated = "SIMULATED – keys are not protected"
  case tpm = "TPM 2.0"
}

/// One of the two places for a root key.
public enum RootSlot: UInt8, CaseIterable, Sendable {
  case first = 0
  case second = 1

  /// The other one.
  public var other: RootSlot { self == .first ? .second : .first }
}

/// The counters of a root.
public enum RootCounter: UInt8, CaseIterable, Sendable {
  /// Versions of the key table.
  case keys = 0
  /// Checkpoints of the audit log.
  case audit = 1
  /// The security version of the software.
  case software = 2
}
