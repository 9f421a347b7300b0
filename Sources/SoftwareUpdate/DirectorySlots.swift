// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import DurableFiles
public import UpdateMetadata

/// Why a pair of slots did not do what it was asked.
public enum SlotError: Error, Hashable, Sendable {
  case storage(StorageError)
  case refused(SlotRefusal)
  case update(UpdateRefusal)
  case floor(FloorError)
  /// There is no journal: the device was never given an image.
  case notProvisioned
  /// The journal is not one that this program wrote.
  case damaged
}

/// Two folders, of which one runs and the other takes the next image; on any file system.
///
/// The journal is replaced before the storage follows it, so that after a power cut at any operation the
/// device starts exactly the old image or exactly the new one. Names are fixed, so that nothing can
/// be left over and grow.
///
/// ```
/// journal            phase, active slot, records, history
/// a/image  b/image   the images
/// floor              see SecurityFloor
/// ```
public struct DirectorySlots<Folder: DurableFolder, Floor: SecurityFloor> {
  private let folder: Folder
  private let floor: Floor
  public private(set) var journal: SlotJournal

  /// Opens slots that were provisioned, and finishes what a power cut or a death interrupted.
  ///
  /// One process at a time: the folder is to be opened for writing alone.
  public init(_ folder: Folder, floor: Floor) throws(SlotError) {
    self.folder = folder
    self.floor = floor
    journal = try Self.look(into: folder)
    // Whoever was writing is gone: half an image is worth nothing.
    if journal.phase == .writing { try fail(.interrupted) }
    try settleAsFarAsPossible()
  }

  /// As ``settle()``, but a floor that cannot be raised now keeps nothing from starting.
  // SEC-386: the image is confirmed; until the floor is raised no other is taken in.
  private mutating func settleAsFarAsPossible() throws(SlotError) {
    do throws(SlotError) { try settle() } catch {
      guard journal.phase == .confirming, case .floor = error else { throw error }
    }
  }

  /// What the journal says, for one who only reads; nothing is finished or changed.
  public static func look(into folder: Folder) throws(SlotError) -> SlotJournal {
    let bytes: [UInt8]
    do { bytes = try folder.contents(of: "journal", limit: SlotJournal.largest) } catch {
      throw error == .notFound ? .notProvisioned : .storage(error)
    }
    guard let journal = SlotJournal(bytes: bytes) else { throw .damaged }
    return journal
  }

  /// Gives a new device its first image.
  public static func provision(
    _ folder: Folder, _ record: ImageRecord, content: [UInt8]
  ) throws(SlotError) {
    do {
      for name in SlotName.allCases { _ = try folder.folder(name.rawValue) }
      try folder.folder(SlotName.a.rawValue).replace("image", with: content)
      let journal = SlotJournal(phase: .idle, active: .a, running: record)
      try folder.replace("journal", with: journal.bytes)
    } catch { throw .storage(error) }
  }

  public var securityFloor: Int64 {
    get throws(SlotError) { try floor.value() }
  }

  // MARK: Intake

  /// A new image on its way into the other slot.
  public struct Writing: ~Copyable {
    fileprivate let file: Folder.File
    fileprivate var hash = SHA256()
    fileprivate var length: Int64 = 0

    /// Adds bytes at the end; the caller bounds them by the record's length.
    public mutating func append(_ bytes: [UInt8]) throws(SlotError) {
      do { try file.write(bytes, at: Int(length)) } catch { throw .storage(error) }
      hash.update(bytes)
      length += Int64(bytes.count)
    }
  }

  /// Clears the other slot for an image.
  public mutating func begin(_ record: ImageRecord) throws(SlotError) -> Writing {
    let phase = try next(.begin)
    var journal = journal
    journal.candidate = record
    journal.previous = nil
    try write(journal, phase)
    do {
      let slot = try folder.folder(journal.active.other.rawValue)
      do { try slot.remove("image") } catch .notFound {}
      return Writing(file: try slot.create("image"))
    } catch { throw .storage(error) }
  }

