// SPDX-License-Identifier: Apache-2.0

/// What the command line asks for.
struct Options {
  enum Command: String { case initialise = "init", refresh, download }

  var command: Command
  var root: String?
  var metadataFolder: String
  var metadataAddress: String?
  var targets: [String] = []
  var targetFolder: String?
  var targetAddress: String?

  init(_ arguments: [String]) throws(Failure) {
    var words: [String] = []
    var values: [String: String] = [:]
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        words.append(word)
        continue
      }
      guard let value = rest.popFirst() else { throw Failure("usage", "\(word) needs a value") }
      switch word {
      case "--target-name": targets.append(value)
      case "--metadata-dir", "--metadata-url", "--target-dir", "--target-base-url":
        values[word] = value
      default: throw Failure("usage", "unknown option \(word)")
      }
    }
    guard let word = words.first, let command = Command(rawValue: word),
      words.count == (command == .initialise ? 2 : 1)
    else { throw Failure("usage", "tuf-client OPTIONS init ROOT | refresh | download") }
    guard let folder = values["--metadata-dir"] else {
      throw Failure("usage", "--metadata-dir is missing")
    }
    self.command = command
    root = words.count == 2 ? words[1] : nil
    metadataFolder = folder
    metadataAddress = values["--metadata-url"]
    targetFolder = values["--target-dir"]
    targetAddress = values["--target-base-url"]
  }
}

/// Why the program ends with exit code 1.
struct Failure: Error, CustomStringConvertible {
  var code: String
  var text: String

  init(_ code: String, _ text: String) {
    self.code = code
    self.text = text
  }

  var description: String { "\(code): \(text)" }
}
