// SPDX-License-Identifier: Apache-2.0

import BoardChoice
import Glibc
import Realtime

/// The command line of pump-controld: 0 after an orderly end, 1 when it cannot start or its timer fails, 2 for
/// a command line it does not understand, 3 when a device of the board cannot be used.
@main enum Entry {
  private static var program: String { "pump-controld" }

  static func main() { exit(run(Array(CommandLine.arguments.dropFirst()))) }

  private static func run(_ words: [String]) -> Int32 {
    let console = Console(program: program)
    do throws(DaemonOptions.Mistake) {
      switch try DaemonOptions.parse(words) {
      case .help:
        print(
          DaemonOptions.help(
            program: program,
            purpose: "Runs the infusion: the motor, sensor set A, STOP and CONFIRM."))
        return 0
      case .version:
        print("\(program) \(ReleaseVersion.text)")
        return 0
      case .run(let options): return control(options, console)
      }
    } catch {
      console.say("\(error); see --help")
      return 2
    }
  }

  private static func control(_ options: DaemonOptions, _ console: Console) -> Int32 {
    guard Termination.watch() else {
      console.say("cannot watch for the signal to end")
      return 1
    }
    do throws(StartError) {
      var daemon = try ControlDaemon(options, console: console)
      let gaps = prepareRealtime(priority: 50)
      if !gaps.isEmpty { console.say("no real-time guarantees, missing: \(gaps)") }
      guard daemon.run(realtime: gaps.isEmpty) else {
        console.say("the timer does not hold: the motor is off")
        return 1
      }
      return 0
    } catch {
      console.say("cannot start in \(options.run): \(error)")
      return error.status
    }
  }
}
