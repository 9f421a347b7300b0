// SPDX-License-Identifier: Apache-2.0

import ControlProcess
import Realtime

/// The recorder's ring in a file that outlives the process (RC-022): `blackbox.bin` of the run folder.
// RC-022: kill -9 leaves every cycle that was recorded.
struct BlackBox: RecordStore, Sendable {
  /// 32 segments, 8 MiB: about three quarters of an hour at 100 cycles a second.
  private static let size =
    RecordFormat.headerLength + 32 * RecordFormat.segmentLength
  private let file: MappedFile?

  /// A ring in the folder; none, and the reason told, when it cannot be had: a pump without its record
  /// still infuses.
  init(in folder: String, console: Console) {
    do throws(MappedFile.Refusal) {
      file = try MappedFile(path: folder + "/blackbox.bin", size: Self.size)
    } catch {
      file = nil
      console.say("no black box in \(folder): \(error)")
    }
  }

  var size: Int { file?.size ?? 0 }

  mutating func write(_ buffer: inout RecordBuffer, at offset: Int) {
    file?.write(buffer.bytes, count: buffer.count, at: offset)
  }

  mutating func commit(_ word: UInt64, at offset: Int) { file?.commit(word, at: offset) }
}
