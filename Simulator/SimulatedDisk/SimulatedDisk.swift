// SPDX-License-Identifier: Apache-2.0

public import DurableFiles
import Synchronization

/// A disk in memory that keeps exactly what the contract of ``DurableFolder`` promises, and no more.
///
/// What was not synced is at a power cut lost, kept, torn or zeroed, in any combination that a seed
/// draws. Operations that change something or sync are counted from 1, so that a test can run a piece
/// of work once, read ``operations``, and run it again with the power cut at each of them:
///
/// ```swift
/// let disk = SimulatedDisk()
/// disk.cutPower(at: 17, seed: 3)
/// try? work(disk.root)
/// disk.powerOn()
/// try check(disk.root)
/// ```
public final class SimulatedDisk: Sendable {
  private let state: Mutex<DiskState>

  public init() { state = Mutex(DiskState()) }

  private init(_ state: DiskState) { self.state = Mutex(state) }

  /// The folder at the top.
  public var root: SimulatedFolder {
    SimulatedFolder(disk: self, number: 0, boot: run { $0.boot })
  }

  /// Operations since the disk was made that changed something or synced.
  public var operations: Int { run { $0.operations } }

  /// Another disk that holds the same, synced and not.
  public func copy() -> SimulatedDisk { SimulatedDisk(run { $0 }) }

  /// Cuts the power in the midst of operation number `operation`.
  ///
  /// It and all that follow throw ``StorageError/gone`` until ``powerOn()``. `seed` decides what becomes
  /// of everything that is not synced: 0 loses all of it, 1 keeps all of it, others draw.
  public func cutPower(at operation: Int, seed: UInt64) {
    run { state in state.cut = (operation, seed) }
  }

  /// Cuts the power now.
  public func cutPower(seed: UInt64) { run { $0.loseUnsynced(seed: seed) } }

  /// Gives power back; what was open before stays closed.
  public func powerOn() { run { $0.powerOn() } }

  /// Lets operations of these numbers fail with an error.
  ///
  /// A failing write leaves a part of its bytes. A failing sync drops what it was to keep, silently:
  /// the file reads as before, a later sync succeeds, and a power cut shows the loss.
  public func fail(_ operations: ClosedRange<Int>, with error: StorageError) {
    run { $0.failures.append((operations, error)) }
  }

  /// Ends all failures that ``fail(_:with:)`` set.
  public func heal() { run { $0.failures = [] } }

  /// The disk has room for this many bytes of content; beyond, ``StorageError/noSpace``.
  public var capacity: Int {
    get { run { $0.capacity } }
    set { run { $0.capacity = newValue } }
  }

  /// Bytes in all files that have a name.
  public var contentSize: Int { run { $0.contentSize } }

  func run<Result: Sendable>(
    _ body: (inout DiskState) throws(StorageError) -> Result
  ) throws(StorageError) -> Result {
    try state.withLock { (state) throws(StorageError) in try body(&state) }
  }

  private func run<Result: Sendable>(_ body: (inout DiskState) -> Result) -> Result {
    state.withLock { state in body(&state) }
  }
}

/// A folder on a ``SimulatedDisk``.
public struct SimulatedFolder: DurableFolder {
  let disk: SimulatedDisk
  let number: Int
  let boot: Int

  public func open(_ name: String) throws(StorageError) -> SimulatedFile {
    try disk.run { (state) throws(StorageError) in
      try state.check(name, boot: boot)
      guard case .file(let file) = state.folders[number].now[name] else { throw .notFound }
      return SimulatedFile(disk: disk, number: file, boot: boot)
    }
  }

  public func create(_ name: String) throws(StorageError) -> SimulatedFile {
    try disk.run { (state) throws(StorageError) in
      try state.check(name, boot: boot)
      guard state.folders[number].now[name] == nil else { throw .exists }
      let file = state.files.count
      try state.begin { state in
        state.files.append(DiskState.File())
        state.folders[number].change([(name, .file(file))])
      }
      return SimulatedFile(disk: disk, number: file, boot: boot)
    }
  }

  public func folder(_ name: String) throws(StorageError) -> SimulatedFolder {
    try disk.run { (state) throws(StorageError) in
      try state.check(name, boot: boot)
      switch state.folders[number].now[name] {
      case .folder(let folder): return SimulatedFolder(disk: disk, number: folder, boot: boot)
      case .file: throw .exists
      case nil: break
      }
      let folder = state.folders.count
      try state.begin { state in
        state.folders.append(DiskState.Folder())
        state.folders[number].change([(name, .folder(folder))])
      }
      return SimulatedFolder(disk: disk, number: folder, boot: boot)
    }
  }

  public func list() throws(StorageError) -> [String] {
    try disk.run { (state) throws(StorageError) in
      try state.check(boot: boot)
      return state.folders[number].now.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
  }

  public func rename(_ old: String, to new: String) throws(StorageError) {
    try disk.run { (state) throws(StorageError) in
      try state.check(old, boot: boot)
      try state.check(new, boot: boot)
      guard let node = state.folders[number].now[old] else { throw .notFound }
      if case .folder = state.folders[number].now[new] { throw .exists }
      try state.begin { state in state.folders[number].change([(old, nil), (new, node)]) }
    }
  }

  public func remove(_ name: String) throws(StorageError) {
    try disk.run { (state) throws(StorageError) in
      try state.check(name, boot: boot)
      guard case .file = state.folders[number].now[name] else { throw .notFound }
      try state.begin { state in state.folders[number].change([(name, nil)]) }
    }
  }

  public func sync() throws(StorageError) {
    try disk.run { (state) throws(StorageError) in
      try state.check(boot: boot)
      try state.begin(sync: true, failing: { $0.folders[number].unsynced = [] }) { state in
        state.folders[number].keep()
      }
    }
  }
}

/// A file on a ``SimulatedDisk``.
public struct SimulatedFile: DurableFile {
  let disk: SimulatedDisk
  let number: Int
  let boot: Int

  public func size() throws(StorageError) -> Int {
    try disk.run { (state) throws(StorageError) in
      try state.check(boot: boot)
      return state.files[number].now.count
    }
  }

  public func read(at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
    try disk.run { (state) throws(StorageError) in
      try state.check(boot: boot)
      guard offset >= 0, count >= 0 else { throw .badOffset }
      return Array(state.files[number].now.dropFirst(offset).prefix(count))
    }
  }

  public func write(_ bytes: [UInt8], at offset: Int) throws(StorageError) {
    try disk.run { (state) throws(StorageError) in
      try state.check(boot: boot)
      guard offset >= 0 else { throw .badOffset }
      let room = state.room
      let grows = max(0, offset + bytes.count - state.files[number].now.count)
      let fits = grows > room ? max(0, bytes.count - (grows - room)) : bytes.count
      try state.begin(failing: { $0.write(bytes.prefix(bytes.count / 2), at: offset, to: number) })
      {
        state in
        state.write(bytes.prefix(fits), at: offset, to: number)
      }
      if grows > room { throw .noSpace }
    }
  }

  public func resize(to size: Int) throws(StorageError) {
    try disk.run { (state) throws(StorageError) in
      try state.check(boot: boot)
      guard size >= 0 else { throw .badOffset }
      guard size - state.files[number].now.count <= state.room else {
        throw .noSpace
      }
      try state.begin { state in state.files[number].change(.resize(size)) }
    }
  }

  public func sync() throws(StorageError) {
    try disk.run { (state) throws(StorageError) in
      try state.check(boot: boot)
      try state.begin(sync: true, failing: { $0.files[number].unsynced = [] }) { state in
        state.files[number].keep()
      }
    }
  }
}
