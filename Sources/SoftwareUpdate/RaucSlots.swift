// SPDX-License-Identifier: Apache-2.0

public import DurableFiles
import StrictJSON

/// Why RAUC did not do what it was asked.
public enum RaucError: Error, Hashable, Sendable {
  /// There is no RAUC on this board, or it does not answer: partitions are not supported here.
  case unsupported(String)
  /// It refused or failed; the text is the last line that it said.
  case failed(String)
  /// Its answer is not of its form.
  case notUnderstood
}

/// Runs RAUC once; a test records what it is asked.
public protocol RaucCommand {
  /// - Returns: the standard output, at most 64 KiB.
  func run(_ arguments: [String]) throws(RaucError) -> [UInt8]
}

/// A/B partitions that RAUC writes and the boot loader chooses.
///
/// The journal of the slots stays the truth about an update: which bundle was agreed to, whether it is on
/// trial, how it ended. RAUC has what the journal cannot have: the partitions and the boot loader's
/// attempts. The file `rauc-from` holds the boot name of the slot from which a switch began, so that
/// after any cut the booted slot tells whether the new one runs.
public struct RaucSlots<Folder: DurableFolder, Command: RaucCommand> {
  private let folder: Folder
  private let command: Command
  private static var name: String { "rauc-from" }

  public init(_ folder: Folder, _ command: Command) {
    self.folder = folder
    self.command = command
  }

  /// The boot name of the slot that runs.
  public func booted() throws(RaucError) -> String {
    try Self.booted(in: try command.run(["status", "--output-format=json"]))
  }

  /// Reads `booted` out of RAUC's status, whatever else it holds.
  // SRS-196: any bytes give a name or a reason.
  public static func booted(in status: [UInt8]) throws(RaucError) -> String {
    guard let node = try? JSONReader.read(status, limits: JSONLimits(depth: 8, size: 65_536)),
      let name = node["booted"]?.string, (1...64).contains(name.utf8.count),
      name.utf8.allSatisfy({ (0x21...0x7e).contains($0) })
    else { throw .notUnderstood }
    return name
  }

  /// Remembers from which slot a switch begins; durable before the journal says that one is on trial.
  // SRS-196: a name of an earlier switch would take the old slot for the new one.
  public func begin() throws(RaucError) {
    let from = try booted()
    do { try folder.replace(Self.name, with: Array(from.utf8)) } catch {
      throw .failed("the folder of the slots: \(error)")
    }
  }

  /// Writes a bundle into the other slot and lets the next start of the device take it.
  public func install(_ path: String) throws(RaucError) { _ = try command.run(["install", path]) }

  /// Whether another slot runs than the one from which the switch began.
  public func runsNew() throws(RaucError) -> Bool {
    let from: [UInt8]
    do throws(StorageError) { from = try folder.contents(of: Self.name, limit: 64) } catch {
      guard error == .notFound else { throw .failed("the folder of the slots: \(error)") }
      return false
    }
    return try Array(booted().utf8) != from
  }

  /// The running slot showed that it is healthy.
  public func markGood() throws(RaucError) { _ = try command.run(["status", "mark-good"]) }

  /// The running slot failed: the boot loader takes the other one.
  public func markBad() throws(RaucError) { _ = try command.run(["status", "mark-bad"]) }
}
