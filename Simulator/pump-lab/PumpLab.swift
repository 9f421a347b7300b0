// SPDX-License-Identifier: Apache-2.0

import Foundation
import LabBoard
import LocalTransport
import Plant
import SimulatedBoard
import Units

/// Runs the shipped programs against the kernel's own GPIO, I²C and watchdog, inside the lab's machine.
///
/// `pump-lab PROGRAMS REPORT`: the folder of the programs under test and the file of outcomes. The last
/// check leaves the watchdog unstroked, so that this program ends with the machine's restart; exit code
/// 1 when it does not.
@main enum PumpLab {
  static func main() {
    let words = CommandLine.arguments
    guard words.count == 3 else {
      print("usage: pump-lab PROGRAMS REPORT")
      exit(2)
    }
    var report = Report(path: words[2])
    do {
      let lab = try Lab(programs: words[1])
      for check in Lab.checks {
        let begun = MonotonicSource.machine
        let found: Result<String, any Error>
        do { found = .success(try check.run(lab)) } catch { found = .failure(error) }
        let took = (MonotonicSource.machine - begun).milliseconds
        switch found {
        case .success(let detail):
          report.add(Outcome(check: check.name, passed: true, detail: detail, milliseconds: took))
        case .failure(let error):
          let why = (error as? Failed)?.why ?? "\(error)"
          report.add(Outcome(check: check.name, passed: false, detail: why, milliseconds: took))
        }
      }
    } catch {
      report.add(Outcome(check: "the lab", passed: false, detail: "\(error)", milliseconds: 0))
    }
    exit(1)
  }
}
