// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why the lab cannot be set up: the file of the kernel and what it answered.
public struct LabError: Error, Sendable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }

  init(_ path: String, _ call: String) {
    let number = errno
    description = "\(path): \(call): \(unsafe String(cString: strerror(number)))"
  }
}

/// An open file of the kernel's: a sysfs attribute or a character device.
final class KernelFile: Sendable {
  let path: String
  private let number: Int32

  init(_ path: String, writable: Bool = false, waiting: Bool = true) throws(LabError) {
    let flags = (writable ? O_RDWR : O_RDONLY) | O_CLOEXEC | (waiting ? 0 : O_NONBLOCK)
    number = unsafe open(path, flags)
    guard number >= 0 else { throw LabError(path, "open") }
    self.path = path
  }

  deinit { close(number) }

  /// Reads at most `count` bytes where the file stands; empty at the end or when nothing waits.
  func read(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = unsafe bytes.withUnsafeMutableBytes { room in
      unsafe Glibc.read(number, room.baseAddress, count)
    }
    bytes.removeLast(count - Swift.max(0, got))
    return bytes
  }

  /// The first letter of an attribute.
  func firstByte() -> UInt8? {
    var byte: UInt8 = 0
    let got = unsafe withUnsafeMutableBytes(of: &byte) { room in
      unsafe pread(number, room.baseAddress, 1, 0)
    }
    return got == 1 ? byte : nil
  }

  @discardableResult
  func write(_ bytes: [UInt8]) -> Bool {
    let done = unsafe bytes.withUnsafeBytes { room in
      unsafe Glibc.write(number, room.baseAddress, room.count)
    }
    return done == bytes.count
  }

  @discardableResult
  func write(_ text: String) -> Bool { write(Array(text.utf8)) }

  /// Puts the calling thread before every program under test: chips and physics wait for nobody.
  static func goFirst(priority: Int32) {
    var wanted = sched_param()
    wanted.sched_priority = priority
    unsafe pthread_setschedparam(pthread_self(), SCHED_FIFO, &wanted)
  }

  // MARK: Without keeping it open

  static func put(_ text: String, to path: String) throws(LabError) {
    let file = try KernelFile(path, writable: true)
    guard file.write(text) else { throw LabError(path, "write '\(text)'") }
  }

  static func text(of path: String) throws(LabError) -> String {
    let bytes = try KernelFile(path).read(4_096)
    return String(decoding: bytes.prefix { $0 != 0x0a }, as: UTF8.self)
  }

  static func makeFolder(_ path: String) throws(LabError) {
    guard unsafe mkdir(path, 0o755) == 0 || errno == EEXIST else { throw LabError(path, "mkdir") }
  }

  static func link(_ path: String, to target: String) throws(LabError) {
    _ = unsafe unlink(path)
    guard unsafe symlink(target, path) == 0 else { throw LabError(path, "symlink") }
  }
}
