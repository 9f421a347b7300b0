// SPDX-License-Identifier: Apache-2.0

import Foundation
import LocalTransport
import Testing
import Units

/// Each test that speaks to a service manager runs in a process of its own, because the environment
/// that names the manager belongs to a whole process.
@Suite struct ServiceWatchdogTests {
  @Test(.tags(.`RC-050`))
  func `RC-050 says that the process lives after a good cycle and only then`() async {
    await #expect(processExitsWith: .success) {
      let inbox = try NotificationInbox(at: "/tmp/pump-watchdog-\(getpid()).sock")
      _ = unsafe setenv("NOTIFY_SOCKET", inbox.path, 1)
      _ = unsafe setenv("WATCHDOG_USEC", "80000", 1)
      var watchdog = ServiceWatchdog()
      #expect(watchdog.patience == .milliseconds(80))
      watchdog.stroke(good: false)
      #expect(!inbox.wait(for: "WATCHDOG=1", upTo: .milliseconds(100)))
      watchdog.stroke(good: true)
      #expect(inbox.wait(for: "WATCHDOG=1", upTo: .seconds(5)))
      // The next word is due after an eighth of the time allowed.
      watchdog.stroke(good: true)
      usleep(20_000)
      watchdog.stroke(good: true)
      #expect(inbox.wait(for: "WATCHDOG=1", upTo: .seconds(5)))
      watchdog.stroke(good: false)
      #expect(!inbox.wait(for: "WATCHDOG=1", upTo: .milliseconds(100)))
    }
  }

  @Test func `says nothing more often than the manager needs`() async {
    await #expect(processExitsWith: .success) {
      let inbox = try NotificationInbox(at: "/tmp/pump-watchdog-\(getpid()).sock")
      _ = unsafe setenv("NOTIFY_SOCKET", inbox.path, 1)
      _ = unsafe setenv("WATCHDOG_USEC", "600000000", 1)
      var watchdog = ServiceWatchdog()
      for _ in 0..<1_000 { watchdog.stroke(good: true) }
      #expect(inbox.wait(for: "WATCHDOG=1", upTo: .seconds(5)))
      #expect(!inbox.wait(for: "WATCHDOG=1", upTo: .milliseconds(50)))
    }
  }

  @Test(arguments: ["", "0", "-5", "12x", "9223372036854775807", "99999999999999999999"])
  func `takes a time that is none for nobody watching`(time: String) async {
    await #expect(processExitsWith: .success) { [time] in
      let inbox = try NotificationInbox(at: "/tmp/pump-watchdog-\(getpid()).sock")
      _ = unsafe setenv("NOTIFY_SOCKET", inbox.path, 1)
      _ = unsafe setenv("WATCHDOG_USEC", time, 1)
      #expect(ServiceWatchdog().patience == nil)
    }
  }

  @Test func `is not meant when another process is watched`() async {
    await #expect(processExitsWith: .success) {
      let inbox = try NotificationInbox(at: "/tmp/pump-watchdog-\(getpid()).sock")
      _ = unsafe setenv("NOTIFY_SOCKET", inbox.path, 1)
      _ = unsafe setenv("WATCHDOG_USEC", "1000000", 1)
      _ = unsafe setenv("WATCHDOG_PID", "1", 1)
      #expect(ServiceWatchdog().patience == nil)
      _ = unsafe setenv("WATCHDOG_PID", "\(getpid())", 1)
      #expect(ServiceWatchdog().patience == .seconds(1))
    }
  }

  @Test func `knows users by name and number`() {
    #expect(PeerPolicy.user("root") == 0)
    #expect(PeerPolicy.user("4711") == 4_711)
    for text in ["no-such-user", "7x", "-1", "", "4294967295", "99999999999999999999999"] {
      #expect(PeerPolicy.user(text) == nil)
    }
  }
}
