// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import KeyStore
import SoftwareUpdate
import TPMRoot

/// Where the security floor hangs, as the option `--floor` says.
enum FloorChoice: SecurityFloor {
  case file(FileFloor<PosixFolder>)
  case tpm(RootFloor<PosixFolder, TPMRoot>)

  /// - Parameters:
  ///   - all: the folder of all slots.
  ///   - own: the folder of the kind's slots.
  init(_ option: String, _ kind: Kind, _ all: PosixFolder, _ own: PosixFolder) throws(SlotError) {
    self =
      if let root = try Self.root(option) { .tpm(RootFloor(all, root, kind)) } else {
        .file(FileFloor(own))
      }
  }

  /// Gives a new pump its floors.
  static func provision(_ option: String, _ all: PosixFolder) throws(SlotError) {
    if let root = try root(option) { try RootFloor.provision(all, root) }
  }

  private static func root(_ option: String) throws(SlotError) -> TPMRoot? {
    guard option.hasPrefix("tpm:") else { return nil }
    do { return try TPMRoot(String(option.dropFirst(4))) } catch { throw .floor(.rootFailed) }
  }

  func value() throws(SlotError) -> Int64 {
    switch self {
    case .file(let floor): try floor.value()
    case .tpm(let floor): try floor.value()
    }
  }

  func raise(to value: Int64) throws(SlotError) {
    switch self {
    case .file(let floor): try floor.raise(to: value)
    case .tpm(let floor): try floor.raise(to: value)
    }
  }
}
