// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import DurableFiles
import Foundation
import SoftwareUpdate
import UpdateMetadata

struct Rauc: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rauc-check", abstract: "Verify a RAUC bundle of format verity; install nothing.")

  @Option(help: "The authorities' certificates in PEM.") var authorities: String
  @Option(help: "The name of this system.") var compatible: String
  @Argument(help: "The bundle.") var bundle: String

  func run() throws {
    guard let pem = FileManager.default.contents(atPath: authorities) else {
      throw Refusal("not-found", "the authorities' file is not there")
    }
    let place = URL(fileURLWithPath: bundle)
    do {
      let folder = try PosixFolder(
        path: place.deletingLastPathComponent().path, access: .reading)
      let found = try RaucBundle(
        try folder.open(place.lastPathComponent),
        authorities: String(decoding: pem, as: UTF8.self), compatible: compatible, at: .wall)
      try printJSON(View(found))
    } catch { throw Refusal(error) }
  }

  private struct View: Encodable {
    struct Image: Encodable {
      let name: String
      let file: String
      let sha256: String
      let length: Int64
    }

    let version: String
    let payload: Int
    let images: [Image]

    init(_ bundle: RaucBundle) {
      version = bundle.version
      payload = bundle.payload
      images = bundle.images.map {
        Image(name: $0.name, file: $0.file, sha256: $0.sha256, length: $0.length)
      }
    }
  }
}
