// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import DurableFiles

extension StartManifest {
  /// The paths of the files that are missing, cannot be read, or are not what was signed.
  ///
  /// `root` is the folder that the paths are relative to. A symbolic link in the place of a file or folder is
  /// not what was signed.
  // SEC-034 RC-140: every byte of every file.
  public func changed(in root: some DurableFolder) -> [String] {
    files.filter { !Self.isAsSigned($0, in: root) }.map { "/" + $0.path }
  }

  /// Whether one file is what was signed.
  public static func isAsSigned(_ file: File, in root: some DurableFolder) -> Bool {
    do throws(StorageError) {
      return try holds(file, root, file.path.split(separator: "/").map(String.init)[...])
    } catch { return false }
  }

  private static func holds<Folder: DurableFolder>(
    _ file: File, _ folder: Folder, _ path: ArraySlice<String>
  ) throws(StorageError) -> Bool {
    guard let name = path.first else { return false }
    guard path.count == 1 else { return try holds(file, folder.folder(name), path.dropFirst()) }
    let found = try folder.open(name)
    guard try found.size() == file.size else { return false }
    var hash = SHA256()
    var done = 0
    while done < file.size {
      let bytes = try found.read(at: done, count: min(part, file.size - done))
      guard !bytes.isEmpty else { return false }
      hash.update(bytes)
      done += bytes.count
    }
    return hash.finish() == file.hash
  }

  private static let part = 1 << 20
}
