// SPDX-License-Identifier: Apache-2.0

import Alarms
import ControlProcess
import DeliveryControl
import Domain
import EveryCase
import Testing
import Units

@Suite struct TableTests {
  @Test(.tags(.`RC-090`, .`SRS-080`))
  func `RC-090 SRS-080 what stops delivery is what the alarm table says`() {
    everyCase(of: AlarmID.allCases.filter { $0.rawValue < 32 }) { alarm in
      let stops = !AlarmTable.stopping(of: .of(alarm)).isEmpty
      #expect(stops == DeliveryCore.stopping.contains(alarm), "\(alarm)")
    }
  }

  @Test(.tags(.`RC-097`, .`SRS-111`))
  func `RC-097 SRS-111 the ring keeps the newest 256 events and numbers them`() {
    var ring = EventRing()
    for index in 0..<300 {
      ring.append(PumpEvent(source: .control, kind: .started, at: .zero, a: Int64(index)))
    }
    #expect(ring.newest == 300)
    #expect(ring.event(numbered: 44) == nil)
    #expect(ring.event(numbered: 45)?.a == 44)
    #expect(ring.event(numbered: 300)?.a == 299)
    #expect(ring.event(numbered: 0) == nil)
    var batch = EventBatch()
    ring.take(into: &batch)
    #expect(batch[0].number == 45)
  }
}
