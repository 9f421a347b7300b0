// SPDX-License-Identifier: Apache-2.0

import EveryCase
import SoftwareUpdate
import Testing

struct InstallPolicyTests {
  private func postponed(_ condition: PumpCondition?) -> Postponed? {
    do {
      try InstallPolicy.check(condition)
      return nil
    } catch { return error }
  }

  @Test(.tags(.`SEC-317`)) func `SEC-317 installs in standby with enough power alone`() {
    #expect(postponed(nil) == .noAnswer)
    everyCase(of: pairs([nil] + (0...100).map(Optional.init), [false, true])) { battery, mains in
      let busy = PumpCondition(standby: false, mains: mains, battery: battery)
      #expect(postponed(busy) == .therapy)
      let idle = PumpCondition(standby: true, mains: mains, battery: battery)
      #expect(postponed(idle) == (mains || (battery ?? 0) >= 50 ? nil : .power))
    }
  }

  @Test func `confirms only what was well without interruption`() {
    var watch = HealthWatch(needed: 10, patience: 30, now: 100)
    #expect(watch.observe(now: 101, alive: true, well: true) == .wait)
    #expect(watch.observe(now: 110, alive: true, well: true) == .wait)
    #expect(watch.observe(now: 110, alive: true, well: false) == .wait)
    #expect(watch.observe(now: 112, alive: true, well: true) == .wait)
    #expect(watch.observe(now: 121, alive: true, well: true) == .wait)
    #expect(watch.observe(now: 122, alive: true, well: true) == .healthy)
  }

  @Test func `gives up what died, what never was well and what flutters`() {
    var watch = HealthWatch(needed: 10, patience: 30, now: 0)
    #expect(watch.observe(now: 1, alive: false, well: true) == .failed(.ended))
    #expect(watch.observe(now: 30, alive: true, well: false) == .wait)
    #expect(watch.observe(now: 31, alive: true, well: false) != .wait)
    var fluttering = HealthWatch(needed: 10, patience: 30, now: 0)
    for now in stride(from: Int64(0), through: 28, by: 4) {
      #expect(fluttering.observe(now: now, alive: true, well: now % 8 == 0) == .wait)
    }
    #expect(fluttering.observe(now: 36, alive: true, well: false) != .wait)
  }
}
