// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation

/// The evidence checker's one program.
@main
struct PumpTrace: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pump-trace",
    abstract: "Hold documents, code and test results together. Works offline.",
    discussion: """
      Exit codes: 0 everything holds, 1 something does not and is listed, 2 bad usage or a file that \
      cannot be read or written.
      """,
    version: "pump-trace 0.1.0",
    subcommands: [CheckCommand.self, Accept.self, Record.self, SBOM.self])

  /// Bad usage ends with 2; the library's own code for it is 64.
  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch {
      let code = exitCode(for: error)
      guard code == .validationFailure || error is Trouble else { exit(withError: error) }
      FileHandle.standardError.write(Data((fullMessage(for: error) + "\n").utf8))
      Foundation.exit(2)
    }
  }
}

/// Why the program cannot do its work; ends with code 2.
struct Trouble: Error, CustomStringConvertible {
  let description: String
}

/// Where the project and the results are.
struct Places: ParsableArguments {
  @Option(help: "The top folder of the project.") var root = "."
  @Option(help: "The folder of the test results, from the top folder.") var results = "out/evidence"

  var tree: WorkingTree { WorkingTree(root: URL(fileURLWithPath: root, isDirectory: true)) }
  var resultsFolder: URL { URL(fileURLWithPath: results, isDirectory: true, relativeTo: tree.root) }
}
