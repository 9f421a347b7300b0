// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import DurableFiles
public import UpdateMetadata

/// The time against which metadata expires: it never goes back.
///
/// The wall clock may be wrong or set back. Only a refresh that succeeded raises the floor, and it
/// succeeds only before the metadata's expiry: a clock set far ahead cannot push the floor beyond that.
public struct TimeFloor<Folder: DurableFolder> {
  private let folder: Folder

  public init(_ folder: Folder) { self.folder = folder }

  public func now(clock: UnixTime) throws(StorageError) -> UnixTime { max(clock, try floor()) }

  public func raise(to time: UnixTime) throws(StorageError) {
    // An hour finer than any expiry matters, and fewer writes.
    guard time.seconds > (try floor().seconds) + 3600 else { return }
    try folder.replace("time", with: Array(String(time.seconds).utf8))
  }

  private func floor() throws(StorageError) -> UnixTime {
    let bytes: [UInt8]
    do { bytes = try folder.contents(of: "time", limit: 20) } catch .notFound {
      return UnixTime(seconds: 0)
    }
    guard let seconds = Int64(String(decoding: bytes, as: UTF8.self)) else { throw .io }
    return UnixTime(seconds: seconds)
  }
}

/// Takes a bundle in: verifies everything, then writes the other slot.
public struct Intake<Folder: DurableFolder> {
  /// The name of this hardware, as images are signed for.
  public var hardware: String
  public var limits: MetadataLimits
  private let folder: Folder

  /// - Parameter folder: holds `trust` (the metadata) and `time`.
  public init(_ folder: Folder, hardware: String, limits: MetadataLimits = .device) {
    self.folder = folder
    self.hardware = hardware
    self.limits = limits
  }

  /// Gives a new device its first root.
  public func provision(root: [UInt8]) throws(SlotError) {
    do {
      try FolderTrust(try folder.folder("trust")).save(TrustedFiles(root: root), over: nil)
      try folder.sync()
    } catch { throw .storage(error) }
  }

  /// What a bundle offers, as the manufacturer and, where one is asked for, the hospital signed it.
  public struct Offer: Sendable {
    public let kind: ImageTerms.Kind
    public let record: ImageRecord
    /// The hospital's people who approved it; none where nobody has to.
    public var approvedBy: [String] = []
  }

  /// A target that metadata vouches for, and what its release was signed with.
  private struct Signed {
    let target: TargetFile
    let terms: ImageTerms
    /// Different keys that had to sign the targets.
    let signers: Int64
    let now: UnixTime
  }

  /// Brings the trusted metadata up to date with a bundle's and finds its target; no slot changes.
  private func signed(
    _ bundle: inout Bundle<some ByteStream>, clock: UnixTime
  ) throws(SlotError) -> Signed {
    let trust: FolderTrust<Folder>
    var files: TrustedFiles
    let now: UnixTime
    let time = TimeFloor(folder)
    do {
      trust = FolderTrust(try folder.folder("trust"))
      files = try trust.load(limits)
      now = try time.now(clock: clock)
    } catch { throw error == .notFound ? .notProvisioned : .storage(error) }
    do throws(UpdateRefusal) {
      var stored = files
      let trusted = try TrustedMetadata.refresh(&files, from: &bundle, now: now, limits: limits) {
        (new: TrustedFiles) throws(UpdateRefusal) in
        do { try trust.save(new, over: stored) } catch { throw .unavailable("\(error)") }
        stored = new
      }
      do { try time.raise(to: now) } catch { throw UpdateRefusal.unavailable("\(error)") }
      let target = try trusted.target(bundle.targetName)
      guard bundle.targetLength == target.length else {
        throw UpdateRefusal.wrongLength(target.name)
      }
      return Signed(
        target: target, terms: try ImageTerms(target), signers: trusted.targetsThreshold, now: now)
    } catch { throw .update(error) }
  }

  /// Refuses a target that these slots may not hold.
  // SEC-380: whatever its kind.
  private func admit(
    _ signed: Signed, to slots: DirectorySlots<Folder, some SecurityFloor>
  ) throws(SlotError) -> ImageRecord {
    let floor = try slots.securityFloor
    do {
      try signed.terms.check(
        hardware: hardware, installedRelease: slots.journal.running.releaseCounter, floor: floor)
      return try ImageRecord(signed.target, signed.terms)
    } catch { throw .update(error) }
  }

