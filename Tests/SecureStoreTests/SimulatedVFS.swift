// SPDX-License-Identifier: Apache-2.0

// SQLite's contract gives its callbacks no null where they force one here.
// swift-format-ignore-file: NeverForceUnwrap

import DurableFiles
import GRDBSQLite
import Glibc
import SimulatedDisk
import Synchronization

/// SQLite's operating system, played by simulated disks.
///
/// A path `/simulated/N/name` is the file `name` on disk N; everything else goes to the real one.
/// Errors of the disk become SQLite's, and a journal's name is synced with its first content, as SQLite's
/// own layer over POSIX does.
enum SimulatedVFS {
  private struct Disks {
    var next = 1
    var folders: [Int: SimulatedFolder] = [:]
  }

  private static let disks = Mutex(Disks())

  /// The path of a database on the disk, as it is powered now.
  static func path(on disk: SimulatedDisk) -> String {
    precondition(isRegistered)
    return disks.withLock { disks in
      defer { disks.next += 1 }
      disks.folders[disks.next] = disk.root
      // No test has so many at a time; all of ten thousand cuts would fill the memory.
      disks.folders[disks.next - 1_024] = nil
      return "/simulated/\(disks.next)/store"
    }
  }

  /// The folder and the name that a path stands for.
  fileprivate static func find(_ path: UnsafePointer<CChar>?) -> (SimulatedFolder, String)? {
    guard let path = unsafe path else { return nil }
    let parts = unsafe String(cString: path).split(separator: "/")
    guard parts.count == 3, parts[0] == "simulated", let number = Int(parts[1]) else { return nil }
    return disks.withLock { disks in disks.folders[number].map { ($0, String(parts[2])) } }
  }

  private static func real(_ vfs: UnsafeMutablePointer<sqlite3_vfs>?)
    -> UnsafeMutablePointer<sqlite3_vfs>
  {
    unsafe vfs!.pointee.pAppData!.assumingMemoryBound(to: sqlite3_vfs.self)
  }

