// SPDX-License-Identifier: Apache-2.0

import Domain
import DrugLibrary
import DurableFiles
import ServiceAPI
import SoftwareUpdate
import StrictJSON
import Units
import UpdateMetadata

/// What a node may read: it changes nothing and locks nothing.
// SRS-234 SRS-235 SYS-100 SYS-101: from the journals and from contents that still are what was verified.
extension IntakeDesk {
  static func history(_ place: Place, _ kind: Kind) -> IntakeAnswer {
    var entries: [HistoryItem] = []
    var size = 0
    // The newest of those that one answer holds, in the order in which they happened.
    for entry in (place.journals()[kind]?.history ?? []).suffix(IntakeAnswer.mostHistory).reversed()
    {
      let item = HistoryItem(
        version: entry.version, outcome: entry.outcome.rawValue, code: entry.code,
        reason: entry.reason)
      size += CanonicalJSON.text(item.json).count + 1
      guard size <= IntakeAnswer.entriesSize else { break }
      entries.append(item)
    }
    return .history(entries.reversed())
  }

  static func configuration(_ place: Place) -> IntakeAnswer {
    let journals = place.journals()
    var site: ConfigurationView.Site?
    if let folder = try? PosixFolder(path: place.state, access: .reading),
      let active = (try? Shelf.activeContent(in: folder, .configuration)) ?? nil,
      let configuration = try? SiteConfiguration(active.content)
    {
      site = ConfigurationView.Site(
        name: configuration.site, threshold: configuration.approvers?.threshold,
        approvers: configuration.approvers.map { Int64($0.people.count) })
    }
    return .configuration(
      ConfigurationView(
        firmware: journals[.firmware].map { ShelfView($0) },
        drugLibrary: journals[.drugLibrary].map { ShelfView($0) },
        configuration: journals[.configuration].map { ShelfView($0) }, site: site))
  }

  static func library(_ place: Place, from: Int64) -> IntakeAnswer {
    let found: (record: ImageRecord, content: [UInt8])?
    let library: DrugLibrary
    do {
      let folder = try PosixFolder(path: place.state, access: .reading)
      found = try Shelf.activeContent(in: folder, .drugLibrary)
      guard let found else { return .refused(.nothing) }
      library = try DrugLibrary(found.content)
    } catch { return .refused(.unavailable) }
    guard let record = found?.record else { return .refused(.nothing) }
    var page = LibraryPage(
      name: library.name.text, version: record.version, sha256: record.sha256, entries: [],
      next: nil)
    var size = 0
    let all = library.careAreas.flatMap { area in area.entries.map { (area.name, $0) } }
    for (number, (area, entry)) in all.enumerated().dropFirst(Int(clamping: from)) {
      let shown = LibraryPage.Entry(area, entry)
      size += CanonicalJSON.text(shown.json).count + 1
      guard size <= IntakeAnswer.entriesSize else {
        page.next = Int64(number)
        break
      }
      page.entries.append(shown)
    }
    return .library(page)
  }
}

extension Kind {
  init(_ word: UpdateWord) {
    self =
      switch word {
      case .firmware: .firmware
      case .drugLibrary: .drugLibrary
      case .configuration: .configuration
      }
  }
}

extension ReleaseView {
  fileprivate init(_ record: ImageRecord) {
    self.init(
      version: record.version, release: record.releaseCounter, security: record.securityVersion,
      sha256: record.sha256)
  }
}

extension ShelfView {
  fileprivate init(_ journal: SlotJournal) {
    self.init(
      phase: journal.phase.rawValue,
      active: journal.running == .nothing ? nil : ReleaseView(journal.running),
      candidate: journal.candidate.map { ReleaseView($0) })
  }
}

extension LibraryPage.Entry {
  fileprivate init(_ area: ShortName, _ entry: DrugLibrary.Entry) {
    self.init(
      careArea: area.text, drug: entry.drug.text, rate: Self.four(entry.rate),
      vtbi: entry.vtbi.map { Self.four($0) })
  }

  private static func four<Value: AdditiveQuantity>(_ limit: Guardrail<Value>) -> [Int64] {
    [
      limit.absolute.lower, limit.recommended.lower, limit.recommended.upper, limit.absolute.upper,
    ].map(\.native)
  }
}
