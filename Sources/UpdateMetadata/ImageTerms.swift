// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// What the manufacturer signed about an image besides its content: the target's `custom` field.
///
/// ```json
/// {"kind": "firmware", "version": "2.1.0", "hardware": ["reference-pump-1"],
///  "releaseCounter": 14, "securityVersion": 3, "notes": "Quieter motor."}
/// ```
public struct ImageTerms: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case firmware
    case drugLibrary = "drug-library"
    case configuration
  }

  public var kind: Kind
  /// 1 to 32 letters, digits, `.`, `-` or `+`; begins with a letter or digit.
  public var version: String
  /// The hardware that may run it.
  public var hardware: [String]
  /// Rises with every release that is signed, a downgrade included.
  public var releaseCounter: Int64
  /// Rises when a release must never be replaced by one before it.
  public var securityVersion: Int64
  /// What a user reads before agreeing; at most 2000 bytes.
  public var notes: String

  public init(_ target: TargetFile) throws(UpdateRefusal) {
    guard let custom = target.custom, custom.members != nil else {
      throw .badTerms("\(target.name) has no custom field")
    }
    guard let word = custom["kind"]?.string, let kind = Kind(rawValue: word) else {
      throw .badTerms("kind is not one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    guard let version = custom["version"]?.string, Self.isVersion(version) else {
      throw .badTerms("version is not 1 to 32 letters, digits, '.', '-' or '+'")
    }
    guard let nodes = custom["hardware"]?.array, !nodes.isEmpty, nodes.count <= 16 else {
      throw .badTerms("hardware is not a list of 1 to 16 names")
    }
    hardware = []
    for node in nodes {
      guard let name = node.string, (1...64).contains(name.utf8.count) else {
        throw .badTerms("a hardware name is not 1 to 64 bytes of text")
      }
      hardware.append(name)
    }
    guard let releaseCounter = custom["releaseCounter"]?.integer, releaseCounter >= 0 else {
      throw .badTerms("releaseCounter is not a whole number from 0")
    }
    guard let securityVersion = custom["securityVersion"]?.integer, securityVersion >= 0 else {
      throw .badTerms("securityVersion is not a whole number from 0")
    }
    let notes = custom["notes"] ?? JSONNode(content: .string(""), place: custom.place)
    guard let notes = notes.string, notes.utf8.count <= 2000 else {
      throw .badTerms("notes is not text of at most 2000 bytes")
    }
    self.kind = kind
    self.version = version
    self.releaseCounter = releaseCounter
    self.securityVersion = securityVersion
    self.notes = notes
  }

  private static func isVersion(_ text: String) -> Bool {
    guard (1...32).contains(text.utf8.count) else { return false }
    for (index, byte) in text.utf8.enumerated() {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: break
      case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"): if index == 0 { return false }
      default: return false
      }
    }
    return true
  }

  /// Refuses an image that this device may not run.
  public func check(hardware own: String, installedRelease: Int64, floor: Int64)
    throws(UpdateRefusal)
  {
    // SEC-032 SEC-308: signed for this hardware.
    guard hardware.contains(where: { $0.utf8.elementsEqual(own.utf8) }) else {
      throw .wrongHardware(offered: hardware.joined(separator: ", "))
    }
    // SEC-309: an old release comes back only when it was signed anew.
    guard releaseCounter >= installedRelease else {
      throw .oldRelease(installed: installedRelease, offered: releaseCounter)
    }
    // SEC-310: a hole that was closed stays closed.
    guard securityVersion >= floor else {
      throw .insecureVersion(floor: floor, offered: securityVersion)
    }
  }
}
