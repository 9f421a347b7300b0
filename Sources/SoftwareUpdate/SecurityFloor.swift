// SPDX-License-Identifier: Apache-2.0

public import DurableFiles

/// The lowest security version that may run: it only rises.
///
/// Throws ``SlotError/storage(_:)`` or ``SlotError/floor(_:)``.
public protocol SecurityFloor {
  func value() throws(SlotError) -> Int64
  /// Raises the floor; a value at or below the present one changes nothing.
  func raise(to value: Int64) throws(SlotError)
}

/// Why a floor that hangs from a root of trust cannot be had.
public enum FloorError: Error, Hashable, Sendable {
  /// The root does not answer.
  case rootFailed
  /// The record is missing, was changed, or is older than the root's counter: it was put back.
  case notGenuine
}

/// A floor in a file, for boards without a counter in hardware.
///
/// Whoever can write the file can lower it: it protects against old images, not against a person with
/// root on the device.
public struct FileFloor<Folder: DurableFolder>: SecurityFloor {
  private let folder: Folder

  public init(_ folder: Folder) { self.folder = folder }

  public func value() throws(SlotError) -> Int64 {
    let bytes: [UInt8]
    do throws(StorageError) {
      bytes = try folder.contents(of: "floor", limit: 20)
    } catch {
      guard error == .notFound else { throw .storage(error) }
      return 0
    }
    guard let value = Int64(String(decoding: bytes, as: UTF8.self)), value >= 0 else {
      throw .storage(.io)
    }
    return value
  }

  public func raise(to value: Int64) throws(SlotError) {
    guard value > (try self.value()) else { return }
    do { try folder.replace("floor", with: Array(String(value).utf8)) } catch {
      throw .storage(error)
    }
  }
}