  private static let isRegistered: Bool = {
    guard let real = unsafe sqlite3_vfs_find(nil) else { return false }
    let own = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    unsafe own.initialize(to: real.pointee)
    unsafe own.pointee.szOsFile = max(real.pointee.szOsFile, Int32(MemoryLayout<OpenFile>.size))
    unsafe own.pointee.zName = UnsafePointer(strdup("simulated"))
    unsafe own.pointee.pAppData = UnsafeMutableRawPointer(real)
    unsafe own.pointee.xOpen = { vfs, path, file, flags, outFlags in
      guard let (folder, name) = unsafe SimulatedVFS.find(path) else {
        let real = unsafe SimulatedVFS.real(vfs)
        return unsafe real.pointee.xOpen(real, path, file, flags, outFlags)
      }
      let open = unsafe UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFile.self)
      unsafe open.pointee.base.pMethods = nil
      do throws(StorageError) {
        var handle: SimulatedFile
        do throws(StorageError) {
          handle = try folder.open(name)
        } catch .notFound {
          guard flags & SQLITE_OPEN_CREATE != 0 else { return SQLITE_CANTOPEN }
          handle = try folder.create(name)
        }
        let box = FileBox(folder: folder, file: handle, name: name)
        unsafe open.pointee.box = Unmanaged.passRetained(box)
        unsafe open.pointee.base.pMethods = UnsafePointer(SimulatedVFS.methods)
        unsafe outFlags?.pointee = flags
        return SQLITE_OK
      } catch {
        return error == .noSpace ? SQLITE_FULL : SQLITE_CANTOPEN
      }
    }
    unsafe own.pointee.xDelete = { vfs, path, syncs in
      guard let (folder, name) = unsafe SimulatedVFS.find(path) else {
        let real = unsafe SimulatedVFS.real(vfs)
        return unsafe real.pointee.xDelete(real, path, syncs)
      }
      do throws(StorageError) {
        try folder.remove(name)
        if syncs != 0 { try folder.sync() }
        return SQLITE_OK
      } catch {
        return error == .notFound ? SQLITE_IOERR | (23 << 8) : SQLITE_IOERR | (10 << 8)
      }
    }
    unsafe own.pointee.xAccess = { vfs, path, flags, result in
      guard let (folder, name) = unsafe SimulatedVFS.find(path) else {
        let real = unsafe SimulatedVFS.real(vfs)
        return unsafe real.pointee.xAccess(real, path, flags, result)
      }
      do throws(StorageError) {
        // An empty file is none, as in SQLite's own layer.
        var size = 0
        do throws(StorageError) { size = try folder.open(name).size() } catch .notFound {}
        unsafe result?.pointee = size > 0 ? 1 : 0
        return SQLITE_OK
      } catch {
        return SQLITE_IOERR | (13 << 8)
      }
    }
    unsafe own.pointee.xFullPathname = { vfs, path, count, output in
      guard unsafe SimulatedVFS.find(path) != nil else {
        let real = unsafe SimulatedVFS.real(vfs)
        return unsafe real.pointee.xFullPathname(real, path, count, output)
      }
      _ = unsafe strncpy(output!, path!, Int(count))
      return SQLITE_OK
    }
    return unsafe sqlite3_vfs_register(own, 1) == SQLITE_OK
  }()

  nonisolated(unsafe) private static let methods: UnsafeMutablePointer<sqlite3_io_methods> = {
    let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
    unsafe methods.initialize(to: sqlite3_io_methods())
    unsafe methods.pointee.iVersion = 1
    unsafe methods.pointee.xClose = { file in
      let open = unsafe UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFile.self)
      unsafe open.pointee.box?.release()
      unsafe open.pointee.box = nil
      return SQLITE_OK
    }
    unsafe methods.pointee.xRead = { file, output, count, offset in
      let box = unsafe FileBox.of(file)
      guard let bytes = try? box.file.read(at: Int(offset), count: Int(count)) else {
        return SQLITE_IOERR | (1 << 8)
      }
      unsafe output!.copyMemory(from: bytes, byteCount: bytes.count)
      if bytes.count < count {
        _ = unsafe memset(output! + bytes.count, 0, Int(count) - bytes.count)
        return SQLITE_IOERR | (2 << 8)
      }
      return SQLITE_OK
    }
    unsafe methods.pointee.xWrite = { file, input, count, offset in
      let bytes = unsafe Array(UnsafeRawBufferPointer(start: input, count: Int(count)))
      do throws(StorageError) {
        try unsafe FileBox.of(file).file.write(bytes, at: Int(offset))
        return SQLITE_OK
      } catch {
        return error == .noSpace ? SQLITE_FULL : SQLITE_IOERR | (3 << 8)
      }
    }
    unsafe methods.pointee.xTruncate = { file, size in
      do throws(StorageError) {
        try unsafe FileBox.of(file).file.resize(to: Int(size))
        return SQLITE_OK
      } catch {
        return SQLITE_IOERR | (6 << 8)
      }
    }
    unsafe methods.pointee.xSync = { file, _ in
      let box = unsafe FileBox.of(file)
      do throws(StorageError) {
        try box.file.sync()
        if box.takeFirstSync() { try box.folder.sync() }
        return SQLITE_OK
      } catch {
        return SQLITE_IOERR | (4 << 8)
      }
    }
    unsafe methods.pointee.xFileSize = { file, size in
      do throws(StorageError) {
        let count = try unsafe FileBox.of(file).file.size()
        unsafe size?.pointee = sqlite3_int64(count)
        return SQLITE_OK
      } catch {
        return SQLITE_IOERR | (7 << 8)
      }
    }
    unsafe methods.pointee.xLock = { _, _ in SQLITE_OK }
    unsafe methods.pointee.xUnlock = { _, _ in SQLITE_OK }
    unsafe methods.pointee.xCheckReservedLock = { _, result in
      unsafe result?.pointee = 0
      return SQLITE_OK
    }
    unsafe methods.pointee.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
    unsafe methods.pointee.xSectorSize = { _ in 4_096 }
    unsafe methods.pointee.xDeviceCharacteristics = { _ in 0 }
    return unsafe methods
  }()
}

/// What SQLite sees as a file.
@unsafe private struct OpenFile {
  var base: sqlite3_file
  var box: Unmanaged<FileBox>?
}

private final class FileBox: Sendable {
  let folder: SimulatedFolder
  let file: SimulatedFile
  private let syncsName: Mutex<Bool>

  init(folder: SimulatedFolder, file: SimulatedFile, name: String) {
    self.folder = folder
    self.file = file
    syncsName = Mutex(name.hasSuffix("-wal") || name.hasSuffix("-journal"))
  }

  /// Whether this is the first sync of a journal, which takes the folder's along.
  func takeFirstSync() -> Bool {
    syncsName.withLock { syncs in
      defer { syncs = false }
      return syncs
    }
  }

  static func of(_ file: UnsafeMutablePointer<sqlite3_file>?) -> FileBox {
    let open = unsafe UnsafeMutableRawPointer(file!).assumingMemoryBound(to: OpenFile.self)
    return unsafe open.pointee.box!.takeUnretainedValue()
  }
}
