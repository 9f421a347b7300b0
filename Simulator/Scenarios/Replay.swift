// SPDX-License-Identifier: Apache-2.0

import ControlProcess
import Drivers

/// Runs the controller again on what a recording kept.
public enum Replay {
  public struct Outcome: Sendable, Hashable {
    /// Cycles run, the differing one included.
    public var cycles: UInt64
    /// The first cycle whose output is not the recorded one, from 1; `nil` when all are.
    public var firstDifference: UInt64?
  }

  /// Plays a recording from its start to its end or to the first difference.
  // RC-022 SRS-114: the replay must give the recorded outputs bit for bit.
  public static func run(_ file: [UInt8]) throws(RecordingRefusal) -> Outcome {
    var player = try Player(file)
    let began = try player.start()
    var cycle = ControlCycle(board: PlaybackBoard(player, memorySize: 512))
    cycle.start(at: began)
    while let input = try cycle.board.player.next() {
      let outbox = cycle.step(input.inbox, at: input.now)
      try cycle.board.player.end(outbox.publish ? outbox.status : nil, outbox.events)
      if cycle.board.player.firstDifference != nil { break }
    }
    return Outcome(
      cycles: cycle.board.player.cycles, firstDifference: cycle.board.player.firstDifference)
  }
}
