// SPDX-License-Identifier: Apache-2.0

import CGPIO
import DeviceInterface
import Glibc
import LinuxHardware
import Testing
import Units

private let key = LineRequest(
  "key", bit: 3, .input(edges: true, debounce: .milliseconds(5)), activeLow: true, bias: .up)
private let door = LineRequest("door", bit: 4, .input(edges: false, debounce: .zero))
private let lamp = LineRequest("lamp", bit: 16, .output(initial: false))
private let brake = LineRequest("brake", bit: 17, .output(initial: true))

@Suite struct LineTests {
  @Test func `requests each line as the board says`() throws {
    let script = ScriptedLines("lines-options")
    defer { script.remove() }
    let lines = try LinuxLines([key, door, lamp, brake], consumer: script.consumer)
    let asked = try #require(script.requested["key"])
    #expect(asked.bit == 3 && asked.active_low && asked.edges && !asked.output)
    #expect(asked.bias == cg_bias_up && asked.debounce_us == 5_000)
    #expect(script.requested["door"]?.edges == false)
    #expect(script.requested["lamp"]?.output == true && script.requested["lamp"]?.initial == false)
    #expect(script.requested["brake"]?.initial == true)
    script.levels = ["door": true, "lamp": true]
    #expect(try lines.sample() == LineSample(levels: 1 << 4))
  }

  @Test(.tags(.`RC-004`)) func `RC-004 writes the safe levels before it lets the lines go`() throws
  {
    let script = ScriptedLines("lines-safe")
    defer { script.remove() }
    var lines: LinuxLines? = try LinuxLines([door, lamp, brake], consumer: script.consumer)
    try lines?.write(1 << 16, mask: 1 << 16 | 1 << 17)
    #expect(script.written.map(\.name) == ["lamp", "brake"])
    lines = nil
    #expect(script.written.suffix(2).map(\.name) == ["lamp", "brake"])
    #expect(script.written.suffix(2).map(\.level) == [false, true])
    #expect(script.released == ["door", "lamp", "brake"])
  }

  @Test func `writes the outputs in the mask that change, and no input`() throws {
    let script = ScriptedLines("lines-write")
    defer { script.remove() }
    let lines = try LinuxLines([door, lamp, brake], consumer: script.consumer)
    try lines.write(.max, mask: 1 << 16 | 1 << 4)
    try lines.write(.max, mask: .max)
    #expect(script.written.map(\.name) == ["lamp"])
    try lines.write(0, mask: 1 << 17)
    #expect(script.written.map(\.level) == [true, false])
  }

  @Test func `tells a failed write, makes the others and tries again`() throws {
    let script = ScriptedLines("lines-fail")
    defer { script.remove() }
    let lines = try LinuxLines([lamp, brake], consumer: script.consumer)
    script.failing = ["lamp": -EIO]
    #expect(throws: BusError.noAcknowledge) { try lines.write(1 << 16, mask: .max) }
    #expect(script.written.map(\.name) == ["brake"])
    script.failing = [:]
    try lines.write(1 << 16, mask: .max)
    #expect(script.written.map(\.name) == ["brake", "lamp"])
  }

  @Test func `tells a failed read`() throws {
    let script = ScriptedLines("lines-read")
    defer { script.remove() }
    let lines = try LinuxLines([door], consumer: script.consumer)
    script.failing = ["door": -EPERM]
    #expect(throws: BusError.permission) { try lines.sample() }
  }

  @Test func `sees a press between two samples, once`() throws {
    let script = ScriptedLines("lines-press")
    defer { script.remove() }
    let lines = try LinuxLines([key], consumer: script.consumer)
    script.edges["key"] = [(true, 1_000_000), (false, 7_000_000)]
    #expect(try lines.sample() == LineSample(levels: 0, risen: 8, fallen: 8))
    #expect(try lines.sample() == LineSample())
    script.levels["key"] = true
    script.edges["key"] = [(true, 20_000_000)]
    #expect(try lines.sample() == LineSample(levels: 8, risen: 8))
  }

  @Test(.enabled(if: LinuxLines.libraryVersion == 1, "the kernel debounces with libgpiod 2"))
  func `takes a pulse shorter than the debounce time for none`() throws {
    let script = ScriptedLines("lines-bounce")
    defer { script.remove() }
    let lines = try LinuxLines([key], consumer: script.consumer)
    script.edges["key"] = [(true, 1_000_000), (false, 5_900_000)]
    #expect(try lines.sample() == LineSample())
    // A contact that bounces before it rests is one press.
    script.levels["key"] = true
    script.edges["key"] = [(true, 100_000_000), (false, 100_200_000), (true, 100_300_000)]
    #expect(try lines.sample() == LineSample(levels: 8, risen: 8))
  }

  @Test func `is not kept by a line that bounces for ever`() throws {
    let script = ScriptedLines("lines-storm")
    defer { script.remove() }
    let lines = try LinuxLines([key], consumer: script.consumer)
    script.edges["key"] = (0..<1_000).map { ($0 % 2 == 0, Int64($0) * 10_000_000) }
    _ = try lines.sample()
    #expect(script.edges["key"]?.count == 984)
  }

  @Test(
    .tags(.`RC-041`, .`SRS-127`),
    arguments: [
      (ENOENT, DeviceError.Reason.missing), (ENODEV, .noChip), (ENOTUNIQ, .notUnique),
      (EBUSY, .busy(holder: "spi0 CS1")), (EACCES, .permission), (EINVAL, .unsupported),
    ])
  func `RC-041 SRS-127 names the line that cannot be had, and keeps none of the bank`(
    code: Int32, reason: DeviceError.Reason
  ) {
    let script = ScriptedLines("lines-error-\(code)")
    defer { script.remove() }
    script.refusals["lamp"] = -code
    script.holder = "spi0 CS1"
    #expect(throws: DeviceError(.line("lamp"), reason)) {
      try LinuxLines([door, lamp, brake], consumer: script.consumer)
    }
    #expect(script.released == ["door"])
    let text = "\(DeviceError(.line("lamp"), reason))"
    #expect(text.hasPrefix("GPIO line 'lamp': "))
    #expect(text.contains("; "))
  }

  @Test(arguments: [
    LineRequest("", bit: 0, .output(initial: false)),
    LineRequest(String(repeating: "x", count: 32), bit: 0, .output(initial: false)),
    LineRequest("a", bit: 32, .output(initial: false)),
    LineRequest("a", bit: -1, .output(initial: false)),
  ])
  func `refuses an impossible line without asking the kernel`(line: LineRequest) {
    let script = ScriptedLines("lines-bad-\(line.bit)-\(line.name.count)")
    defer { script.remove() }
    #expect(throws: DeviceError(.line(line.name), .unsupported)) {
      try LinuxLines([line], consumer: script.consumer)
    }
    #expect(script.requested.isEmpty)
  }

  @Test(.tags(.`RC-041`)) func `RC-041 refuses a line that no chip of this machine has`() {
    do {
      _ = try LinuxLines(
        [LineRequest("no-such-line", bit: 0, .output(initial: false))], consumer: "t")
      Issue.record("a line that is not there was requested")
    } catch {
      #expect(error.device == .line("no-such-line"))
      #expect([.noChip, .missing, .permission].contains(error.reason))
    }
  }
}
