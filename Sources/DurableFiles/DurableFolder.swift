// SPDX-License-Identifier: Apache-2.0

/// A folder whose files have to outlive a power cut at any instant.
///
/// The contract, which ``PosixFolder`` takes from the operating system and the simulated disk enforces
/// at its worst:
///
/// - What a file holds is durable after ``DurableFile/sync()`` returned, and not before. Without it any
///   part of any write may be lost at a power cut, in any order, torn at any byte; what is lost reads as
///   before, or as zeros where there was nothing.
/// - A name (made, replaced or removed) is durable after ``sync()`` of its folder returned; syncing the
///   file alone does not keep the file's name.
/// - ``rename(_:to:)`` is atomic: after a power cut the name stands for the old file or for the new one.
/// - A failed sync lost what it was to keep: write it again before the next sync.
///
/// Names are one path component; see ``StorageError/badName``.
///
/// For writers of implementations: every operation either throws or did all of it, but for the part of
/// a write that a full or failing medium took.
public protocol DurableFolder: Sendable {
  associatedtype File: DurableFile

  /// Opens a file that is there; throws ``StorageError/notFound`` otherwise.
  func open(_ name: String) throws(StorageError) -> File

  /// Makes an empty file; throws ``StorageError/exists`` when the name is taken.
  func create(_ name: String) throws(StorageError) -> File

  /// Opens the folder of that name, and makes it when it is not there.
  func folder(_ name: String) throws(StorageError) -> Self

  /// The names in the folder, in ascending order of their bytes.
  func list() throws(StorageError) -> [String]

  /// Gives a file another name in this folder and replaces what had that name.
  func rename(_ old: String, to new: String) throws(StorageError)

  /// Removes a file.
  func remove(_ name: String) throws(StorageError)

  /// Makes names durable; returns when they are.
  func sync() throws(StorageError)
}

/// An open file of a ``DurableFolder``; closed with its last owner.
///
/// Offsets and sizes are in bytes and never negative.
public protocol DurableFile: Sendable {
  func size() throws(StorageError) -> Int

  /// At most `count` bytes from `offset`; fewer only where the file ends.
  func read(at offset: Int, count: Int) throws(StorageError) -> [UInt8]

  /// Writes all bytes at `offset`; a gap before it reads as zeros.
  func write(_ bytes: [UInt8], at offset: Int) throws(StorageError)

  /// Cuts the file, or fills it up with zeros.
  func resize(to size: Int) throws(StorageError)

  /// Makes the content durable; returns when it is.
  func sync() throws(StorageError)
}

extension DurableFile {
  /// Writes all bytes at the end.
  public func append(_ bytes: [UInt8]) throws(StorageError) {
    try write(bytes, at: size())
  }
}

extension DurableFolder {
  /// The whole content of a file of at most `limit` bytes; a longer one is ``StorageError/tooLarge``.
  public func contents(of name: String, limit: Int) throws(StorageError) -> [UInt8] {
    let file = try open(name)
    guard try file.size() <= limit else { throw .tooLarge }
    return try file.read(at: 0, count: limit)
  }

  /// Puts a file of this content in the place of the one that may be there, durably.
  ///
  /// At any power cut the name stands for the whole old content or for the whole new one. A file
  /// `name.new` may be left behind; the next replacement takes it away.
  public func replace(_ name: String, with bytes: [UInt8]) throws(StorageError) {
    let aside = name + ".new"
    do { try remove(aside) } catch  where error == .notFound {}
    let file = try create(aside)
    try file.write(bytes, at: 0)
    try file.sync()
    try rename(aside, to: name)
    try sync()
  }
}

/// Whether a text may name a file in a ``DurableFolder``.
public func isFileName(_ name: String) -> Bool {
  let bytes = name.utf8
  guard (1...100).contains(bytes.count) else { return false }
  for (position, byte) in bytes.enumerated() {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      break
    case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
      if position == 0 { return false }
    default: return false
    }
  }
  return true
}
