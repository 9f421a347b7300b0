// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cryptography
import Domain
import DurableFiles
import Foundation
import VerifiedStart

/// Checks the pump's own files before they run; starts nothing and repairs nothing.
@main
struct PumpVerify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pump-verify",
    abstract: "Check the pump's own files against the list that was signed with them.",
    discussion: """
      Exit codes: 0 as signed, 1 not, 2 wrong usage or a verdict that cannot be written.

      Reference design and simulator. Not a medical device; never for a patient.
      """,
    subcommands: [All.self, One.self])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let code as ExitCode {
      Foundation.exit(code.rawValue)
    } catch {
      let wrong = exitCode(for: error) != .success
      let text = Data((fullMessage(for: error) + "\n").utf8)
      (wrong ? FileHandle.standardError : FileHandle.standardOutput).write(text)
      Foundation.exit(wrong ? 2 : 0)
    }
  }
}

/// Where the list is, and what it speaks of.
struct Place: ParsableArguments {
  @Option(help: "The signed list of files.") var manifest = "/usr/lib/pump/manifest"
  @Option(help: "The file of the key that is trusted: 64 hexadecimal digits.") var key =
    "/usr/lib/pump/manifest.pub"
  @Option(help: "The folder that the list's paths are relative to.") var root = "/"

  /// The list, or in few words why there is none to believe.
  func read() throws(NoProof) -> (list: StartManifest, root: PosixFolder) {
    guard let text = FileManager.default.contents(atPath: key),
      let bytes = Hex.decode(
        String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)),
      let trusted = try? Ed25519.PublicKey(bytes)
    else { throw NoProof(why: "no key") }
    guard let list = FileManager.default.contents(atPath: manifest) else {
      throw NoProof(why: "no manifest")
    }
    let read: StartManifest
    do throws(ManifestRefusal) {
      read = try StartManifest(Array(list), signedBy: trusted)
    } catch {
      switch error {
      case .notSigned: throw NoProof(why: "manifest not signed")
      case .tooLong, .malformed: throw NoProof(why: "manifest malformed")
      }
    }
    do throws(StorageError) {
      return (read, try PosixFolder(path: root, access: .reading))
    } catch { throw NoProof(why: "no root folder") }
  }
}

/// Why nothing is proved, in words that the screen has room for.
struct NoProof: Error {
  let why: String
}

struct All: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check every file and leave the verdict for the others.")

  /// Paths that a verdict names; what there is beyond is as bad and not named.
  private static let mostNamed = 16

  @OptionGroup var place: Place
  @Option(help: "Where the verdict goes.") var verdict = "/run/pump-verify/verdict"

  // SRS-210 RC-140: the verdict is written, whatever it is.
  func run() throws {
    let found = judge()
    do {
      try Data(found.bytes).write(to: URL(fileURLWithPath: verdict), options: .atomic)
      // Each process of the pump reads it, under a user of its own.
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: verdict)
    } catch {
      complain("the verdict cannot be written to \(verdict): \(error)")
      throw ExitCode(2)
    }
    for detail in found.details {
      if found.isProved {
        print("as signed   \(detail)")
      } else {
        complain("\(found.state): \(detail)")
      }
    }
    guard found.isProved else { throw ExitCode(1) }
  }

  private func judge() -> StartVerdict {
    do throws(NoProof) {
      let (list, root) = try place.read()
      let changed = list.changed(in: root)
      guard changed.isEmpty else {
        return StartVerdict(.changed, Array(changed.prefix(Self.mostNamed)))
      }
      return StartVerdict(.asSigned, [list.version])
    } catch { return StartVerdict(.unproved, [error.why]) }
  }
}

struct One: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check one program before it is started.",
    discussion: """
      It is kept from starting when it is not the one that was signed. Without a list to believe nothing is \
      kept from starting: then no therapy is possible, and somebody has to say so at the panel.
      """)

  @OptionGroup var place: Place
  @Argument(help: "The program's path.") var program: String

  // SRS-212 RC-141: a changed program is not run to say that it is changed.
  func run() throws {
    let list: StartManifest
    let root: PosixFolder
    do throws(NoProof) { (list, root) = try place.read() } catch {
      complain("unproved: \(error.why)")
      return
    }
    guard let file = list.file(program), StartManifest.isAsSigned(file, in: root) else {
      complain("changed: \(program)")
      throw ExitCode(1)
    }
  }
}

private func complain(_ text: String) {
  FileHandle.standardError.write(Data("pump-verify: \(text)\n".utf8))
}
