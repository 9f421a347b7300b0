// SPDX-License-Identifier: Apache-2.0

import CI2C
import Glibc
import LinuxHardware
import Testing
import Units

@Suite struct WatchdogTests {
  @Test(.tags(.`RC-040`, .`SRS-126`))
  func `RC-040 SRS-126 strokes four times in the timeout and not in every cycle`()
    throws
  {
    let device = ScriptedDevice("seam-watchdog")
    defer { device.remove() }
    let watchdog = try KernelWatchdog(
      path: device.path, timeout: .seconds(3), longest: .seconds(20))
    #expect(watchdog.timeout == .seconds(3))
    for cycle in 0..<300 {
      #expect(watchdog.keepAlive(at: .nanoseconds(Int64(cycle) * 10_000_000)))
    }
    #expect(device.count(of: ci_op_keep_alive) == 4)
  }

  @Test(.tags(.`RC-040`, .`SRS-126`))
  func `RC-040 SRS-126 leaves the watchdog running unless it ends in order`() throws {
    let device = ScriptedDevice("seam-watchdog-end")
    defer { device.remove() }
    var watchdog: KernelWatchdog? = try KernelWatchdog(
      path: device.path, timeout: .seconds(3), longest: .seconds(20))
    #expect(watchdog != nil)
    watchdog = nil
    #expect(device.count(of: ci_op_close) == 1 && device.count(of: ci_op_disarm) == 0)
    let other = try KernelWatchdog(path: device.path, timeout: .seconds(3), longest: .seconds(20))
    #expect(other.disarm())
    #expect(!other.disarm())
    #expect(!other.keepAlive(at: .zero))
    #expect(device.count(of: ci_op_disarm) == 1 && device.count(of: ci_op_close) == 1)
  }

  @Test(arguments: [Int32(0), -1, 21, .max])
  func `refuses a watchdog that waits too long or not at all, and stops it`(granted: Int32) throws {
    let device = ScriptedDevice("seam-watchdog-\(granted)")
    defer { device.remove() }
    device.granted = granted
    #expect(throws: DeviceError(.watchdog(device.path), .unsupported)) {
      try KernelWatchdog(path: device.path, timeout: .seconds(3), longest: .seconds(20))
    }
    #expect(device.count(of: ci_op_disarm) == 1)
  }

  @Test func `tells a stroke that the kernel refused`() throws {
    let device = ScriptedDevice("seam-watchdog-refused")
    defer { device.remove() }
    let watchdog = try KernelWatchdog(
      path: device.path, timeout: .seconds(3), longest: .seconds(20))
    device.answer = { _ in -EIO }
    #expect(!watchdog.keepAlive(at: .zero))
  }

  @Test(
    .tags(.`RC-041`),
    arguments: [("/dev/pump/none", DeviceError.Reason.missing), ("/dev/null", .wrongKind)])
  func `RC-041 takes no other file for a watchdog`(path: String, reason: DeviceError.Reason) {
    #expect(throws: DeviceError(.watchdog(path), reason)) {
      try KernelWatchdog(path: path, timeout: .seconds(3), longest: .seconds(20))
    }
  }
}
