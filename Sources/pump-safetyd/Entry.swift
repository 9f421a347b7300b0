// SPDX-License-Identifier: Apache-2.0

import BoardChoice
import Glibc

/// The program pump-safetyd.
@main enum Entry {
  static func main() {
    let program = DaemonProgram(
      "pump-safetyd", purpose: "Watches the infusion and holds the gate of motor power.",
      safeState: "the gate is open")
    exit(
      program.run { options, console throws(StartError) in
        var daemon = try SafetyDaemon(options, console: console)
        // The monitor goes before the controller: it has the shorter work and the last word. What it
        // watches for, and its gate, do not depend on the answer.
        _ = console.prepareRealtime(priority: 60)
        return daemon.run()
      })
  }
}
