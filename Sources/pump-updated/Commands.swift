// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cryptography
import Foundation
import Glibc
import SoftwareUpdate
import UpdateMetadata

struct Provision: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Give a new pump its first root and image, in the factory.")

  @OptionGroup var place: Place
  @Option(help: "The first root metadata.") var root: String
  @Option(help: "The first image.") var image: String
  @Option(help: "Its version.") var version: String
  @Option(help: "Its release counter.") var release: Int64 = 0
  @Option(help: "Its security version.") var security: Int64 = 0

  func run() throws {
    guard let root = FileManager.default.contents(atPath: root),
      let image = FileManager.default.contents(atPath: image).map({ [UInt8]($0) })
    else { throw Refusal("not-found", "root or image is not there") }
    do {
      let folder = try place.folder()
      guard (try? place.slots(folder)) == nil else {
        throw Refusal("provisioned", "the pump has an image")
      }
      // The root is judged now: a pump that left the factory with a bad one could never be updated.
      _ = try TrustedMetadata(
        root: [UInt8](root), now: UnixTime(seconds: 0), limits: .device)
      try place.intake(folder).provision(root: [UInt8](root))
      let record = ImageRecord(
        name: "factory", version: version, releaseCounter: release, securityVersion: security,
        length: Int64(image.count), sha256: SHA256.hash(image), notes: "")
      try FileFloor(folder).raise(to: security)
      try Slots.provision(folder, record, content: image)
    } catch { throw Refusal(error) }
  }
}

struct Check: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify a bundle's metadata and terms; write no image.")

  @OptionGroup var place: Place
  @Argument(help: "The bundle, or - for the standard input.") var bundle: String

  func run() throws {
    let folder = try place.folder()
    var slots = try place.slots(folder)
    let stream = try PipeStream(bundle)
    let record = try slots.rememberingRefusal { (slots) in
      var bundle = try Bundle(stream, limits: .device)
      return try place.intake(folder).verify(&bundle, for: slots, clock: .wall)
    }
    try show(record, slots, place.json)
  }

  private func show(_ record: ImageRecord, _ slots: Slots, _ json: Bool) throws {
    let offer = OfferView(record)
    if json { return try printJSON(offer) }
    print("offers      \(record.version), release \(record.releaseCounter), \(record.length) bytes")
    print("runs        \(slots.journal.running.version)")
    if !record.notes.isEmpty { print("changes     \(record.notes)") }
  }
}

struct Take: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Verify a bundle and write its image beside the running one; at any time.")

  @OptionGroup var place: Place
  @Argument(help: "The bundle, or - for the standard input.") var bundle: String

  func run() throws {
    let folder = try place.folder()
    var slots = try place.slots(folder)
    // Verifying and writing take no time from those who drive and watch a therapy.
    nice(19)
    let stream = try PipeStream(bundle)
    var shown: Int64 = -1
    let record = try slots.rememberingRefusal { (slots) in
      try place.intake(folder).take(stream, into: &slots, clock: .wall) {
        let percent = $1 == 0 ? 100 : $0 * 100 / $1
        if !place.json, percent / 10 > shown {
          shown = percent / 10
          print("written     \(percent) %")
        }
      }
    }
    if place.json {
      try printJSON(OfferView(record))
    } else {
      print("taken       \(record.version); install it in standby")
    }
  }
}

extension Slots {
  /// Does what reads a bundle, and remembers the reason when the bundle is refused.
  // SEC-378 SEC-401: looked at or taken in, a bundle that is refused is news.
  mutating func rememberingRefusal<Result>(_ work: (inout Slots) throws -> Result) throws -> Result
  {
    do { return try work(&self) } catch {
      let refusal = Refusal(error)
      // The refusal stands even when it cannot be remembered.
      try? remember(refusal: refusal.code)
      throw refusal
    }
  }
}

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show what runs and what is under way.")
  @OptionGroup var place: Place

  func run() throws {
    let slots = try place.slots(try place.folder())
    do {
      let view = StatusView(slots.journal, floor: try slots.securityFloor)
      if place.json { return try printJSON(view) }
      print(view.text)
    } catch { throw Refusal(error) }
  }
}

struct History: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the last updates and refusals.")
  @OptionGroup var place: Place

  func run() throws {
    let history = try place.slots(try place.folder()).journal.history
    if place.json { return try printJSON(history.map(HistoryView.init)) }
    for entry in history {
      print(
        "\(entry.version)  \(entry.outcome.rawValue)\(entry.reason.isEmpty ? "" : ": ")\(entry.reason)"
      )
    }
  }
}

struct Install: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Ask at the panel whether the next start may try the image that was taken in.",
    discussion: """
      The pump has to be in standby, with mains or at least half of its battery. The panel shows both \
      versions; a person there presses START and then OK. Nobody can agree from here.
      """)

  @OptionGroup var place: Place
  @Option(name: .customLong("run"), help: "The folder of the pump's sockets.")
  var sockets = "/run/pump"
  @Option(help: "Seconds to wait for the answer, 1 to 3600.") var wait: Int64 = 300

  func validate() throws {
    guard (1...3_600).contains(wait) else { throw ValidationError("--wait: 1 to 3600") }
  }

  // SEC-035 RC-125: an image is agreed to at the panel and nowhere else.
  func run() throws {
    let version = try waiting()
    var desk = PanelDesk(place, sockets: sockets)
    if !place.json { print("asked       the panel whether to install \(version)") }
    let end = ProcessInfo.processInfo.systemUptime + Double(wait)
    while ProcessInfo.processInfo.systemUptime < end {
      guard let journal = desk.round() else { continue }
      switch journal.phase {
      case .staged: continue
      case .armed:
        if !place.json { print("agreed      the next start tries \(version)") }
        return
      case .idle, .writing, .trying, .confirming, .returning:
        throw Refusal("not-now", "the image is no longer offered")
      }
    }
    throw Refusal("no-answer", "nobody agreed at the panel within \(wait) s")
  }

  /// The version that waits, when the pump can be asked about it now.
  private func waiting() throws -> String {
    let slots = try place.slots(try place.folder())
    do {
      _ = try SlotMachine.next(slots.journal.phase, .arm)
      try InstallPolicy.check(PumpLink(run: sockets).condition())
    } catch { throw Refusal(error) }
    return slots.journal.candidate?.version ?? "-"
  }
}

struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take back an image that is not confirmed yet.")
  @OptionGroup var place: Place

  func run() throws {
    var slots = try place.slots(try place.folder())
    do { try slots.fail("taken back by a person") } catch { throw Refusal(error) }
  }
}

extension UnixTime {
  /// The wall clock; the time floor bounds it from below.
  static var wall: UnixTime { UnixTime(seconds: Int64(Date().timeIntervalSince1970)) }
}
