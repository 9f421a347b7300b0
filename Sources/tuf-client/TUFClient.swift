// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import Foundation
import Glibc
import SoftwareUpdate
import UpdateMetadata

/// The verifier as a program, for test suites and tools; it is not part of a device.
///
/// ```
/// tuf-client --metadata-dir DIR init ROOT
/// tuf-client --metadata-dir DIR --metadata-url URL refresh
/// tuf-client --metadata-dir DIR --metadata-url URL --target-name NAME … --target-dir DIR \
///   --target-base-url URL download
/// ```
///
/// Trusted metadata stands in DIR byte for byte, as `root.json`, `timestamp.json`, `snapshot.json` and
/// `targets.json`. The exit code is 0 or 1; the error output is `tuf-client: code: text`.
@main
struct TUFClient {
  private static let limits = MetadataLimits.general

  static func main() {
    do {
      let options = try Options(Array(CommandLine.arguments.dropFirst()))
      switch options.command {
      case .initialise: try initialise(options)
      case .refresh: _ = try refresh(options)
      case .download: try download(options)
      }
    } catch {
      let code = (error as? UpdateRefusal)?.code ?? (error as? Failure)?.code ?? "storage"
      let text = (error as? Failure)?.text ?? "\(error)"
      FileHandle.standardError.write(Data("tuf-client: \(code): \(text)\n".utf8))
      exit(1)
    }
  }

  private static func initialise(_ options: Options) throws {
    guard let path = options.root,
      let root = FileManager.default.contents(atPath: path).map({ [UInt8]($0) })
    else { throw Failure("usage", "there is no such root file") }
    guard root.count <= limits.root else { throw UpdateRefusal.tooLarge("root.json") }
    let folder = try PosixFolder(path: options.metadataFolder)
    try FolderTrust(folder).save(TrustedFiles(root: root), over: nil)
  }

  private static func refresh(_ options: Options) throws -> TrustedMetadata {
    guard let address = options.metadataAddress else {
      throw Failure("usage", "--metadata-url is missing")
    }
    let trust = FolderTrust(try PosixFolder(path: options.metadataFolder))
    var files = try trust.load(limits)
    var stored = files
    var source = HTTPSource(metadataAddress: address)
    let now = UnixTime(seconds: Int64(time(nil)))
    return try TrustedMetadata.refresh(&files, from: &source, now: now, limits: limits) {
      (new: TrustedFiles) throws(UpdateRefusal) in
      do { try trust.save(new, over: stored) } catch { throw .unavailable("\(error)") }
      stored = new
    }
  }

  private static func download(_ options: Options) throws {
    guard let folder = options.targetFolder, let address = options.targetAddress,
      let metadata = options.metadataAddress, !options.targets.isEmpty
    else {
      throw Failure("usage", "download needs --target-name, --target-dir and --target-base-url")
    }
    let trusted = try refresh(options)
    for name in options.targets {
      let target = try trusted.target(name)
      // SEC-313: one component, so that no name of a target leads out of the folder.
      let file = URL(fileURLWithPath: folder)
        .appendingPathComponent(HTTPSource.quoted(name).replacing("/", with: "%2F"))
      if let held = FileManager.default.contents(atPath: file.path),
        (try? target.check([UInt8](held))) != nil
      {
        continue
      }
      var bytes: [UInt8] = []
      try HTTPSource(metadataAddress: metadata)
        .target(target, consistent: trusted.consistentSnapshot, at: address) { bytes += $0 }
      try target.check(bytes)
      try Data(bytes).write(to: file, options: .atomic)
    }
  }
}
