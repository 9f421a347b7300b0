// SPDX-License-Identifier: Apache-2.0

import BoardChoice
import Glibc

/// The program pump-paneld.
@main enum Entry {
  static func main() {
    let program = DaemonProgram(
      "pump-paneld", purpose: "Draws the screen and reads the keypad.", safeState: "the panel ends")
    exit(
      program.run { options, _ throws(StartError) in
        var daemon = try PanelDaemon(options)
        return daemon.run()
      })
  }
}
