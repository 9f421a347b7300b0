// SPDX-License-Identifier: Apache-2.0

public import Realtime

/// What every program on a board does with its command line, and how it ends.
public struct DaemonProgram: Sendable {
  public let name: String
  /// What the program is for, in one sentence for its help.
  public let purpose: String
  /// What a timer that fails leaves behind, as the program says it.
  public let safeState: String

  public init(_ name: String, purpose: String, safeState: String) {
    self.name = name
    self.purpose = purpose
    self.safeState = safeState
  }

  /// Reads the command line and does the work, which returns `true` when the process was asked to end
  /// and `false` when its timer ended it.
  ///
  /// - Returns: The exit status: 0 after an orderly end, 1 when the program cannot start or its timer
  ///   fails, 2 for a command line it does not understand, 3 when a device of the board cannot be used.
  public func run(
    _ work: (DaemonOptions, Console) throws(StartError) -> Bool
  ) -> Int32 {
    let console = Console(program: name)
    do throws(DaemonOptions.Mistake) {
      switch try DaemonOptions.parse(Array(CommandLine.arguments.dropFirst())) {
      case .help: print(DaemonOptions.help(program: name, purpose: purpose))
      case .version: print("\(name) \(ReleaseVersion.text)")
      case .run(let options): return start(options, console, work)
      }
      return 0
    } catch {
      console.say("\(error); see --help")
      return 2
    }
  }

  private func start(
    _ options: DaemonOptions, _ console: Console,
    _ work: (DaemonOptions, Console) throws(StartError) -> Bool
  ) -> Int32 {
    guard Termination.watch() else {
      console.say("cannot watch for the signal to end")
      return 1
    }
    do throws(StartError) {
      if try work(options, console) { return 0 }
      console.say("the timer does not hold: \(safeState)")
      return 1
    } catch {
      console.say("cannot start in \(options.run): \(error)")
      return error.status
    }
  }
}

extension Console {
  /// Prepares the calling thread for its cycle and tells what is missing.
  ///
  /// - Returns: Whether every guarantee of real time is there (RC-025).
  public func prepareRealtime(priority: Int32) -> Bool {
    let gaps = Realtime.prepareRealtime(priority: priority)
    if !gaps.isEmpty { say("no real-time guarantees, missing: \(gaps)") }
    return gaps.isEmpty
  }
}
