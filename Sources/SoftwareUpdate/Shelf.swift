// SPDX-License-Identifier: Apache-2.0

import Cryptography
import DrugLibrary
public import DurableFiles
public import UpdateMetadata

extension ImageTerms.Kind {
  /// Bytes that its content may have.
  var largest: Int64 {
    switch self {
    case .firmware: 1 << 53
    case .drugLibrary: Int64(DrugLibrary.largest)
    case .configuration: Int64(SiteConfiguration.largest)
    }
  }

  /// Refuses content that is not of its form; firmware has none that is known here.
  func check(_ content: [UInt8]) throws(UpdateRefusal) {
    switch self {
    case .firmware: return
    case .drugLibrary:
      do { _ = try DrugLibrary(content) } catch { throw .badContent("\(error)") }
    case .configuration: _ = try SiteConfiguration(content)
    }
  }
}

/// The slots of every kind: the firmware's in the folder itself, those of a library and of a configuration
/// below it, made when the first one comes.
///
/// ```
/// journal  a/image  b/image  floor        see DirectorySlots
/// drug-library/…   configuration/…        the same
/// ```
public struct Shelf<Folder: DurableFolder, Floor: SecurityFloor> {
  public var firmware: DirectorySlots<Folder, Floor>
  private let folder: Folder
  private let floor: (ImageTerms.Kind, Folder) throws(SlotError) -> Floor

  /// Opens slots that were provisioned.
  ///
  /// - Parameter floor: gives the security floor of a kind whose slots are in a folder.
  public init(
    _ folder: Folder, floor: @escaping (ImageTerms.Kind, Folder) throws(SlotError) -> Floor
  ) throws(SlotError) {
    self.folder = folder
    self.floor = floor
    firmware = try DirectorySlots(folder, floor: try floor(.firmware, folder))
  }

  /// The slots of a kind.
  public mutating func slots(
    _ kind: ImageTerms.Kind
  ) throws(SlotError) -> DirectorySlots<Folder, Floor> {
    guard kind != .firmware else { return firmware }
    let own: Folder
    do { own = try folder.folder(kind.rawValue) } catch { throw .storage(error) }
    let floor = try self.floor(kind, own)
    do { return try DirectorySlots(own, floor: floor) } catch .notProvisioned {
      // "No library" is a version like another, which no release can be called.
      try DirectorySlots<Folder, Floor>.provision(own, .nothing, content: [])
      do { try folder.sync() } catch { throw .storage(error) }
      return try DirectorySlots(own, floor: floor)
    }
  }

  /// The journal of a kind for one who only reads; nil where none was ever taken in.
  public static func look(
    into folder: Folder, _ kind: ImageTerms.Kind
  ) throws(SlotError) -> SlotJournal? {
    do throws(SlotError) {
      guard kind != .firmware else { return try DirectorySlots<Folder, Floor>.look(into: folder) }
      let own: Folder
      do {
        guard try folder.list().contains(kind.rawValue) else { return nil }
        own = try folder.folder(kind.rawValue)
      } catch { throw error == .notFound ? .notProvisioned : .storage(error) }
      return try DirectorySlots<Folder, Floor>.look(into: own)
    } catch .notProvisioned { return nil }
  }

  /// The active content of a library or configuration for one who only reads; nil where none is active.
  ///
  /// It is what was verified, or ``UpdateRefusal/wrongHash(_:)``: also when it is switched meanwhile.
  public static func activeContent(
    in folder: Folder, _ kind: ImageTerms.Kind
  ) throws(SlotError) -> (record: ImageRecord, content: [UInt8])? {
    guard let journal = try look(into: folder, kind), journal.running != .nothing else {
      return nil
    }
    let content: [UInt8]
    do {
      content = try folder.folder(kind.rawValue).folder(journal.active.rawValue)
        .contents(of: "image", limit: Int(clamping: kind.largest))
    } catch { throw .storage(error) }
    guard SHA256.hash(content) == journal.running.sha256 else {
      throw .update(.wrongHash(journal.running.name))
    }
    return (journal.running, content)
  }

  /// The active content of a kind; nil where none is active.
  public mutating func content(of kind: ImageTerms.Kind) throws(SlotError) -> [UInt8]? {
    do { guard try folder.list().contains(kind.rawValue) else { return nil } } catch {
      throw .storage(error)
    }
    let slots = try slots(kind)
    guard slots.journal.running != .nothing else { return nil }
    return try slots.content(limit: Int(clamping: kind.largest))
  }

  /// The active configuration; nil where none is active.
  // SEC-384: one that cannot be read any more approves nothing.
  public mutating func configuration() throws(SlotError) -> SiteConfiguration? {
    guard let content = try content(of: .configuration) else { return nil }
    do { return try SiteConfiguration(content) } catch { throw .update(error) }
  }
}

extension ImageRecord {
  /// What is active where nothing was ever activated.
  public static var nothing: ImageRecord {
    ImageRecord(
      name: "-", version: "-", releaseCounter: 0, securityVersion: 0, length: 0,
      sha256: SHA256.hash([]), notes: "")
  }
}