  /// Verifies a bundle's metadata and its target's terms; nothing of what runs changes.
  public func verify<Floor: SecurityFloor>(
    _ bundle: inout Bundle<some ByteStream>, for shelf: inout Shelf<Folder, Floor>, clock: UnixTime
  ) throws(SlotError) -> Offer {
    let signed = try signed(&bundle, clock: clock)
    let kind = signed.terms.kind
    guard kind != .firmware else {
      return Offer(kind: kind, record: try admit(signed, to: shelf.firmware))
    }
    // SEC-036 SEC-383 RC-133: a library that one person alone can release is no library.
    guard signed.signers >= 2 else {
      throw .update(.tooFewSignatures(.targets, valid: Int(clamping: signed.signers), needed: 2))
    }
    guard signed.target.length <= kind.largest else { throw .update(.tooLarge(signed.target.name)) }
    var offer = Offer(kind: kind, record: try admit(signed, to: try shelf.slots(kind)))
    guard let approvers = try shelf.configuration()?.approvers else { return offer }
    do throws(UpdateRefusal) {
      let approval = try bundle.metadata(SiteApproval.name, limit: SiteApproval.largest)
      guard let approval else { throw .notApproved("the bundle has none") }
      offer.approvedBy = try approvers.check(
        approval, of: signed.target, signed.terms, now: signed.now)
    } catch { throw .update(error) }
    return offer
  }

  /// Verifies a bundle and writes its content into the other slot of its kind.
  ///
  /// Firmware is written as it streams and becomes an offer only when all of it was what is signed; a
  /// refusal in the midst empties the slot again. A library or a configuration is small: it is read whole and
  /// understood before anything is written.
  ///
  /// - Parameter progress: bytes written and bytes in all, after every part.
  public func take<Stream: ByteStream, Floor: SecurityFloor>(
    _ stream: Stream, into shelf: inout Shelf<Folder, Floor>, clock: UnixTime,
    progress: (Int64, Int64) -> Void = { _, _ in }
  ) throws(SlotError) -> Offer {
    var bundle: Bundle<Stream>
    do { bundle = try Bundle(stream, limits: limits) } catch { throw .update(error) }
    let offer = try verify(&bundle, for: &shelf, clock: clock)
    guard offer.kind != .firmware else {
      try write(&bundle, offer.record, into: &shelf.firmware, progress)
      return offer
    }
    var content: [UInt8] = []
    do throws(UpdateRefusal) {
      while Int64(content.count) < offer.record.length {
        content += try bundle.target(left: offer.record.length - Int64(content.count))
      }
      try bundle.end()
      guard SHA256.hash(content) == offer.record.sha256 else {
        throw .wrongHash(offer.record.name)
      }
      try offer.kind.check(content)
    } catch { throw .update(error) }
    var slots = try shelf.slots(offer.kind)
    var writing = try slots.begin(offer.record)
    do throws(SlotError) {
      try writing.append(content)
      try slots.finish(writing)
    } catch {
      try slots.fail(Self.reason(error))
      throw error
    }
    progress(offer.record.length, offer.record.length)
    return offer
  }

  /// Verifies a bundle of firmware and writes its image into the other slot.
  public func take<Stream: ByteStream>(
    _ stream: Stream, into slots: inout DirectorySlots<Folder, some SecurityFloor>,
    clock: UnixTime, progress: (Int64, Int64) -> Void = { _, _ in }
  ) throws(SlotError) -> ImageRecord {
    var bundle: Bundle<Stream>
    do { bundle = try Bundle(stream, limits: limits) } catch { throw .update(error) }
    let signed = try signed(&bundle, clock: clock)
    guard signed.terms.kind == .firmware else {
      throw .update(.badTerms("\(signed.terms.kind.rawValue) does not go into this slot"))
    }
    let record = try admit(signed, to: slots)
    try write(&bundle, record, into: &slots, progress)
    return record
  }

  private func write<Stream: ByteStream>(
    _ bundle: inout Bundle<Stream>, _ record: ImageRecord,
    into slots: inout DirectorySlots<Folder, some SecurityFloor>,
    _ progress: (Int64, Int64) -> Void
  ) throws(SlotError) {
    var writing = try slots.begin(record)
    do throws(SlotError) {
      var left = record.length
      while left > 0 {
        let part: [UInt8]
        do { part = try bundle.target(left: left) } catch { throw SlotError.update(error) }
        try writing.append(part)
        left -= Int64(part.count)
        progress(record.length - left, record.length)
      }
      do { try bundle.end() } catch { throw SlotError.update(error) }
      try slots.finish(writing)
    } catch {
      try slots.fail(Self.reason(error))
      throw error
    }
  }

  private static func reason(_ error: SlotError) -> SlotFailure {
    switch error {
    case .update(let refusal): SlotFailure(refusal.code)
    case .storage(let error): SlotFailure("storage", "\(error)")
    case .refused(let refusal): SlotFailure("not-now", refusal.rawValue)
    case .notProvisioned: SlotFailure("not-provisioned")
    case .damaged: SlotFailure("damaged", "the journal of the slots cannot be read")
    case .floor(let error): SlotFailure("floor", "\(error)")
    }
  }
}
