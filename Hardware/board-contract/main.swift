// SPDX-License-Identifier: Apache-2.0

import Board
import BoardChoice
import BoardContract
import FoundationEssentials
import Glibc
import LocalTransport
import Realtime
import Units

/// The far end of lines that are files, as gpio-sim makes them: DIR/line/pull and DIR/line/value.
struct FileWorld: ContractWorld {
  let folder: String
  var now: Instant { MonotonicSource.machine }

  func set(_ line: BoardLine, _ on: Bool) -> Bool {
    let pull = on != line.activeLow ? "pull-up" : "pull-down"
    return FileManager.default.fileExists(atPath: path(line, "pull"))
      && (try? Data(pull.utf8).write(to: URL(filePath: path(line, "pull")))) != nil
  }

  func level(_ line: BoardLine) -> Bool? {
    guard let text = FileManager.default.contents(atPath: path(line, "value")) else { return nil }
    return (text.first == UInt8(ascii: "1")) != line.activeLow
  }

  func pass(milliseconds: Int) { usleep(UInt32(clamping: milliseconds * 1_000)) }

  private func path(_ line: BoardLine, _ file: String) -> String {
    "\(folder)/\(line.name)/\(file)"
  }
}

/// Runs the contract; the status of the program: 0 kept, 1 broken, 2 not understood, 3 no device.
func run(_ words: [String]) -> Int32 {
  guard words.count == 2, let map = BoardMap.all.first(where: { $0.id == words[0] }),
    case .run(let options)? = try? DaemonOptions.parse(
      ["--run", ".", "--board", words[0], "--watchdog", "none"])
  else {
    print(
      """
      usage: board-contract BOARD DIR

      Checks the contract of the board, reference or reference-stepdir, on this machine's devices. The
      far ends of its lines are DIR/LINE/pull and DIR/LINE/value, as gpio-sim has them.
      """)
    return 2
  }
  do throws(StartError) {
    let board = BoardChoice(options, allowing: .sameUser, clock: MonotonicSource())
    var contract = BoardContract(
      of: map, control: try board.control(), safety: try board.safety(),
      in: FileWorld(folder: words[1]))
    var kept = 0
    var broken = 0
    for result in contract.check() {
      switch result.outcome {
      case .kept:
        kept += 1
        print("ok        \(result.clause)")
      case .broken(let how):
        broken += 1
        print("BROKEN    \(result.clause): \(how)")
      case .notShown(let why): print("not shown \(result.clause): \(why)")
      }
    }
    print("\(kept) passed, \(broken) failed")
    return broken == 0 && kept > 0 ? 0 : 1
  } catch {
    print("board-contract: \(error)")
    return error.status
  }
}

exit(run(Array(CommandLine.arguments.dropFirst())))
