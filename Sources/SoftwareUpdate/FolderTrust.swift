// SPDX-License-Identifier: Apache-2.0

public import DurableFiles
public import UpdateMetadata

/// Metadata from a folder: a mounted stick, or one that an upload was unpacked into.
public struct FolderSource<Folder: DurableFolder>: MetadataSource {
  private let folder: Folder

  public init(_ folder: Folder) { self.folder = folder }

  public mutating func metadata(_ name: String, limit: Int) throws(UpdateRefusal) -> [UInt8]? {
    do { return try folder.contents(of: name, limit: limit) } catch {
      switch error {
      case .notFound: return nil
      case .tooLarge: throw .tooLarge(name)
      default: throw .unavailable("\(error)")
      }
    }
  }
}

/// Trusted metadata as four files of a folder, byte for byte as they were signed.
public struct FolderTrust<Folder: DurableFolder> {
  private let folder: Folder

  public init(_ folder: Folder) { self.folder = folder }

  /// The trusted files; throws ``StorageError/notFound`` when there is no root.
  public func load(_ limits: MetadataLimits) throws(StorageError) -> TrustedFiles {
    var files = TrustedFiles(root: try folder.contents(of: "root.json", limit: limits.root))
    files.timestamp = try optional("timestamp.json", limits.timestamp)
    files.snapshot = try optional("snapshot.json", limits.snapshot)
    files.targets = try optional("targets.json", limits.targets)
    return files
  }

  /// Writes what differs.
  ///
  /// What is forgotten goes before the new root comes: a cut between the two is
  /// mended by the next refresh, which meets the same root again.
  public func save(_ files: TrustedFiles, over old: TrustedFiles?) throws(StorageError) {
    try write("snapshot.json", files.snapshot, old?.snapshot, onlyIf: files.snapshot == nil)
    try write("timestamp.json", files.timestamp, old?.timestamp, onlyIf: files.timestamp == nil)
    try write("root.json", files.root, old?.root)
    try write("timestamp.json", files.timestamp, old?.timestamp)
    try write("snapshot.json", files.snapshot, old?.snapshot)
    try write("targets.json", files.targets, old?.targets)
  }

  private func optional(_ name: String, _ limit: Int) throws(StorageError) -> [UInt8]? {
    do { return try folder.contents(of: name, limit: limit) } catch .notFound { return nil }
  }

  private func write(_ name: String, _ new: [UInt8]?, _ old: [UInt8]?, onlyIf wanted: Bool = true)
    throws(StorageError)
  {
    guard wanted, new != old else { return }
    if let new {
      try folder.replace(name, with: new)
    } else {
      do { try folder.remove(name) } catch .notFound { return }
      try folder.sync()
    }
  }
}
