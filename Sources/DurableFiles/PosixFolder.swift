// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A folder of the operating system's file system.
///
/// Files are made with mode 0600 and folders with 0700. A symbolic link in the place of a file or folder
/// below this one is not followed. Durability is that of fdatasync(2) and fsync(2): it ends where a
/// medium lies about having written.
public struct PosixFolder: DurableFolder {
  /// What the folder is opened for.
  public enum Access: Hashable, Sendable {
    /// To look: nothing is made, changed or locked.
    case reading
    /// To write, beside others.
    case writing
    /// To write, as the only process to do so; another one gets ``StorageError/inUse``.
    case writingAlone
  }

  private let handle: PosixHandle
  private let access: Access

  /// Opens the folder at `path`; one that is opened to write is made when it is not there.
  public init(path: String, access: Access = .writing) throws(StorageError) {
    if access != .reading, unsafe mkdir(path, 0o700) != 0, errno != EEXIST {
      throw StorageError(errno: errno)
    }
    let number = try call { unsafe Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) }
    handle = PosixHandle(number)
    self.access = access
    if access == .writingAlone { _ = try call { flock(number, LOCK_EX | LOCK_NB) } }
  }

  private init(_ handle: PosixHandle, access: Access) {
    self.handle = handle
    self.access = access
  }

  public func open(_ name: String) throws(StorageError) -> PosixFile {
    try checkName(name)
    let mode = access == .reading ? O_RDONLY : O_RDWR
    return PosixFile(
      PosixHandle(
        try call { unsafe openat(handle.number, name, mode | O_NOFOLLOW | O_CLOEXEC) }))
  }

  // SEC-403: what is made is its user's alone.
  public func create(_ name: String) throws(StorageError) -> PosixFile {
    try checkWriting(name)
    let flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    return PosixFile(
      PosixHandle(try call { unsafe openat(handle.number, name, flags, 0o600) }))
  }

  public func folder(_ name: String) throws(StorageError) -> PosixFolder {
    try checkName(name)
    if access != .reading, unsafe mkdirat(handle.number, name, 0o700) != 0, errno != EEXIST {
      throw StorageError(errno: errno)
    }
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
    let number = try call { unsafe openat(handle.number, name, flags) }
    return PosixFolder(PosixHandle(number), access: access)
  }

  public func list() throws(StorageError) -> [String] {
    // A descriptor of its own: the position of a listing belongs to the open folder.
    let number = try call {
      unsafe openat(handle.number, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    }
    guard let stream = unsafe fdopendir(number) else {
      let why = errno
      close(number)
      throw StorageError(errno: why)
    }
    defer { unsafe closedir(stream) }
    var names: [String] = []
    while true {
      errno = 0
      guard let entry = unsafe readdir(stream) else {
        if errno != 0 { throw StorageError(errno: errno) }
        break
      }
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  public func rename(_ old: String, to new: String) throws(StorageError) {
    try checkWriting(old)
    try checkName(new)
    _ = try call { unsafe renameat(handle.number, old, handle.number, new) }
  }

  public func remove(_ name: String) throws(StorageError) {
    try checkWriting(name)
    _ = try call { unsafe unlinkat(handle.number, name, 0) }
  }

  public func sync() throws(StorageError) { _ = try call { fsync(handle.number) } }

  /// Bytes that are free on the medium for this process's user.
  public func space() throws(StorageError) -> Int64 {
    var found = statvfs()
    _ = try call { unsafe fstatvfs(handle.number, &found) }
    let (bytes, overflow) = UInt64(found.f_bavail).multipliedReportingOverflow(
      by: UInt64(found.f_frsize))
    return overflow ? .max : Int64(clamping: bytes)
  }

  private func checkName(_ name: String) throws(StorageError) {
    guard isFileName(name) else { throw .badName }
  }

  private func checkWriting(_ name: String) throws(StorageError) {
    try checkName(name)
    guard access != .reading else { throw .readOnly }
  }
}

/// A file of the operating system's file system.
public struct PosixFile: DurableFile {
  private let handle: PosixHandle

  init(_ handle: PosixHandle) { self.handle = handle }

  public func size() throws(StorageError) -> Int {
    var status = stat()
    _ = try call { unsafe fstat(handle.number, &status) }
    return status.st_size
  }

  public func read(at offset: Int, count: Int) throws(StorageError) -> [UInt8] {
    guard offset >= 0, count >= 0 else { throw .badOffset }
    let length = Swift.min(count, Swift.max(0, try size() - offset))
    var failure: StorageError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: length) { buffer, done in
      while done < length {
        let result = unsafe pread(
          handle.number, buffer.baseAddress?.advanced(by: done), length - done, offset + done)
        if result == 0 { break }
        if result > 0 {
          done += result
        } else if errno != EINTR {
          failure = StorageError(errno: errno)
          break
        }
      }
    }
    if let failure { throw failure }
    return bytes
  }

  public func write(_ bytes: [UInt8], at offset: Int) throws(StorageError) {
    guard offset >= 0 else { throw .badOffset }
    var done = 0
    while done < bytes.count {
      let result = unsafe bytes.withUnsafeBytes { buffer in
        unsafe pwrite(
          handle.number, buffer.baseAddress?.advanced(by: done), bytes.count - done, offset + done)
      }
      if result > 0 {
        done += result
      } else if result == 0 {
        throw .noSpace
      } else if errno != EINTR {
        throw StorageError(errno: errno)
      }
    }
  }

  public func resize(to size: Int) throws(StorageError) {
    guard size >= 0 else { throw .badOffset }
    _ = try call { ftruncate(handle.number, size) }
  }

  public func sync() throws(StorageError) { _ = try call { fdatasync(handle.number) } }
}

/// An open descriptor, closed with its last owner.
final class PosixHandle: Sendable {
  let number: Int32
  init(_ number: Int32) { self.number = number }
  deinit { close(number) }
}

/// The result of a call that gives -1 and errno on failure; tried again after a signal.
private func call(_ body: () -> Int32) throws(StorageError) -> Int32 {
  while true {
    let result = body()
    if result >= 0 { return result }
    if errno != EINTR { throw StorageError(errno: errno) }
  }
}
