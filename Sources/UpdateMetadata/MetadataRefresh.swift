// SPDX-License-Identifier: Apache-2.0

/// The metadata that a device trusts, byte for byte as it was signed.
public struct TrustedFiles: Hashable, Sendable {
  public var root: [UInt8]
  public var timestamp: [UInt8]?
  public var snapshot: [UInt8]?
  public var targets: [UInt8]?

  public init(root: [UInt8]) { self.root = root }
}

/// Where metadata comes from, untrusted: a folder, a bundle, a server.
public protocol MetadataSource {
  /// The bytes of a file, or nil when the source does not have it.
  ///
  /// Throws ``UpdateRefusal/tooLarge(_:)`` as soon as there are more than `limit` bytes.
  mutating func metadata(_ name: String, limit: Int) throws(UpdateRefusal) -> [UInt8]?
}

extension TrustedMetadata {
  /// Brings what is trusted up to date with a source (TUF 1.0.33, §5).
  ///
  /// - Parameters:
  ///   - files: what is trusted, brought along with every step.
  ///   - save: makes `files` durable; called after every step that changed them, so that what was
  ///     learned before a refusal is not unlearned.
  public static func refresh(
    _ files: inout TrustedFiles, from source: inout some MetadataSource, now: UnixTime,
    limits: MetadataLimits, save: (TrustedFiles) throws(UpdateRefusal) -> Void
  ) throws(UpdateRefusal) -> TrustedMetadata {
    var trusted = try TrustedMetadata(root: files.root, now: now, limits: limits)
    try trusted.walkRoots(&files, &source, save)
    try trusted.checkRoot()
    if let bytes = files.timestamp { trusted.remembered(timestamp: bytes) }
    let timestamp = try fetch("timestamp.json", limits.timestamp, &source)
    if try trusted.updateTimestamp(timestamp) {
      files.timestamp = timestamp
      try save(files)
    }
    try trusted.refreshSnapshot(&files, &source, save)
    try trusted.refreshTargets(&files, &source, save)
    return trusted
  }

  private mutating func walkRoots(
    _ files: inout TrustedFiles, _ source: inout some MetadataSource,
    _ save: (TrustedFiles) throws(UpdateRefusal) -> Void
  ) throws(UpdateRefusal) {
    for _ in 0..<limits.rootRotations {
      guard let bytes = try source.metadata("\(rootVersion + 1).root.json", limit: limits.root)
      else { return }
      if try updateRoot(bytes) {
        files.timestamp = nil
        files.snapshot = nil
      }
      files.root = bytes
      try save(files)
    }
  }

  private mutating func refreshSnapshot(
    _ files: inout TrustedFiles, _ source: inout some MetadataSource,
    _ save: (TrustedFiles) throws(UpdateRefusal) -> Void
  ) throws(UpdateRefusal) {
    if let bytes = files.snapshot, remembered(snapshot: bytes) { return }
    guard let announced = timestamp?.snapshot else { throw .notFound("timestamp.json") }
    let bytes = try Self.fetch(
      name(announced.version, "snapshot.json"), Self.limit(announced, limits.snapshot), &source)
    try updateSnapshot(bytes)
    files.snapshot = bytes
    try save(files)
  }

  private mutating func refreshTargets(
    _ files: inout TrustedFiles, _ source: inout some MetadataSource,
    _ save: (TrustedFiles) throws(UpdateRefusal) -> Void
  ) throws(UpdateRefusal) {
    if let bytes = files.targets, (try? updateTargets(bytes)) != nil { return }
    let announced = try announcedTargets()
    let bytes = try Self.fetch(
      name(announced.version, "targets.json"), Self.limit(announced, limits.targets), &source)
    try updateTargets(bytes)
    files.targets = bytes
    try save(files)
  }

  private func name(_ version: Int64, _ name: String) -> String {
    consistentSnapshot ? "\(version).\(name)" : name
  }

  // SEC-307: an announced length is a limit of the fetch, never above the role's own.
  private static func limit(_ announced: MetaFile, _ most: Int) -> Int {
    Int(min(announced.length ?? Int64(most), Int64(most)))
  }

  private static func fetch(_ name: String, _ limit: Int, _ source: inout some MetadataSource)
    throws(UpdateRefusal) -> [UInt8]
  {
    guard let bytes = try source.metadata(name, limit: limit) else { throw .notFound(name) }
    return bytes
  }
}