  /// Ends an image: it must be exactly the one that was announced.
  public mutating func finish(_ writing: consuming Writing) throws(SlotError) {
    let phase = try next(.written)
    guard let record = journal.candidate else { throw .damaged }
    guard writing.length == record.length else { throw .update(.wrongLength(record.name)) }
    guard writing.hash.finish() == record.sha256 else { throw .update(.wrongHash(record.name)) }
    do {
      try writing.file.sync()
      try folder.folder(journal.active.other.rawValue).sync()
    } catch { throw .storage(error) }
    var journal = journal
    journal.remember(record.version, .installed)
    try write(journal, phase)
  }

  // MARK: Switch

  /// Lets the next start try the other slot; the caller has checked the ``InstallPolicy``.
  public mutating func arm() throws(SlotError) {
    let phase = try next(.arm)
    try write(journal, phase)
  }

  /// Switches to content that nothing has to start: agreed to, read again and confirmed in one.
  ///
  /// Goes on where a power cut left it; ``SlotPhase/idle`` afterwards, whether it was kept or damaged.
  // RC-134 SEC-382: exactly the old or exactly the new one, also when the power goes in the midst of it.
  public mutating func activate() throws(SlotError) {
    if journal.phase == .staged { try arm() }
    if journal.phase == .armed { _ = try start() }
    guard journal.phase == .trying, let record = journal.candidate else { return }
    guard try isWhole(journal.active.other, record) else {
      return try fail(.damaged)
    }
    try confirm()
  }

  /// The active content, when it still is what was verified; at most `limit` bytes.
  public func content(limit: Int) throws(SlotError) -> [UInt8] {
    let bytes: [UInt8]
    do {
      bytes = try folder.folder(journal.active.rawValue).contents(of: "image", limit: limit)
    } catch { throw .storage(error) }
    // SEC-402: what was kept long ago is read again before it is believed.
    guard SHA256.hash(bytes) == journal.running.sha256 else {
      throw .update(.wrongHash(journal.running.name))
    }
    return bytes
  }

  /// The image to start.
  public struct Choice: Hashable, Sendable {
    public var slot: SlotName
    public var record: ImageRecord
    /// It has to show that it is healthy, or the next start takes the other one.
    public var onTrial: Bool
  }

  /// Decides at a start which image runs.
  ///
  /// - Parameter mayTry: whether an image that was agreed to may be tried now. A start in the midst of
  ///   a therapy runs the old one and leaves the agreement for the next.
  public mutating func start(mayTry: Bool = true) throws(SlotError) -> Choice {
    let before = journal
    if before.phase == .armed, !mayTry { return try active() }
    let phase = try next(.start)
    if phase != before.phase {
      var journal = journal
      if before.phase == .trying, let record = journal.candidate {
        journal.remember(record.version, .returned, .neverHealthy)
        journal.news = SlotNews(record, returned: .neverHealthy)
      }
      try write(journal, phase)
    }
    if phase == .trying, let record = journal.candidate,
      try !isWhole(journal.active.other, record)
    {
      try fail(.damaged)
    }
    try settleAsFarAsPossible()
    guard journal.phase == .trying, let record = journal.candidate else { return try active() }
    return Choice(slot: journal.active.other, record: record, onTrial: true)
  }

  /// The active image, when it still is the one that was verified.
  // SEC-034 SEC-402: what was kept long ago is read again before each start.
  private func active() throws(SlotError) -> Choice {
    guard try isWhole(journal.active, journal.running) else {
      throw .update(.wrongHash(journal.running.name))
    }
    return Choice(slot: journal.active, record: journal.running, onTrial: false)
  }

  /// The new image is healthy: it becomes the active one, and only then does the floor rise.
  public mutating func confirm() throws(SlotError) {
    let phase = try next(.healthy)
    guard let record = journal.candidate else { throw .damaged }
    var journal = journal
    journal.active = journal.active.other
    journal.previous = journal.running
    journal.running = record
    journal.candidate = nil
    journal.remember(record.version, .confirmed)
    journal.news = SlotNews(record)
    try write(journal, phase)
    try settleAsFarAsPossible()
  }

