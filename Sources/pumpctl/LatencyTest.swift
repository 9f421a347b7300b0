// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import CRealtime
import Foundation

/// Measures how punctually this machine wakes a thread of the controller's kind.
struct LatencyTest: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure how punctually this machine wakes a real-time thread.",
    discussion: """
      Runs a thread like the controller's (SCHED_FIFO, locked memory, absolute wake-up times) and counts
      how late it is woken. Do on the machine meanwhile what it will have to do. It asks no pump and moves
      nothing; without the right to SCHED_FIFO it measures an ordinary thread and says so.
      """)
  @Option(help: "How long, in seconds, 1 to 86400.") var seconds = 10
  @Option(help: "The period in microseconds, 100 to 1000000.") var period = 1_000
  @Option(help: "The SCHED_FIFO priority, 1 to 99.") var priority: Int32 = 50
  @Flag(help: "Print one line of JSON.") var json = false

  func validate() throws {
    guard (1...86_400).contains(seconds) else { throw ValidationError("--seconds: 1 to 86400") }
    guard (100...1_000_000).contains(period) else {
      throw ValidationError("--period: 100 to 1000000")
    }
    guard (1...99).contains(priority) else { throw ValidationError("--priority: 1 to 99") }
  }

  func run() throws {
    var missing: [String] = []
    if rp_lock_memory() != 0 { missing.append("locked memory") }
    rp_prefault_stack()
    if rp_set_fifo(priority) != 0 { missing.append("SCHED_FIFO") }
    let awake = rp_keep_awake() == 0
    let outcome = measure()
    let advice = Machine().advice(missing: missing, awake: awake)
    if json {
      print(outcome.json(self, missing: missing, advice: advice))
    } else {
      print(outcome.text(self, missing: missing, advice: advice))
    }
  }

  private func measure() -> LatencyOutcome {
    var outcome = LatencyOutcome()
    let step = Int64(period) * 1_000
    let beats = Int64(seconds) * 1_000_000 / Int64(period)
    let progress = !json && isatty(2) == 1
    // Twice: the first makes what reading needs, so that the second finds it there.
    _ = Machine.pageFaults()
    let before = Machine.pageFaults()
    var next = rp_clock() + step
    let start = next
    var told: Int64 = 0
    while next - start < beats * step {
      rp_sleep_until(next)
      let late = rp_clock() - next
      outcome.histogram.record(late)
      // A beat that lies in the past is missed, not made up for.
      let skipped = max(0, late / step)
      outcome.missed += skipped
      next += (skipped + 1) * step
      if progress, (next - start) / 1_000_000_000 > told {
        told = (next - start) / 1_000_000_000
        let line = "\r\(told) of \(seconds) s, latest \(outcome.histogram.worst / 1_000) µs "
        FileHandle.standardError.write(Data(line.utf8))
      }
    }
    if let before, let after = Machine.pageFaults() { outcome.pageFaults = after - before }
    if progress { FileHandle.standardError.write(Data("\n".utf8)) }
    return outcome
  }
}

/// What a latency test found.
struct LatencyOutcome {
  var histogram = LatencyHistogram()
  /// Periods that began later than a whole period.
  var missed: Int64 = 0
  /// Page faults of the thread meanwhile; `nil` where the kernel does not say.
  var pageFaults: Int64?

  /// The points that are shown, in millionths.
  private static let points: [(name: String, millionths: UInt64)] = [
    ("p50", 500_000), ("p99", 990_000), ("p99.9", 999_000), ("p99.99", 999_900),
  ]

