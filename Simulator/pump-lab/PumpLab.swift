// SPDX-License-Identifier: Apache-2.0

import Board
import Foundation
import LabBoard
import LocalTransport
import Plant
import SimulatedBoard
import Units

/// Runs the shipped programs against the kernel's own GPIO, I²C and watchdog, inside the lab's machine.
///
/// `pump-lab PROGRAMS REPORT BOARD`: the folder of the programs under test, the file of outcomes, and
/// `reference-stepdir` or `reference`. The last check of the reference board leaves the watchdog
/// unstroked, so that the program then ends with the machine's restart. Exit code: 0 all passed, 1 not.
@main enum PumpLab {
  static func main() {
    let words = CommandLine.arguments
    guard words.count == 4, let map = BoardMap.all.first(where: { $0.id == words[3] }) else {
      print("usage: pump-lab PROGRAMS REPORT BOARD")
      exit(2)
    }
    var report = Report(path: words[2])
    do {
      let lab = try Lab(programs: words[1], map: map)
      for check in lab.checks {
        let begun = MonotonicSource.machine
        let found: Result<String, any Error>
        do { found = .success(try check.run(lab)) } catch { found = .failure(error) }
        let took = (MonotonicSource.machine - begun).milliseconds
        switch found {
        case .success(let detail):
          report.add(
            Outcome(
              check: "\(map.id) \(check.name)", passed: true, detail: detail, milliseconds: took))
        case .failure(let error):
          let why = (error as? Failed)?.why ?? "\(error)"
          report.add(
            Outcome(
              check: "\(map.id) \(check.name)", passed: false, detail: why, milliseconds: took))
        }
      }
      lab.daemons.stop()
    } catch {
      report.add(Outcome(check: "the lab", passed: false, detail: "\(error)", milliseconds: 0))
    }
    exit(report.failures == 0 ? 0 : 1)
  }
}
