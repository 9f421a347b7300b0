// SPDX-License-Identifier: Apache-2.0

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

  /// Verifies a bundle's metadata and its target's terms; nothing of the running image changes.
  ///
  /// - Returns: the target with its record.
  public func verify(
    _ bundle: inout Bundle<some ByteStream>, for slots: DirectorySlots<Folder, some SecurityFloor>,
    clock: UnixTime
  ) throws(SlotError) -> ImageRecord {
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
      let terms = try ImageTerms(target)
      guard terms.kind == .firmware else {
        throw UpdateRefusal.badTerms("\(terms.kind.rawValue) does not go into this slot")
      }
      let floor: Int64
      do { floor = try slots.securityFloor } catch { throw UpdateRefusal.unavailable("\(error)") }
      try terms.check(
        hardware: hardware, installedRelease: slots.journal.running.releaseCounter, floor: floor)
      return try ImageRecord(target, terms)
    } catch { throw .update(error) }
  }

  /// Verifies a bundle and writes its image into the other slot.
  ///
  /// The image is written as it streams and becomes an offer only when all of it was the one that is
  /// signed; a refusal in the midst empties the slot again.
  ///
  /// - Parameter progress: bytes written and bytes in all, after every part.
  public func take<Stream: ByteStream>(
    _ stream: Stream, into slots: inout DirectorySlots<Folder, some SecurityFloor>,
    clock: UnixTime, progress: (Int64, Int64) -> Void = { _, _ in }
  ) throws(SlotError) -> ImageRecord {
    var bundle: Bundle<Stream>
    do { bundle = try Bundle(stream, limits: limits) } catch { throw .update(error) }
    let record = try verify(&bundle, for: slots, clock: clock)
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
    return record
  }

  private static func reason(_ error: SlotError) -> String {
    switch error {
    case .update(let refusal): refusal.code
    case .storage(let error): "\(error)"
    case .refused(let refusal): refusal.rawValue
    case .notProvisioned, .damaged: "\(error)"
    }
  }
}
