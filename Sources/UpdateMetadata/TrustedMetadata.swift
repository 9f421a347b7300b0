// SPDX-License-Identifier: Apache-2.0

/// What is trusted, and the only ways in which trust grows (TUF 1.0.33, §5.3 to §5.6).
///
/// Pure: bytes and the trusted time come in, a refusal or new trust comes out. Files of this device that
/// were trusted before go in through the `remembered` functions: they need not be current, but they must
/// verify under the present root to bound what may follow.
public struct TrustedMetadata {
  let limits: MetadataLimits
  /// The trusted time against which everything expires.
  let now: UnixTime
  private(set) var root: RootMetadata
  private(set) var timestamp: TimestampMetadata?
  private(set) var snapshot: SnapshotMetadata?
  private(set) var current: TargetsMetadata?

  /// Starts from a root that was given to the device; it must be signed by its own keys.
  public init(root bytes: [UInt8], now: UnixTime, limits: MetadataLimits) throws(UpdateRefusal) {
    self.limits = limits
    self.now = now
    let envelope = try SignedEnvelope(bytes, .root, limits)
    root = try RootMetadata(envelope)
    try root.verify(envelope)
  }

  public var rootVersion: Int64 { root.version }
  public var timestampVersion: Int64? { timestamp?.version }
  public var snapshotVersion: Int64? { snapshot?.version }
  public var targetsVersion: Int64? { current?.version }
  /// How many different keys signed for the targets at least.
  public var targetsThreshold: Int64 { root.threshold(of: .targets) }
  public var consistentSnapshot: Bool { root.consistentSnapshot }
  /// The targets that are trusted; empty before the targets metadata was.
  public var targets: [TargetFile] { current?.targets ?? [] }

  /// A trusted target by its name.
  public func target(_ name: String) throws(UpdateRefusal) -> TargetFile {
    guard let target = current?[name] else { throw .unknownTarget(name) }
    return target
  }

  // MARK: Root

  /// Takes the next root: signed by a threshold of the present one and of itself.
  ///
  /// - Returns: whether the keys of timestamp or snapshot changed, upon which what was trusted of
  ///   them has to be forgotten, so that a version raised with stolen keys does not block recovery.
  public mutating func updateRoot(_ bytes: [UInt8]) throws(UpdateRefusal) -> Bool {
    let envelope = try SignedEnvelope(bytes, .root, limits)
    let next = try RootMetadata(envelope)
    try root.verify(envelope)
    try next.verify(envelope)
    // SEC-304: one by one, so that no root is skipped and none comes again.
    guard next.version == root.version + 1 else {
      throw .wrongVersion(.root, expected: root.version + 1, offered: next.version)
    }
    let rotated =
      next.rotated(.timestamp, since: root) || next.rotated(.snapshot, since: root)
    root = next
    if rotated {
      timestamp = nil
      snapshot = nil
    }
    return rotated
  }

  /// Refuses to go on from a root whose time is over.
  public func checkRoot() throws(UpdateRefusal) { try check(root.expires, .root) }

  // MARK: Timestamp

  /// Recalls a timestamp that was trusted before; one that the present root does not sign is ignored.
  public mutating func remembered(timestamp bytes: [UInt8]) {
    guard let envelope = try? SignedEnvelope(bytes, .timestamp, limits),
      (try? root.verify(envelope)) != nil
    else { return }
    timestamp = try? TimestampMetadata(envelope)
  }

  /// Takes a timestamp of the same version (and keeps the trusted one) or of a higher one.
  ///
  /// - Returns: whether it is new.
  public mutating func updateTimestamp(_ bytes: [UInt8]) throws(UpdateRefusal) -> Bool {
    try checkRoot()
    let envelope = try SignedEnvelope(bytes, .timestamp, limits)
    try root.verify(envelope)
    let next = try TimestampMetadata(envelope)
    if let trusted = timestamp {
      // SEC-031 SEC-305: nothing that was trusted is replaced by something older.
      guard next.version >= trusted.version else {
        throw .rollback(.timestamp, trusted: trusted.version, offered: next.version)
      }
      if next.version == trusted.version {
        try check(trusted.expires, .timestamp)
        return false
      }
      guard next.snapshot.version >= trusted.snapshot.version else {
        throw .rollback(
          .snapshot, trusted: trusted.snapshot.version, offered: next.snapshot.version)
      }
    }
    // SEC-306: a repository that stands still is noticed at the latest when this expires.
    try check(next.expires, .timestamp)
    timestamp = next
    return true
  }

  // MARK: Snapshot

  /// Recalls a snapshot that was trusted before.
  ///
  /// - Returns: whether it is still the announced one, so that none has to be fetched.
  public mutating func remembered(snapshot bytes: [UInt8]) -> Bool {
    guard let announced = timestamp?.snapshot,
      let envelope = try? SignedEnvelope(bytes, .snapshot, limits),
      (try? root.verify(envelope)) != nil, let known = try? SnapshotMetadata(envelope)
    else { return false }
    snapshot = known
    return known.version == announced.version && known.expires > now
      && (try? announced.check(bytes, "snapshot.json")) != nil
  }

  /// Takes the snapshot that the timestamp announces.
  public mutating func updateSnapshot(_ bytes: [UInt8]) throws(UpdateRefusal) {
    guard let announced = timestamp?.snapshot else { throw .notFound("timestamp.json") }
    try announced.check(bytes, "snapshot.json")
    let envelope = try SignedEnvelope(bytes, .snapshot, limits)
    try root.verify(envelope)
    let next = try SnapshotMetadata(envelope)
    guard next.version == announced.version else {
      throw .wrongVersion(.snapshot, expected: announced.version, offered: next.version)
    }
    for (name, file) in snapshot?.files ?? [] {
      // SEC-305: a file that was named once stays named, and never with a lower version.
      guard let offered = next[name] else { throw .notInSnapshot(name) }
      guard offered.version >= file.version else {
        throw .rollback(.targets, trusted: file.version, offered: offered.version)
      }
    }
    try check(next.expires, .snapshot)
    snapshot = next
  }

  // MARK: Targets

  /// What the snapshot announces of the targets metadata.
  func announcedTargets() throws(UpdateRefusal) -> MetaFile {
    guard let file = snapshot?["targets.json"] else { throw .notInSnapshot("targets.json") }
    return file
  }

  /// Takes the targets metadata that the snapshot announces.
  public mutating func updateTargets(_ bytes: [UInt8]) throws(UpdateRefusal) {
    let announced = try announcedTargets()
    try announced.check(bytes, "targets.json")
    let envelope = try SignedEnvelope(bytes, .targets, limits)
    try root.verify(envelope)
    guard envelope.version == announced.version else {
      throw .wrongVersion(.targets, expected: announced.version, offered: envelope.version)
    }
    let next = try TargetsMetadata(envelope)
    try check(next.expires, .targets)
    current = next
  }

  private func check(_ expires: UnixTime, _ role: MetadataRole) throws(UpdateRefusal) {
    guard expires > now else { throw .expired(role) }
  }
}
