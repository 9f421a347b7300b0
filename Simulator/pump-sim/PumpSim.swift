// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The simulated pump on the command line.
@main
struct PumpSim: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pump-sim",
    abstract: "ReferencePump, simulated. Not a medical device; never for use on a patient.",
    version: "0.1.0", subcommands: [Up.self])
}
