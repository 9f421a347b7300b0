// SPDX-License-Identifier: Apache-2.0

public import DurableFiles

/// Why an upload does not come or go on.
public enum UploadRefusal: Error, Hashable, Sendable {
  /// Another one comes or is being verified.
  case busy
  /// Another bundle came with this key.
  case keyUsed
  /// Bundle and content do not fit on the medium.
  case noSpace
  /// Longer than any bundle may be.
  case tooLarge
  /// Nobody permitted it, or its time is over.
  case notPermitted
  /// More bytes came than were announced, or it was not whole in its time.
  case interrupted
}

/// Where a bundle lies while it comes in: one at a time, in one file, within bounds of length and time.
///
/// It knows no rights and verifies nothing: who may is said by ``permit(_:space:now:)``, and what came is read from
/// ``content()`` by the same intake as any other bundle. Time is a parameter: seconds of a monotonic clock.
///
/// ```
/// spool/NUMBER   the bundle of the permit with that number; removed however the upload ends
/// ```
public struct UploadDesk<Folder: DurableFolder> {
  /// What was permitted.
  public struct Permit: Hashable, Sendable {
    public var number: UInt32
    public var token: [UInt8]
    public var length: Int64
    public var node: String
    public var key: String

    public init(number: UInt32, token: [UInt8], length: Int64, node: String, key: String) {
      self.number = number
      self.token = token
      self.length = length
      self.node = node
      self.key = key
    }
  }

  public enum Phase: Hashable, Sendable {
    /// None came yet.
    case none
    /// It may come until then.
    case permitted(until: Int64)
    case receiving
    case verifying
    case taken(kind: String, version: String)
    case refused(code: String)
  }

  /// The longest bundle, in bytes.
  public let largest: Int64
  /// Seconds for which a permit waits for its upload.
  public static var permitLasts: Int64 { 15 }
  /// Seconds in which some byte has to come.
  public static var quiet: Int64 { 20 }
  /// Bytes that stay free on the medium.
  public static var reserve: Int64 { 16 << 20 }

  /// Seconds that an upload of this length may take: a minute and as long as 64 KiB a second need.
  public static func patience(_ length: Int64) -> Int64 { 60 + length / 65_536 }

  private let spool: Folder
  public private(set) var phase = Phase.none
  /// The permit of the newest upload.
  public private(set) var newest: Permit?
  public private(set) var received: Int64 = 0
  private var file: Folder.File?
  private var began: Int64 = 0
  private var heard: Int64 = 0

  /// Takes the spool and removes what a killed updater left in it.
  ///
  /// - Parameter left: called with the number of each upload that was cut off by that.
  public init(
    _ spool: Folder, largest: Int64, left: (UInt32) -> Void = { _ in }
  ) throws(StorageError) {
    self.spool = spool
    self.largest = largest
    for name in try spool.list() {
      try spool.remove(name)
      left(UInt32(name) ?? 0)
    }
    try spool.sync()
  }

  // RC-147 SEC-423 SRS-231: one at a time, and refused before a byte of it came.
  /// Lets one upload come.
  ///
  /// - Parameter space: bytes that are free on the medium.
  /// - Returns: false when that node's bundle of this key and length is here already, in whatever phase.
  public mutating func permit(
    _ permit: Permit, space: Int64, now: Int64
  ) throws(UploadRefusal) -> Bool {
    guard (0...largest).contains(permit.length) else { throw .tooLarge }
    // SRS-233: a bundle that is sent again is the one that came.
    if let newest, newest.node == permit.node, newest.key == permit.key {
      switch phase {
      case .receiving, .verifying, .taken, .refused:
        guard newest.length == permit.length else { throw .keyUsed }
        return false
      case .none, .permitted: break
      }
    }
    switch phase {
    case .permitted(let until):
      guard now >= until || newest?.node == permit.node else { throw .busy }
    case .receiving, .verifying: throw .busy
    case .none, .taken, .refused: break
    }
    // The bundle, and its content in a slot.
    guard space >= 2 * permit.length + Self.reserve else { throw .noSpace }
    newest = permit
    received = 0
    phase = .permitted(until: now + Self.permitLasts)
    return true
  }

  /// Begins the upload of who has the token; true when an empty one is whole with that.
  public mutating func begin(token: [UInt8], now: Int64) throws(UploadRefusal) -> Bool {
    guard case .permitted(let until) = phase, now < until, let newest, newest.token == token else {
      throw .notPermitted
    }
    do { file = try spool.create("\(newest.number)") } catch {
      phase = .refused(code: "storage")
      throw .noSpace
    }
    (began, heard, received) = (now, now, 0)
    phase = newest.length == 0 ? .verifying : .receiving
    return phase == .verifying
  }

  // SEC-425: no byte beyond what was announced is kept.
  /// Adds bytes of the upload; true when it is whole, and then it is to be verified.
  ///
  /// An error ends the upload; ``phase`` says with which code.
  public mutating func append(_ bytes: [UInt8], now: Int64) throws(UploadRefusal) -> Bool {
    guard phase == .receiving, let newest, let file else { throw .notPermitted }
    guard received + Int64(bytes.count) <= newest.length else {
      end(.refused(code: "too-long"))
      throw .interrupted
    }
    do { try file.write(bytes, at: Int(received)) } catch {
      end(.refused(code: error == .noSpace ? "no-space" : "storage"))
      throw .noSpace
    }
    received += Int64(bytes.count)
    heard = now
    guard received == newest.length else { return false }
    phase = .verifying
    return true
  }

  /// The upload's connection is gone.
  public mutating func cut() {
    if phase == .receiving { end(.refused(code: SlotFailure.interrupted.code)) }
  }

  // SEC-425: who sends slowly or nothing holds the place for a bounded time.
  /// Ends an upload whose time is over, or one that never began; true when it ended one.
  public mutating func expire(now: Int64) -> Bool {
    switch phase {
    case .permitted(let until) where now >= until: break
    case .receiving:
      guard let newest, now - heard > Self.quiet || now - began > Self.patience(newest.length)
      else { return false }
    case .permitted, .none, .verifying, .taken, .refused: return false
    }
    end(.refused(code: SlotFailure.interrupted.code))
    return true
  }

  /// The whole bundle; nil unless it is being verified.
  public func content() -> FileStream<Folder.File>? {
    phase == .verifying ? file.map(FileStream.init) : nil
  }

  /// What became of the bundle.
  public mutating func verified(_ phase: Phase) {
    if self.phase == .verifying { end(phase) }
  }

  private mutating func end(_ phase: Phase) {
    file = nil
    // One that cannot be removed now is removed at the next start.
    if let newest { try? spool.remove("\(newest.number)") }
    self.phase = phase
  }
}
