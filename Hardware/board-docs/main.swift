// SPDX-License-Identifier: Apache-2.0

import BoardDocs
import Foundation

/// Writes the documents of every board below a folder.
func write(below folder: URL) throws {
  for document in BoardDocument.everything {
    let file = folder.appendingPathComponent(document.path)
    try FileManager.default.createDirectory(
      at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(document.text.utf8).write(to: file)
  }
}

let words = CommandLine.arguments.dropFirst()
guard words.count == 1, let folder = words.first, !folder.hasPrefix("-") else {
  FileHandle.standardError.write(
    Data("usage: board-docs DIR: write the documents of every board below DIR\n".utf8))
  exit(2)
}
do { try write(below: URL(fileURLWithPath: folder)) } catch {
  FileHandle.standardError.write(Data("board-docs: \(error)\n".utf8))
  exit(1)
}
