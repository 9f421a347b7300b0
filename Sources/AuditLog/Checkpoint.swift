// SPDX-License-Identifier: Apache-2.0

/// The head of a log at one size (C2SP tlog-checkpoint), within its signed note.
public struct Checkpoint: Hashable, Sendable {
  /// Which log.
  public let origin: String
  /// How many records it covers; never 0.
  public let size: UInt64
  public let root: Hash
  public var note: Note

  /// An unsigned checkpoint.
  public init(origin: String, size: UInt64, root: Hash) {
    self.origin = origin
    self.size = size
    self.root = root
    note = Note(text: "\(origin)\n\(size)\n\(root)\n", signatures: [])
  }

  /// Reads a signed one; its signatures are not yet verified.
  ///
  /// Extension lines are refused: no part of what is signed goes unread.
  public init(_ note: Note) throws(FormatError) {
    let lines = note.text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, lines[3].isEmpty, !lines[0].isEmpty, let size = UInt64(lines[1]),
      size > 0, size <= UInt64(Int64.max), String(size) == lines[1],
      let root = Base64.decode(lines[2]).flatMap({ Hash($0) })
    else { throw FormatError("a checkpoint is an origin, a size and a root") }
    origin = String(lines[0])
    self.size = size
    self.root = root
    self.note = note
  }

  public init(_ bytes: [UInt8]) throws(FormatError) { try self.init(Note(bytes)) }
}

/// An inclusion proof in one file (C2SP tlog-proof v1): what an investigator is given.
public struct ProofFile: Hashable, Sendable {
  public let index: UInt64
  public let hashes: [Hash]
  public let checkpoint: Checkpoint
  /// Here: the record that is proved.
  ///
  /// It is not authenticated by itself; its leaf hash is what the proof is checked with.
  public let extra: [UInt8]

  public init(index: UInt64, hashes: [Hash], checkpoint: Checkpoint, extra: [UInt8]) {
    self.index = index
    self.hashes = hashes
    self.checkpoint = checkpoint
    self.extra = extra
  }

  private static let first = "c2sp.org/tlog-proof@v1"
  private static let longest = 200_000

  public init(_ bytes: [UInt8]) throws(FormatError) {
    guard bytes.count <= ProofFile.longest, let whole = String(validating: bytes, as: UTF8.self)
    else { throw FormatError("not a proof") }
    var lines = whole.split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst() == ProofFile.first[...] else {
      throw FormatError("a proof begins with \(ProofFile.first)")
    }
    if lines.first?.hasPrefix("extra ") == true, let line = lines.popFirst() {
      guard let bytes = Base64.decode(line.dropFirst(6)) else { throw FormatError("not base64") }
      extra = bytes
    } else {
      extra = []
    }
    guard let line = lines.popFirst(), line.hasPrefix("index "),
      let index = UInt64(line.dropFirst(6)), String(index) == line.dropFirst(6)
    else { throw FormatError("a proof names the index of its record") }
    self.index = index
    var hashes: [Hash] = []
    while let line = lines.popFirst(), !line.isEmpty {
      guard let hash = Base64.decode(line).flatMap({ Hash($0) }), hashes.count < 63 else {
        throw FormatError("not a hash of a proof")
      }
      hashes.append(hash)
    }
    self.hashes = hashes
    checkpoint = try Checkpoint(Array(lines.joined(separator: "\n").utf8))
  }

  public var bytes: [UInt8] {
    var text = ProofFile.first + "\n"
    if !extra.isEmpty { text += "extra \(Base64.encode(extra))\n" }
    text += "index \(index)\n"
    for hash in hashes { text += "\(hash)\n" }
    return Array((text + "\n").utf8) + checkpoint.note.bytes
  }

  /// Whether the checkpoint is signed by the key and the extra data is the record at the index.
  public func isValid(key: NoteKey) -> Bool {
    return checkpoint.origin == key.name && checkpoint.note.verify(key) == .valid
      && verifyInclusion(
        leaf: Hash.leaf(extra.span), index: index, size: checkpoint.size, proof: hashes,
        root: checkpoint.root)
  }
}
