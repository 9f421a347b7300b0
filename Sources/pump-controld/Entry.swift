// SPDX-License-Identifier: Apache-2.0

import BoardChoice
import Glibc

/// The program pump-controld.
@main enum Entry {
  static func main() {
    let program = DaemonProgram(
      "pump-controld", purpose: "Runs the infusion: the motor, sensor set A, STOP and CONFIRM.",
      safeState: "the motor is off")
    exit(
      program.run { options, console throws(StartError) in
        var daemon = try ControlDaemon(options, console: console)
        return daemon.run(realtime: console.prepareRealtime(priority: 50))
      })
  }
}
