// SPDX-License-Identifier: Apache-2.0

public import StrictJSON

/// What can be asked of the pump's audit log over the network, by a person who may.
public enum AuditQuestion: Hashable, Sendable {
  /// The newest checkpoint.
  case checkpoint
  /// Records from this index on, as many as one answer holds, with pseudonyms in the place of names.
  case records(from: Int64)
  /// The record at this index with the proof that it is in the log.
  case proof(index: Int64)
  /// The proof that the log begins with what its first records were.
  case consistency(from: Int64)
  /// Begins an export, which is on record.
  case export
  /// Bytes of a file of the export that this session began, from an offset on.
  case piece(file: Int64, offset: Int64)
}

/// What the service says of the audit log.
public enum AuditAnswer: Hashable, Sendable {
  /// A checkpoint or a proof, in the text form of C2SP.
  case text(String)
  /// Records as lines of JSON; `next` is the index to go on from, nil at the end of what there is.
  case records([String], next: Int64?)
  case consistency(AuditConsistency)
  /// An export of so many records has begun.
  case export(size: Int64)
  /// `length` is that of the whole file.
  case piece(path: String, length: Int64, bytes: [UInt8])
  /// There is no such record, file or checkpoint.
  case nothing
  case refused(ServiceRefusal)

  /// The most bytes of one piece.
  public static let pieceSize = 7_168
  /// The most bytes of the lines of one answer.
  public static let linesSize = 12_288
}

/// That the log of `size` records begins with its first `from`.
public struct AuditConsistency: Hashable, Sendable {
  public var from: Int64
  public var size: Int64
  /// Each 32 bytes (RFC 9162 §2.1.4).
  public var hashes: [[UInt8]]
  /// The checkpoint over `size` records.
  public var checkpoint: String

  public init(from: Int64, size: Int64, hashes: [[UInt8]], checkpoint: String) {
    self.from = from
    self.size = size
    self.hashes = hashes
    self.checkpoint = checkpoint
  }

  public var json: JSONNode {
    .object([
      ("checkpoint", .string(checkpoint)), ("from", .integer(from)),
      ("hashes", .array(hashes.map { .hex($0) })), ("size", .integer(size)),
    ])
  }
}

extension AuditQuestion {
  private enum Word: String {
    case checkpoint, records, proof, consistency, export, piece
  }

  private static let range: ClosedRange<Int64> = 0...JSONLimits.exactInteger

  init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    switch try fields.word("of", as: Word.self) {
    case .checkpoint: self = .checkpoint
    case .records: self = .records(from: try fields.integer("from", in: Self.range))
    case .proof: self = .proof(index: try fields.integer("index", in: Self.range))
    case .consistency: self = .consistency(from: try fields.integer("from", in: Self.range))
    case .export: self = .export
    case .piece:
      self = .piece(
        file: try fields.integer("file", in: Self.range),
        offset: try fields.integer("offset", in: Self.range))
    }
    try fields.end()
  }

  var json: JSONNode {
    let (word, rest): (Word, [(String, JSONNode)]) =
      switch self {
      case .checkpoint: (.checkpoint, [])
      case .records(let from): (.records, [("from", .integer(from))])
      case .proof(let index): (.proof, [("index", .integer(index))])
      case .consistency(let from): (.consistency, [("from", .integer(from))])
      case .export: (.export, [])
      case .piece(let file, let offset):
        (.piece, [("file", .integer(file)), ("offset", .integer(offset))])
      }
    return .object([("of", .string(word.rawValue))] + rest)
  }
}

extension AuditAnswer {
  private enum Word: String {
    case text, records, consistency, export, piece, nothing, refused
  }

  init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    switch try fields.word("is", as: Word.self) {
    case .text: self = .text(try fields.string("text", longest: 16_384))
    case .records:
      guard let nodes = try fields.take("lines").array else {
        throw NotUnderstood("\"lines\": expected a list")
      }
      var lines: [String] = []
      for node in nodes {
        guard let line = node.string else { throw NotUnderstood("\"lines\": expected strings") }
        lines.append(line)
      }
      self = .records(lines, next: fields.optional("next")?.integer)
    case .consistency:
      guard let nodes = try fields.take("hashes").array, nodes.count <= 64 else {
        throw NotUnderstood("\"hashes\": expected a list of at most 64")
      }
      var hashes: [[UInt8]] = []
      for node in nodes {
        var own = try Fields(.object([("hash", node)]))
        hashes.append(try own.bytes("hash", longest: 32))
      }
      self = .consistency(
        AuditConsistency(
          from: try fields.integer("from"), size: try fields.integer("size"), hashes: hashes,
          checkpoint: try fields.string("checkpoint", longest: 8_192)))
    case .export: self = .export(size: try fields.integer("size"))
    case .piece:
      self = .piece(
        path: try fields.string("path"), length: try fields.integer("length"),
        bytes: try fields.bytes("bytes", longest: Self.pieceSize))
    case .nothing: self = .nothing
    case .refused: self = .refused(try ServiceRefusal(&fields))
    }
    try fields.end()
  }

  var json: JSONNode {
    let (word, rest): (Word, [(String, JSONNode)]) =
      switch self {
      case .text(let text): (.text, [("text", .string(text))])
      case .records(let lines, let next):
        (
          .records,
          [("lines", .array(lines.map { .string($0) }))]
            + (next.map { [("next", .integer($0))] } ?? [])
        )
      case .consistency(let proof):
        (.consistency, proof.json.members?.map { ($0.key, $0.node) } ?? [])
      case .export(let size): (.export, [("size", .integer(size))])
      case .piece(let path, let length, let bytes):
        (
          .piece,
          [("path", .string(path)), ("length", .integer(length)), ("bytes", .hex(bytes))]
        )
      case .nothing: (.nothing, [])
      case .refused(let refusal): (.refused, refusal.members)
      }
    return .object([("is", .string(word.rawValue))] + rest)
  }
}
