// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import DurableFiles
public import KeyStore
import StrictJSON
public import UpdateMetadata

/// The floors of all kinds in one record that hangs from a root of trust.
///
/// The record names the value of the root's counter and is signed with the root's identity, which never
/// leaves a TPM. Whoever has the medium alone can neither make a record nor put an older one back: the
/// counter has gone on. A record that is missing or not genuine is an error and never a floor of zero.
///
/// ```
/// floors    {"signature": "…", "signed": {"_type": "security-floors", "counter": 7, "firmware": 3,
///            "drug-library": 0, "configuration": 0}}
/// ```
///
/// The next record is durable before the counter advances, so that a power cut between the two leaves a
/// record that is one ahead; the next use finishes that. Whoever is root while the pump runs can ask a TPM for
/// a signature: this guards a medium, not a running system.
public struct RootFloor<Folder: DurableFolder, Root: RootOfTrust>: SecurityFloor {
  private let folder: Folder
  private let root: Root
  private let kind: ImageTerms.Kind
  private static var name: String { "floors" }
  private static var largest: Int { 1_024 }

  /// - Parameter folder: the folder of all slots, whatever the kind.
  public init(_ folder: Folder, _ root: Root, _ kind: ImageTerms.Kind) {
    self.folder = folder
    self.root = root
    self.kind = kind
  }

  /// Gives a new device its first record, with every floor at zero.
  public static func provision(_ folder: Folder, _ root: Root) throws(SlotError) {
    let floor = RootFloor(folder, root, .firmware)
    try floor.write([:], after: try floor.counter())
  }

  public func value() throws(SlotError) -> Int64 { try read().floors[kind] ?? 0 }

  // SEC-385: the floor rises with the counter of the root, and with it alone.
  public func raise(to value: Int64) throws(SlotError) {
    let (floors, counter) = try read()
    guard value > floors[kind] ?? 0 else { return }
    var next = floors
    next[kind] = value
    try write(next, after: counter)
  }

  private func read() throws(SlotError) -> (floors: [ImageTerms.Kind: Int64], counter: UInt64) {
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try folder.contents(of: Self.name, limit: Self.largest)
    } catch {
      guard error == .notFound || error == .tooLarge else { throw .storage(error) }
      throw .floor(.notGenuine)
    }
    guard let node = try? JSONReader.read(bytes, limits: JSONLimits(depth: 4, size: Self.largest)),
      let signed = node["signed"], signed["_type"]?.string == "security-floors",
      let number = signed["counter"]?.integer, let named = UInt64(exactly: number),
      let signature = node["signature"]?.string.flatMap({ Hex.decode($0) })
    else { throw .floor(.notGenuine) }
    let key: P256.PublicKey
    do { key = try root.identity() } catch { throw .floor(.rootFailed) }
    guard key.isValid(signature, for: CanonicalJSON.bytes(signed)) else {
      throw .floor(.notGenuine)
    }
    var counter = try counter()
    // The power went between record and counter.
    if named == counter &+ 1 { counter = try advance() }
    // SEC-385: an older record was put back, or another device's.
    guard named == counter else { throw .floor(.notGenuine) }
    var floors: [ImageTerms.Kind: Int64] = [:]
    for kind in ImageTerms.Kind.allCases {
      guard let value = signed[kind.rawValue]?.integer, value >= 0 else {
        throw .floor(.notGenuine)
      }
      floors[kind] = value
    }
    return (floors, counter)
  }

  private func write(
    _ floors: [ImageTerms.Kind: Int64], after counter: UInt64
  ) throws(SlotError) {
    guard let next = Int64(exactly: counter &+ 1) else { throw .floor(.rootFailed) }
    let signed = JSONNode.object(
      [("_type", .string("security-floors")), ("counter", .integer(next))]
        + ImageTerms.Kind.allCases.map { ($0.rawValue, .integer(floors[$0] ?? 0)) })
    let signature: [UInt8]
    do { signature = try root.sign(CanonicalJSON.bytes(signed)) } catch {
      throw .floor(.rootFailed)
    }
    let record = JSONNode.object([
      ("signature", .string(Hex.encode(signature))), ("signed", signed),
    ])
    do { try folder.replace(Self.name, with: CanonicalJSON.bytes(record)) } catch {
      throw .storage(error)
    }
    _ = try advance()
  }

  private func counter() throws(SlotError) -> UInt64 {
    do { return try root.value(of: .software) } catch { throw .floor(.rootFailed) }
  }

  private func advance() throws(SlotError) -> UInt64 {
    do { return try root.advance(.software) } catch { throw .floor(.rootFailed) }
  }
}
