// SPDX-License-Identifier: Apache-2.0

import Units

/// The kernel's own record of every write of a GPIO line (the trace event gpio_value): what an
/// oscilloscope at the pins would show, without a gap and with its time.
///
/// Polling a line's level loses pulses; this record does not, and counts what it had to drop.
final class StepTrace: Sendable {
  private static let folder = "/sys/kernel/tracing"
  private let pipe: KernelFile

  /// One write of one line.
  struct Edge: Hashable {
    /// The line's number in the kernel.
    let line: Int
    let level: Bool
    let at: Instant
  }

  /// Begins to record every line.
  init() throws(LabError) {
    try KernelFile.put("8192", to: "\(Self.folder)/buffer_size_kb")
    try KernelFile.put("mono", to: "\(Self.folder)/trace_clock")
    try KernelFile.put("0", to: "\(Self.folder)/events/gpio/gpio_value/filter")
    try KernelFile.put("1", to: "\(Self.folder)/events/gpio/gpio_value/enable")
    try KernelFile.put("1", to: "\(Self.folder)/tracing_on")
    pipe = try KernelFile("\(Self.folder)/trace_pipe", waiting: false)
  }

  /// From now on only the writes of these lines.
  func narrow(to lines: ClosedRange<Int>) throws(LabError) {
    try KernelFile.put(
      "get == 0 && gpio >= \(lines.lowerBound) && gpio <= \(lines.upperBound)",
      to: "\(Self.folder)/events/gpio/gpio_value/filter")
  }

  /// What was recorded since the last call, in order; reads and writes alike.
  func take(_ found: (Edge, _ written: Bool) -> Void) throws(LabError) {
    var rest: [UInt8] = []
    while true {
      let bytes = pipe.read(65_536)
      guard !bytes.isEmpty else { break }
      rest += bytes
    }
    for line in rest.split(separator: 0x0a) {
      if line.first == UInt8(ascii: "C"), line.starts(with: Array("CPU".utf8)) {
        throw LabError("the kernel's trace lost events")
      }
      if let (edge, written) = Self.parse(line) { found(edge, written) }
    }
  }

  /// Reads one line of the record.
  ///
  /// `  pump-controld-71  [000] .....   12.345678: gpio_value: 497 set 1`, from its end and in bytes:
  /// thousands of them come in a second.
  static func parse(_ line: ArraySlice<UInt8>) -> (Edge, written: Bool)? {
    let space = UInt8(ascii: " ")
    let words = line.split(separator: space)
    guard words.count >= 5, let level = number(words[words.count - 1]), level <= 1,
      let place = number(words[words.count - 3]),
      words[words.count - 4].elementsEqual("gpio_value:".utf8)
    else { return nil }
    let stamp = words[words.count - 5].dropLast().split(separator: UInt8(ascii: "."))
    guard stamp.count == 2, let seconds = number(stamp[0]), let micros = number(stamp[1]) else {
      return nil
    }
    let edge = Edge(
      line: place, level: level == 1,
      at: .nanoseconds((Int64(seconds) * 1_000_000 + Int64(micros)) * 1_000))
    return (edge, words[words.count - 2].first == UInt8(ascii: "s"))
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard !digits.isEmpty, digits.count <= 12 else { return nil }
    var value = 0
    for digit in digits {
      guard digit >= 0x30, digit <= 0x39 else { return nil }
      value = value * 10 + Int(digit - 0x30)
    }
    return value
  }
}
