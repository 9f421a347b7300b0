// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What the verifier in Python says of each case of the manifest in a folder: the findings in a line.
func secondVerifier(_ path: String) throws -> [String] {
  let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
  process.arguments = [root.path + "/Tests/AuditTests/judge.py", path]
  let output = Pipe()
  process.standardOutput = output
  try process.run()
  let data = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  #expect(process.terminationStatus == 0)
  return String(decoding: data, as: UTF8.self).split(
    separator: "\n", omittingEmptySubsequences: false
  )
  .dropLast().map(String.init)
}
