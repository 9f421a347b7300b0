// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// What can be asked of pump-updated at its socket for uploads.
///
/// One request is one packet of JSON and gets one answer. Behind ``upload(token:)`` come the bytes of the bundle as
/// plain packets, and at their end one more answer. Nothing that is asked here installs, activates or starts
/// anything.
public enum IntakeRequest: Hashable, Sendable {
  /// Lets one upload come; of the service alone.
  case permit(IntakePermit)
  /// Begins the upload that was permitted.
  case upload(token: [UInt8])
  /// How the newest upload stands.
  case standing
  /// The newest updates of a kind and how they ended.
  case history(UpdateWord)
  /// What is active of each kind and what waits.
  case configuration
  /// Entries of the active drug library from this number on, as many as one answer holds.
  case library(from: Int64)
}

/// What an update replaces, in words.
public enum UpdateWord: String, CaseIterable, Sendable {
  case firmware
  case drugLibrary = "drug-library"
  case configuration
}

/// That one bundle may come.
public struct IntakePermit: Hashable, Sendable {
  /// Bytes of a token.
  public static let tokenSize = 32
  /// The longest bundle, in bytes.
  public static let largest: Int64 = 256 << 20
  /// The longest key, in bytes.
  public static let longestKey = 64

  /// What tells permits apart on the audit log, from 1.
  public var number: UInt32
  /// Who has it may send the bundle.
  public var token: [UInt8]
  /// Bytes of the bundle, 0 to ``largest``.
  public var length: Int64
  /// The node that it comes from.
  public var node: String
  /// Makes a repeated upload of the node the same one.
  public var key: String

  public init(number: UInt32, token: [UInt8], length: Int64, node: String, key: String) {
    self.number = number
    self.token = token
    self.length = length
    self.node = node
    self.key = key
  }
}

extension IntakePermit {
  init(_ fields: inout Fields) throws(NotUnderstood) {
    number = UInt32(
      truncatingIfNeeded: try fields.integer("number", in: 1...Int64(UInt32.max)))
    token = try fields.token()
    length = try fields.integer("length", in: 0...Self.largest)
    node = try fields.string("node", longest: 64)
    key = try fields.string("key", longest: Self.longestKey)
  }

  fileprivate var members: [(String, JSONNode)] {
    [
      ("number", .integer(Int64(number))), ("token", .hex(token)), ("length", .integer(length)),
      ("node", .string(node)), ("key", .string(key)),
    ]
  }
}

extension Fields {
  fileprivate mutating func token() throws(NotUnderstood) -> [UInt8] {
    let token = try bytes("token", longest: IntakePermit.tokenSize)
    guard token.count == IntakePermit.tokenSize else {
      throw NotUnderstood("\"token\": expected 64 digits")
    }
    return token
  }
}

extension IntakeRequest {
  static let version: Int64 = 1
  static let limits = JSONLimits(depth: 6, size: 16_384, integer: JSONLimits.exactInteger)

  private enum Verb: String {
    case permit, upload, standing, history, configuration, library
  }

  // SEC-424: any bytes give a request or a reason, and nothing that is not understood is passed over.
  /// Reads a request.
  public init(_ bytes: [UInt8]) throws(NotUnderstood) {
    var fields = try Fields(bytes, limits: Self.limits, version: Self.version)
    switch try fields.word("do", as: Verb.self) {
    case .permit: self = .permit(try IntakePermit(&fields))
    case .upload: self = .upload(token: try fields.token())
    case .standing: self = .standing
    case .history: self = .history(try fields.word("kind", as: UpdateWord.self))
    case .configuration: self = .configuration
    case .library:
      self = .library(from: try fields.integer("from", in: 0...JSONLimits.exactInteger))
    }
    try fields.end()
  }

  /// The request as a packet.
  public var bytes: [UInt8] {
    let (verb, rest): (Verb, [(String, JSONNode)]) =
      switch self {
      case .permit(let permit): (.permit, permit.members)
      case .upload(let token): (.upload, [("token", .hex(token))])
      case .standing: (.standing, [])
      case .history(let kind): (.history, [("kind", .string(kind.rawValue))])
      case .configuration: (.configuration, [])
      case .library(let from): (.library, [("from", .integer(from))])
      }
    return CanonicalJSON.text(
      .object([("v", .integer(Self.version)), ("do", .string(verb.rawValue))] + rest))
  }
}
