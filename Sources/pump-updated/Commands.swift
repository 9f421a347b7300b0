// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cryptography
import DrugLibrary
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
      try FloorChoice.provision(place.floor, folder)
      try FloorChoice(place.floor, .firmware, folder, folder).raise(to: security)
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
    var shelf = try place.shelf(folder)
    let stream = try PipeStream(bundle)
    let (offer, running) = try shelf.rememberingRefusal { (shelf) in
      var bundle = try Bundle(stream, limits: .device)
      let offer = try place.intake(folder).verify(&bundle, for: &shelf, clock: .wall)
      return (offer, try shelf.slots(offer.kind).journal.running)
    }
    let record = offer.record
    if place.json { return try printJSON(OfferView(record, offer.kind)) }
    print("offers      \(record.version), release \(record.releaseCounter), \(record.length) bytes")
    print("kind        \(offer.kind.rawValue)")
    print("runs        \(running.version)")
    if !offer.approvedBy.isEmpty {
      print("approved    \(offer.approvedBy.joined(separator: ", "))")
    }
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
    var shelf = try place.shelf(folder)
    // Verifying and writing take no time from those who drive and watch a therapy.
    nice(19)
    let stream = try PipeStream(bundle)
    var shown: Int64 = -1
    let offer = try shelf.rememberingRefusal { (shelf) in
      try place.intake(folder).take(stream, into: &shelf, clock: .wall) {
        let percent = $1 == 0 ? 100 : $0 * 100 / $1
        if !place.json, percent / 10 > shown {
          shown = percent / 10
          print("written     \(percent) %")
        }
      }
    }
    if place.json {
      try printJSON(OfferView(offer.record, offer.kind))
    } else {
      print("taken       \(offer.record.version); install it in standby")
    }
  }
}

extension Shelf {
  /// Does what reads a bundle, and remembers the reason when the bundle is refused.
  // SEC-378 SEC-401: looked at or taken in, a bundle that is refused is news.
  ///
  /// - Parameter permit: of the upload that it came by; 0 for another way.
  mutating func rememberingRefusal<Result>(
    permit: UInt32 = 0, _ work: (inout Shelf) throws -> Result
  ) throws -> Result {
    do { return try work(&self) } catch {
      let refusal = Refusal(error)
      // The refusal stands even when it cannot be remembered.
      try? firmware.remember(refusal: refusal.code, permit: permit)
      throw refusal
    }
  }
}

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show what runs and what is under way.")
  @OptionGroup var place: Place

  func run() throws {
    let shelf = try place.shelf(try place.folder())
    do {
      let view = StatusView(
        shelf.firmware.journal, floor: try shelf.firmware.securityFloor, place.journals())
      if place.json { return try printJSON(view) }
      print(view.text)
    } catch { throw Refusal(error) }
  }
}

struct History: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the last updates and refusals.")
  @OptionGroup var place: Place
  @Option(help: "firmware, drug-library or configuration.", transform: Kind.word) var kind =
    Kind.firmware

  func run() throws {
    var shelf = try place.shelf(try place.folder())
    // Whoever only asks makes no slots.
    let isThere = place.journals()[kind] != nil
    let history = isThere ? try shelf.slots(kind).journal.history : []
    if place.json { return try printJSON(history.map(HistoryView.init)) }
    for entry in history {
      print(
        "\(entry.version)  \(entry.outcome.rawValue)\(entry.reason.isEmpty ? "" : ": ")\(entry.reason)"
      )
    }
  }
}

struct Library: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the active drug library: care areas, drugs and limits.",
    discussion: """
      Its limits are kept and shown and are not used in programming an order.
      """)
  @OptionGroup var place: Place

  // SYS-097 SRS-194: what is active, or that nothing is.
  func run() throws {
    var shelf = try place.shelf(try place.folder())
    do {
      guard let content = try shelf.content(of: .drugLibrary) else {
        throw Refusal("no-library", "no drug library is active")
      }
      let view = LibraryView(
        try DrugLibrary(content), try shelf.slots(.drugLibrary).journal.running)
      if place.json { return try printJSON(view) }
      print(view.text)
    } catch { throw Refusal(error) }
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
    let (kind, version) = try waiting()
    var desk = PanelDesk(place, sockets: sockets)
    if !place.json { print("asked       the panel whether to install \(version)") }
    let end = ProcessInfo.processInfo.systemUptime + Double(wait)
    while ProcessInfo.processInfo.systemUptime < end {
      guard let journal = desk.round()[kind] else { continue }
      switch journal.phase {
      case .staged: continue
      case .armed where kind == .firmware:
        if !place.json { print("agreed      the next start tries \(version)") }
        return
      case .idle where kind != .firmware && journal.running.version == version:
        if !place.json { print("active      \(version)") }
        return
      case .armed, .trying, .confirming:
        guard kind == .firmware else { continue }
        throw Refusal("not-now", "the image is no longer offered")
      case .idle, .writing, .returning:
        throw Refusal("not-now", "the image is no longer offered")
      }
    }
    throw Refusal("no-answer", "nobody agreed at the panel within \(wait) s")
  }

  /// What waits, firmware first, when the pump can be asked about it now.
  private func waiting() throws -> (Kind, String) {
    var shelf = try place.shelf(try place.folder())
    let journals = place.journals()
    let kind = Kind.allCases.first { journals[$0]?.phase == .staged } ?? .firmware
    let journal = kind == .firmware ? shelf.firmware.journal : try shelf.slots(kind).journal
    do {
      _ = try SlotMachine.next(journal.phase, .arm)
      try InstallPolicy.check(PumpLink(run: sockets).condition())
    } catch { throw Refusal(error) }
    return (kind, journal.candidate?.version ?? "-")
  }
}

struct Rollback: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take back an image that is not confirmed yet.")
  @OptionGroup var place: Place
  @Option(help: "firmware, drug-library or configuration.", transform: Kind.word) var kind =
    Kind.firmware

  func run() throws {
    var shelf = try place.shelf(try place.folder())
    guard kind == .firmware || place.journals()[kind] != nil else {
      throw Refusal(SlotError.refused(.nothingToTakeBack))
    }
    do {
      var slots = try shelf.slots(kind)
      try slots.fail(.takenBack)
    } catch { throw Refusal(error) }
  }
}

extension UnixTime {
  /// The wall clock; the time floor bounds it from below.
  static var wall: UnixTime { UnixTime(seconds: Int64(Date().timeIntervalSince1970)) }
}