  /// The new image failed or is not wanted: the old one stays.
  public mutating func fail(_ reason: SlotFailure) throws(SlotError) {
    let phase = try next(.fail)
    var journal = journal
    if let record = journal.candidate {
      let tried = self.journal.phase == .trying
      journal.remember(record.version, tried ? .returned : .discarded, reason)
      if tried { journal.news = SlotNews(record, returned: reason) }
    }
    try write(journal, phase)
    try settle()
  }

  /// How the last update ended is on the pump's record; an image that is kept needs no more than that.
  public mutating func recordedNews() throws(SlotError) {
    guard let news = journal.news, !news.recorded else { return }
    var journal = journal
    journal.news = nil
    if news.returned {
      journal.news = news.asRecorded
    }
    try write(journal, journal.phase)
  }

  /// A person has seen that the last update was returned from.
  public mutating func seenNews() throws(SlotError) {
    // What is not on record yet stays to be told.
    guard journal.news?.recorded ?? false else { return }
    var journal = journal
    journal.news = nil
    try write(journal, journal.phase)
  }

  /// Remembers that something was offered and refused, with the reason's code.
  ///
  /// - Parameter permit: of the upload that it came by; 0 for another way.
  public mutating func remember(refusal code: String, permit: UInt32 = 0) throws(SlotError) {
    var journal = journal
    journal.remember("-", .refused, SlotFailure(code))
    journal.refused &+= 1
    // The name of a code that does not fit a notice would be told by nobody.
    journal.untold.append(String(code.prefix(SlotFailure.longestCode)))
    journal.permits.append(permit)
    let spare = max(0, journal.untold.count - SlotJournal.longestHistory)
    journal.untold.removeFirst(spare)
    journal.permits.removeFirst(spare)
    try write(journal, journal.phase)
  }

  /// A refusal is on the pump's record; any other number than the oldest one's changes nothing.
  // SEC-401 SRS-216: kept until the service says that it is on record.
  public mutating func recordedRefusal(_ number: UInt32) throws(SlotError) {
    guard journal.refusal?.number == number else { return }
    var journal = journal
    journal.untold.removeFirst()
    journal.permits.removeFirst()
    try write(journal, journal.phase)
  }

  // MARK: Storage

  private func next(_ event: SlotEvent) throws(SlotError) -> SlotPhase {
    do { return try SlotMachine.next(journal.phase, event) } catch { throw .refused(error) }
  }

  // SEC-033 SEC-316: the journal is durable before the storage follows it.
  private mutating func write(_ new: SlotJournal, _ phase: SlotPhase) throws(SlotError) {
    var new = new
    new.phase = phase
    do { try folder.replace("journal", with: new.bytes) } catch { throw .storage(error) }
    journal = new
  }

  /// Does to the storage what the journal says is to be done.
  private mutating func settle() throws(SlotError) {
    switch journal.phase {
    case .idle, .writing, .staged, .armed, .trying: return
    case .confirming:
      // SEC-310: an image that never became healthy raised nothing.
      try floor.raise(to: journal.running.securityVersion)
    case .returning:
      do {
        let slot = try folder.folder(journal.active.other.rawValue)
        do { try slot.remove("image") } catch .notFound {}
        try slot.sync()
      } catch { throw .storage(error) }
    }
    var settled = journal
    settled.candidate = nil
    try write(settled, try next(.settled))
  }

  /// Whether the candidate's file is still what was announced.
  private func isWhole(_ slot: SlotName, _ record: ImageRecord) throws(SlotError) -> Bool {
    do {
      let file = try folder.folder(slot.rawValue).open("image")
      var hash = SHA256()
      var offset = 0
      while true {
        let bytes = try file.read(at: offset, count: 65_536)
        if bytes.isEmpty { break }
        hash.update(bytes)
        offset += bytes.count
      }
      return hash.finish() == record.sha256
    } catch {
      if error == .notFound { return false }
      throw .storage(error)
    }
  }
}
