// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import Synchronization

/// Appends every event to a file, on a thread of its own.
///
/// **What is promised.** A record is in the file and on the disk (fsync) within 50 ms of its event,
/// plus what the disk takes; a power cut loses at most that. Records are only ever added at the end,
/// and a line that a power cut left unfinished is closed before the next. The caller never waits: up to
/// ``capacity`` events wait for a slow disk, and those beyond are counted and show as `missed` in the
/// next record of their source.
final class EventLog: Sendable {
  static let capacity = 4_096

  private struct Contents {
    var waiting: [(event: PumpEvent, at: Date)] = []
    var closing = false
    var closed = false
  }

  private let contents = Mutex(Contents())
  private let path: String

  /// Opens the log and starts its thread; throws when the file cannot be made.
  init(folder: String) throws {
    let files = FileManager.default
    try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
    path = folder + "/events.jsonl"
    if !files.fileExists(atPath: path), !files.createFile(atPath: path, contents: nil) {
      throw CocoaError(.fileWriteNoPermission)
    }
    _ = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let thread = Thread { [self] in write() }
    thread.name = "event-log"
    thread.start()
  }

  /// Takes an event for the file; never waits.
  func append(_ event: PumpEvent) {
    let at = Date()
    contents.withLock { contents in
      if contents.waiting.count < Self.capacity { contents.waiting.append((event, at)) }
    }
  }

  /// Writes what waits and ends the thread.
  func close() {
    contents.withLock { $0.closing = true }
    for _ in 0..<100 where !contents.withLock({ $0.closed }) {
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  private func write() {
    var last: [EventSource: UInt32] = [:]
    var handle: FileHandle?
    var complained = false
    while true {
      let (batch, closing) = contents.withLock { contents in
        (contents.waiting, contents.closing)
      }
      if !batch.isEmpty {
        do {
          let file = try handle ?? open()
          handle = file
          var numbers = last
          var bytes = Data()
          for (event, at) in batch {
            let before = numbers[event.source] ?? 0
            // A source that starts again counts from 1 again.
            let missed = event.number > before ? event.number - before - 1 : 0
            numbers[event.source] = event.number
            bytes += try EventRecord(event, missed: missed, recorded: at).line()
          }
          try file.seekToEnd()
          try file.write(contentsOf: bytes)
          try file.synchronize()
          last = numbers
          contents.withLock { $0.waiting.removeFirst(batch.count) }
          complained = false
        } catch {
          handle = nil
          if !complained { report("\(path) cannot be written: \(error)") }
          complained = true
        }
      }
      if closing { break }
      Thread.sleep(forTimeInterval: 0.05)
    }
    contents.withLock { $0.closed = true }
  }

  private func open() throws -> FileHandle {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let end = try file.seekToEnd()
    guard end > 0 else { return file }
    try file.seek(toOffset: end - 1)
    if try file.read(upToCount: 1) != Data([0x0a]) { try file.write(contentsOf: Data([0x0a])) }
    return file
  }
}

/// Tells the person or service manager that reads standard error.
func report(_ text: String) {
  FileHandle.standardError.write(Data("pump-serviced: \(text)\n".utf8))
}
