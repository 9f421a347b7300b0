// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import DurableFiles
import Foundation
import SoftwareUpdate
import UpdateMetadata

typealias Slots = DirectorySlots<PosixFolder, FloorChoice>
typealias Shelf = SoftwareUpdate.Shelf<PosixFolder, FloorChoice>
typealias Kind = ImageTerms.Kind

extension Kind {
  /// A kind by its word on the command line.
  static func word(_ text: String) throws -> Kind {
    guard let kind = Kind(rawValue: text) else {
      throw ValidationError(
        "--kind: one of \(Kind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return kind
  }
}

/// The only program that may write software slots; it runs on demand and ends.
@main
struct PumpUpdated: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pump-updated",
    abstract: "Take in, install and confirm signed software of this pump.",
    discussion: """
      Exit codes: 0 done, 1 refused (the last line begins with the reason's code), 2 wrong usage, 3 restart the \
      device (rauc-switch).

      Reference design and simulator. Not a medical device; never for a patient.
      """,
    subcommands: [
      Provision.self, Check.self, Take.self, Status.self, History.self, Install.self,
      Library.self, Attend.self, Rollback.self, Run.self, Rauc.self, Switch.self,
    ])

  static func main() {
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let refusal as Refusal {
      FileHandle.standardError.write(Data("\(refusal.code): \(refusal.text)\n".utf8))
      Foundation.exit(1)
    } catch {
      let wrong = exitCode(for: error) != .success
      let text = Data((fullMessage(for: error) + "\n").utf8)
      (wrong ? FileHandle.standardError : FileHandle.standardOutput).write(text)
      Foundation.exit(wrong ? 2 : 0)
    }
  }
}

/// Why the program ends with exit code 1.
struct Refusal: Error {
  var code: String
  var text: String

  init(_ code: String, _ text: String) {
    self.code = code
    self.text = text
  }

  init(_ error: any Error) {
    switch error {
    case let refusal as Refusal: self = refusal
    case SlotError.update(let refusal): self.init(refusal.code, "\(refusal)")
    case SlotError.refused(let refusal): self.init("not-now", refusal.rawValue)
    case SlotError.storage(.inUse): self.init("busy", "another update is being taken in")
    case SlotError.storage(let error): self.init("storage", "\(error)")
    case SlotError.notProvisioned: self.init("not-provisioned", "the pump has no image and no root")
    case SlotError.floor(.rootFailed):
      self.init("floor", "the root of trust does not answer; the security floor is not known")
    case SlotError.floor(.notGenuine):
      self.init("floor", "the record of the security floor was changed, put back or removed")
    case SlotError.damaged: self.init("damaged", "the journal of the slots cannot be read")
    case RaucError.unsupported(let text): self.init("unsupported", "no partitions by RAUC: \(text)")
    case RaucError.failed(let text): self.init("rauc", text)
    case RaucError.notUnderstood: self.init("rauc", "its answer is not of its form")
    case let refusal as UpdateRefusal: self.init(refusal.code, "\(refusal)")
    case let postponed as Postponed: self.init(postponed.code, postponed.rawValue)
    case StorageError.inUse: self.init("busy", "another update is being taken in")
    default: self.init("storage", "\(error)")
    }
  }
}

/// Where the slots and the trust are, and what hardware this is.
struct Place: ParsableArguments {
  @Option(help: "The folder of the slots and of what is trusted.") var state =
    "/var/lib/pump-update"
  @Option(help: "The name of this hardware, as images are signed for.") var hardware =
    "reference-pump-1"
  @Flag(help: "Print JSON.") var json = false
  @Option(help: "Where the security floor hangs: file, or tpm:TCTI such as tpm:device:/dev/tpmrm0.")
  var floor = "file"

  func validate() throws {
    guard floor == "file" || floor.hasPrefix("tpm:") && floor.utf8.count > 4 else {
      throw ValidationError("--floor: file, or tpm:TCTI")
    }
  }

  func folder() throws -> PosixFolder {
    do { return try PosixFolder(path: state, access: .writingAlone) } catch { throw Refusal(error) }
  }

  func slots(_ folder: PosixFolder) throws -> Slots {
    do {
      return try Slots(folder, floor: try FloorChoice(floor, .firmware, folder, folder))
    } catch { throw Refusal(error) }
  }

  func shelf(_ folder: PosixFolder) throws -> Shelf {
    do {
      return try Shelf(folder) { [floor] (kind, own) throws(SlotError) in
        try FloorChoice(floor, kind, folder, own)
      }
    } catch { throw Refusal(error) }
  }

  /// The journals of all kinds that were ever taken in, read without changing anything.
  func journals() -> [Kind: SlotJournal] {
    guard let folder = try? PosixFolder(path: state, access: .reading) else { return [:] }
    var journals: [Kind: SlotJournal] = [:]
    for kind in Kind.allCases { journals[kind] = (try? Shelf.look(into: folder, kind)) ?? nil }
    return journals
  }

  func intake(_ folder: PosixFolder) -> Intake<PosixFolder> {
    Intake(folder, hardware: hardware)
  }
}

/// A bundle that was opened to be read once: a file, or `-` for the standard input.
struct PipeStream: ByteStream {
  private enum Source {
    /// Read in whole parts; a handle of Foundation reads 4 KiB at a time.
    case file(FileStream<PosixFolder.File>)
    case handle(FileHandle)
  }

  private var source: Source

  init(_ path: String) throws {
    if path == "-" {
      source = .handle(.standardInput)
    } else if let file = Self.file(path) {
      source = .file(FileStream(file))
    } else if let handle = FileHandle(forReadingAtPath: path) {
      source = .handle(handle)
    } else {
      throw Refusal("not-found", "there is no file of that name")
    }
  }

  private static func file(_ path: String) -> PosixFolder.File? {
    let place = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let type = try? FileManager.default.attributesOfItem(atPath: place.path)[.type]
    guard type as? FileAttributeType == .typeRegular else { return nil }
    let folder = try? PosixFolder(path: place.deletingLastPathComponent().path, access: .reading)
    return try? folder?.open(place.lastPathComponent)
  }

  mutating func read(_ most: Int) throws(UpdateRefusal) -> [UInt8] {
    switch source {
    case .file(var stream):
      let bytes = try stream.read(most)
      source = .file(stream)
      return bytes
    case .handle(let handle):
      do { return [UInt8](try handle.read(upToCount: most) ?? Data()) } catch {
        throw .unavailable("the bundle cannot be read")
      }
    }
  }
}
