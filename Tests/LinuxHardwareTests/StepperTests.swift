// SPDX-License-Identifier: Apache-2.0

import CGPIO
import DeviceInterface
import Drivers
import Glibc
import LinuxHardware
import Synchronization
import Testing
import Units

private let requests = [
  LineRequest("supply", bit: 0, .input(edges: false, debounce: .zero)),
  LineRequest("fault", bit: 1, .input(edges: false, debounce: .zero)),
  LineRequest("step", bit: 16, .output(initial: false)),
  LineRequest("direction", bit: 17, .output(initial: false)),
  LineRequest("enable", bit: 18, .output(initial: false)),
]
private let lines = StepLines(
  step: 1 << 16, direction: 1 << 17, enable: 1 << 18, supplied: 1, fault: 2)

/// The lines of a step driver as the kernel would carry them, counted; used by the step thread.
private final class CountingLines: Sendable {
  let consumer: String
  let supply = Atomic<Bool>(true)
  let failing = Atomic<Bool>(false)
  let forwards = Atomic<Int64>(0)
  let backwards = Atomic<Int64>(0)
  let enabled = Atomic<Bool>(false)
  private let direction = Atomic<Bool>(false)
  private let high = Atomic<Bool>(false)

  init(_ consumer: String) {
    self.consumer = consumer
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let added = unsafe cg_seam_add(
      consumer,
      { context, call in
        guard let context = unsafe context, let call = unsafe call else { return -EFAULT }
        let lines = unsafe Unmanaged<CountingLines>.fromOpaque(context).takeUnretainedValue()
        return unsafe lines.take(
          call.pointee.op, String(cString: call.pointee.name), call.pointee.level)
      }, context)
    precondition(added == 0)
  }

  var isEnabled: Bool { enabled.load(ordering: .relaxed) }

  func remove() { unsafe cg_seam_remove(consumer) }

  private func take(_ operation: cg_op, _ name: String, _ level: Bool) -> Int32 {
    guard operation == cg_op_set || operation == cg_op_get else { return 0 }
    if operation == cg_op_get {
      return name == "supply" && supply.load(ordering: .relaxed) ? 1 : 0
    }
    if failing.load(ordering: .relaxed) && name == "step" { return -EIO }
    switch name {
    case "enable": enabled.store(level, ordering: .relaxed)
    case "direction": direction.store(level, ordering: .relaxed)
    default:
      if level && !high.load(ordering: .relaxed) {
        if direction.load(ordering: .relaxed) {
          backwards.add(1, ordering: .relaxed)
        } else {
          forwards.add(1, ordering: .relaxed)
        }
      }
      high.store(level, ordering: .relaxed)
    }
    return 0
  }

  func start(needsRealtime: Bool = false) throws -> LinuxStepper {
    try LinuxStepper(
      on: LinuxLines(requests, consumer: consumer), lines: lines, rateCap: 5_200,
      needsRealtime: needsRealtime)
  }
}

/// Waits, at most ten seconds, until something holds.
private func until(_ holds: () throws -> Bool) rethrows -> Bool {
  for _ in 0..<10_000 {
    if try holds() { return true }
    usleep(1_000)
  }
  return false
}

@Suite struct StepperTests {
  @Test(.tags(.`RC-042`)) func `RC-042 counts every step at the line, both ways`() throws {
    let script = CountingLines("step-count")
    defer { script.remove() }
    let stepper = try script.start()
    #expect(try until { try stepper.report().supplied })
    try stepper.run(at: 20_000_000)
    #expect(try until { try stepper.report().energised })
    #expect(script.isEnabled)
    #expect(
      try until {
        try stepper.renew()
        return script.forwards.load(ordering: .relaxed) >= 500
      })
    try stepper.run(at: -20_000_000)
    #expect(
      try until {
        try stepper.renew()
        return script.backwards.load(ordering: .relaxed) >= 300
      })
    try stepper.off()
    #expect(try until { try !stepper.report().energised })
    let counted =
      script.forwards.load(ordering: .relaxed) - script.backwards.load(ordering: .relaxed)
    #expect(try stepper.report().made == counted)
    #expect(!script.isEnabled)
  }

  @Test(.tags(.`RC-042`)) func `RC-042 stops by itself when nobody renews`() throws {
    let script = CountingLines("step-timeout")
    defer { script.remove() }
    let stepper = try script.start()
    #expect(try until { try stepper.report().supplied })
    try stepper.run(at: 10_000_000)
    #expect(try until { try stepper.report().timedOut })
    usleep(100_000)
    let made = try stepper.report().made
    // 1000 a second for 200 ms and the ramp, on a machine however slow.
    #expect((1...400).contains(made))
    usleep(100_000)
    #expect(try stepper.report().made == made)
    let counted = script.forwards.load(ordering: .relaxed)
    #expect(counted == made)
  }

  @Test(.tags(.`RC-004`)) func `RC-004 takes the enable when it ends`() throws {
    let script = CountingLines("step-end")
    defer { script.remove() }
    var stepper: LinuxStepper? = try script.start()
    #expect(try until { try stepper?.report().supplied == true })
    try stepper?.run(at: 1_000_000)
    #expect(until { script.enabled.load(ordering: .relaxed) })
    stepper = nil
    #expect(!script.isEnabled)
  }

  @Test(.tags(.`RC-025`)) func `RC-025 gives no report without its real-time class`() throws {
    let script = CountingLines("step-ordinary")
    defer { script.remove() }
    // Root has the right, another user in general not: each sees what is true for it.
    let stepper = try script.start(needsRealtime: true)
    let allowed = geteuid() == 0
    if allowed {
      #expect(try until { try stepper.report().supplied })
    } else {
      #expect(
        until {
          do throws(BusError) { return try stepper.report().made < 0 } catch {
            return error == .permission
          }
        })
    }
  }

  @Test(.tags(.`RC-042`)) func `RC-042 ends the motion when a line fails, and says so`() throws {
    let script = CountingLines("step-fail")
    defer { script.remove() }
    let stepper = try script.start()
    #expect(try until { try stepper.report().supplied })
    try stepper.run(at: 10_000_000)
    #expect(until { script.forwards.load(ordering: .relaxed) > 10 })
    script.failing.store(true, ordering: .relaxed)
    #expect(until { do { return try stepper.report().made < 0 } catch { return true } })
    #expect(throws: BusError.bus) { try stepper.report() }
    #expect(!script.isEnabled)
  }
}
