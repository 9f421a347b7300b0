// SPDX-License-Identifier: Apache-2.0

import CCount
import Domain
import Glibc

/// Counts allocations and locks of the steady cycle, and times it.
///
/// `cycle-probe --cycles N` prints one JSON object. `--disturb` lets one cycle allocate and lock, which
/// the counts must then show. Exit status: 0 counted, 1 the pump did not infuse, 2 a wrong option.
@main enum Main {
  static func main() {
    let words = CommandLine.arguments.dropFirst()
    let disturb = words.last == "--disturb"
    let rest = Array(disturb ? words.dropLast() : words)
    guard rest.count == 2, rest[0] == "--cycles", let cycles = Int(rest[1]), cycles > 0,
      cycles <= 100_000_000
    else {
      print("usage: cycle-probe --cycles N [--disturb]")
      exit(2)
    }
    let probe = Probe()
    probe.infuse()
    probe.run(cycles, counting: true)
    if disturb {
      cc_begin()
      cc_allocate_and_lock()
      cc_end()
    }
    print(
      "{\"cycles\": \(probe.steps), \"state\": \"\(probe.state)\", "
        + "\"ns_per_cycle\": \(probe.nanoseconds / max(probe.steps, 1)), "
        + "\"allocations\": \(cc_allocations()), \"locks\": \(cc_locks())}")
    exit(probe.state == .infusing ? 0 : 1)
  }
}
