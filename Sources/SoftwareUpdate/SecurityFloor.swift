// SPDX-License-Identifier: Apache-2.0

public import DurableFiles

/// The lowest security version that may run: a counter that only rises, in the device's key store.
public protocol SecurityFloor {
  func value() throws(StorageError) -> Int64
  /// Raises the counter; a value at or below the present one changes nothing.
  func raise(to value: Int64) throws(StorageError)
}

/// A floor in a file, for boards without a counter in hardware.
///
/// Whoever can write the file can lower it: it protects against old images, not against a person with
/// root on the device.
public struct FileFloor<Folder: DurableFolder>: SecurityFloor {
  private let folder: Folder

  public init(_ folder: Folder) { self.folder = folder }

  public func value() throws(StorageError) -> Int64 {
    let bytes: [UInt8]
    do { bytes = try folder.contents(of: "floor", limit: 20) } catch .notFound { return 0 }
    guard let value = Int64(String(decoding: bytes, as: UTF8.self)), value >= 0 else {
      throw .io
    }
    return value
  }

  public func raise(to value: Int64) throws(StorageError) {
    guard value > (try self.value()) else { return }
    try folder.replace("floor", with: Array(String(value).utf8))
  }
}
