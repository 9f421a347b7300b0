// SPDX-License-Identifier: Apache-2.0

import Foundation
import Trace

/// The files of a project on disk.
struct WorkingTree {
  let root: URL

  /// Folders with documents, code and tests; nothing outside them is read.
  private static let documented = ["Docs", "Sources", "Hardware", "Simulator", "Tests"]
  /// What a test result depends on.
  private static let built = ["Sources", "Hardware", "Simulator", "Tests"]
  private static let topFiles = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"]
  private static let skipped: Set<String> = ["__pycache__", "node_modules", "out"]
  /// Files with other endings hold no text: images, recordings.
  private static let textEndings: Set<String> = [
    "c", "css", "csv", "h", "html", "js", "json", "md", "py", "rules", "service", "sh", "socket",
    "swift", "target", "toml", "txt", "yaml", "yml", "",
  ]

  /// The text of every text file, by its path from the top.
  func texts() throws -> [String: String] {
    var found: [String: String] = [:]
    for path in try paths(in: Self.documented) + existing(Self.topFiles) {
      guard Self.textEndings.contains(URL(fileURLWithPath: path).pathExtension) else { continue }
      // A file without an ending that is no UTF-8 is no text.
      guard let text = String(data: try data(path), encoding: .utf8) else { continue }
      found[path] = text
    }
    return found
  }

  /// The content of everything that is built or run, as one digest.
  func digest() throws -> String {
    var digests: [String: String] = [:]
    for path in try paths(in: Self.built) + existing(["Package.swift"]) {
      digests[path] = SHA256.hex(try data(path))
    }
    return RunRecord.tree(of: digests)
  }

  /// Writes to a path from the top folder, or to an absolute one.
  func write(_ text: String, to path: String) throws {
    let url = URL(fileURLWithPath: path, relativeTo: root)
    do {
      try FileManager.default.createDirectory(
        at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: url, options: .atomic)
    } catch {
      throw Trouble(description: "cannot write \(path): \(error.localizedDescription)")
    }
  }

  private func data(_ path: String) throws -> Data {
    do { return try Data(contentsOf: root.appending(path: path)) } catch {
      throw Trouble(description: "cannot read \(path): \(error.localizedDescription)")
    }
  }

  private func existing(_ names: [String]) -> [String] {
    names.filter { FileManager.default.fileExists(atPath: root.appending(path: $0).path) }
  }

  private func paths(in folders: [String]) throws -> [String] {
    var found: [String] = []
    var open = existing(folders)
    while let folder = open.popLast() {
      let names: [String]
      do {
        names = try FileManager.default.contentsOfDirectory(
          atPath: root.appending(path: folder).path)
      } catch {
        throw Trouble(description: "cannot read \(folder): \(error.localizedDescription)")
      }
      for name in names where !name.hasPrefix(".") && !Self.skipped.contains(name) {
        let path = "\(folder)/\(name)"
        let values = try? root.appending(path: path).resourceValues(forKeys: [.isDirectoryKey])
        guard let isFolder = values?.isDirectory else { continue }
        if isFolder { open.append(path) } else { found.append(path) }
      }
    }
    return found.sorted()
  }
}

/// Runs a program and gives what it prints.
func output(
  of program: String, _ arguments: [String], in folder: URL, allowing codes: Set<Int32> = [0]
) throws -> Data {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [program] + arguments
  process.currentDirectoryURL = folder
  let output = Pipe()
  process.standardOutput = output
  process.standardError = FileHandle.nullDevice
  process.standardInput = FileHandle.nullDevice
  let said = "'\(([program] + arguments).joined(separator: " "))'"
  do { try process.run() } catch { throw Trouble(description: "cannot run \(said)") }
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  guard codes.contains(process.terminationStatus) else {
    throw Trouble(description: "\(said) ended with code \(process.terminationStatus)")
  }
  return data
}

/// The first line of what a program prints, or `nil` when it cannot be run or fails.
func firstLine(of program: String, _ arguments: [String], in folder: URL) -> String? {
  guard let data = try? output(of: program, arguments, in: folder) else { return nil }
  return String(decoding: data, as: UTF8.self).split(separator: "\n").first.map(String.init)
}