  func json(_ test: LatencyTest, missing: [String], advice: [String]) -> String {
    var lateness = [
      ("min", "\(histogram.count == 0 ? 0 : histogram.best / 1_000)"),
      ("mean", "\(histogram.mean / 1_000)"),
    ]
    for point in Self.points {
      lateness.append((point.name, "\(histogram.percentile(millionths: point.millionths))"))
    }
    lateness.append(("max", "\((histogram.worst + 999) / 1_000)"))
    func texts(_ list: [String]) -> String {
      "[" + list.map { "\"\($0)\"" }.joined(separator: ",") + "]"
    }
    let figures = lateness.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",")
    let buckets = histogram.filled.map { "[\($0.microseconds),\($0.count)]" }.joined(separator: ",")
    return
      "{\"seconds\":\(test.seconds),\"period_us\":\(test.period),\"priority\":\(test.priority),"
      + "\"wakeups\":\(histogram.count),\"missed\":\(missed),"
      + "\"page_faults\":\(pageFaults.map(String.init) ?? "null"),\"lateness_us\":{\(figures)},"
      + "\"missing\":\(texts(missing)),\"advice\":\(texts(advice)),\"histogram\":[\(buckets)]}"
  }

  func text(_ test: LatencyTest, missing: [String], advice: [String]) -> String {
    var lines = [
      "\(histogram.count) wake-ups every \(test.period) µs at priority \(test.priority)"
        + (missing.isEmpty ? "" : ", without \(missing.joined(separator: " and "))"),
      "",
    ]
    var shown: [(String, Int64)] = [("mean", histogram.mean / 1_000)]
    for point in Self.points {
      shown.append((point.name, histogram.percentile(millionths: point.millionths)))
    }
    shown.append(("latest", (histogram.worst + 999) / 1_000))
    for (name, microseconds) in shown {
      lines.append("  \(padded(name, 8, left: true))\(padded("\(microseconds)", 9)) µs late")
    }
    lines.append("")
    lines += bars
    lines.append("")
    lines.append("missed deadlines: \(missed)")
    lines.append("page faults: \(pageFaults.map(String.init) ?? "unknown")")
    lines += advice.map { "advice: \($0)" }
    return lines.joined(separator: "\n")
  }

  /// The histogram in doubling buckets, each bar to the largest.
  private var bars: [String] {
    var rows: [(below: Int, count: UInt64)] = []
    var edge = 1
    var rest = histogram.filled[...]
    while !rest.isEmpty {
      var count: UInt64 = 0
      while let first = rest.first, first.microseconds < edge {
        count += UInt64(first.count)
        rest = rest.dropFirst()
      }
      rows.append((edge, count))
      edge *= 2
    }
    let largest = max(1, rows.map(\.count).max() ?? 1)
    return rows.filter { $0.count > 0 }.map { row in
      // At least one mark: a single late wake-up is what the test is for.
      let marks = max(1, Int(row.count * 40 / largest))
      return "  < \(padded("\(row.below)", 6)) µs \(padded("\(row.count)", 9))  "
        + String(repeating: "#", count: marks)
    }
  }

  private func padded(_ text: String, _ width: Int, left: Bool = false) -> String {
    let space = String(repeating: " ", count: max(0, width - text.count))
    return left ? text + space : space + text
  }
}

/// What this machine says of itself.
private struct Machine {
  private func line(_ path: String) -> String? {
    FileManager.default.contents(atPath: path).map {
      String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
  }

  /// Minor and major page faults of this thread so far.
  static func pageFaults() -> Int64? {
    guard let data = FileManager.default.contents(atPath: "/proc/thread-self/stat") else {
      return nil
    }
    // The name of the program, in brackets, may contain spaces; what follows may not.
    guard let tail = String(decoding: data, as: UTF8.self).split(separator: ")").last else {
      return nil
    }
    let fields = tail.split(separator: " ")
    guard fields.count > 9, let minor = Int64(fields[7]), let major = Int64(fields[9]) else {
      return nil
    }
    return minor + major
  }

  func advice(missing: [String], awake: Bool) -> [String] {
    var advice: [String] = []
    if missing.contains("SCHED_FIFO") {
      advice.append(
        "give the user CAP_SYS_NICE or RLIMIT_RTPRIO; the figures are of an ordinary thread")
    }
    if missing.contains("locked memory") {
      advice.append("give the user CAP_IPC_LOCK or RLIMIT_MEMLOCK")
    }
    if !awake {
      advice.append("give the user the right to /dev/cpu_dma_latency; an idle processor wakes late")
    }
    if line("/sys/kernel/realtime") != "1" { advice.append("use a kernel with PREEMPT_RT") }
    if let governor = line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
      governor != "performance"
    {
      advice.append("set the governor to performance; it is \(governor)")
    }
    if line("/sys/devices/system/cpu/isolated") ?? "" == "" {
      advice.append(
        "isolate a core for the pump: isolcpus, nohz_full and rcu_nocbs on the kernel's line")
    }
    return advice
  }
}
