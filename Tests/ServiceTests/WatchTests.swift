// SPDX-License-Identifier: Apache-2.0

import Domain
import EveryCase
import LocalTransport
import Messages
import Testing
import Units

@testable import pump_serviced

@Suite struct WatchTests {
  @Test(.tags(.`SEC-371`, .`SRS-181`))
  func `SEC-371 SRS-181 a gateway hears the pump, and nothing that it says goes anywhere`() throws {
    var bench = try ServiceTests.Bench()
    var gateway = Subscription(to: bench.folder + "/watch.sock")
    var told: [Frame] = []
    func run(_ rounds: Int) {
      for _ in 0..<rounds {
        while let frame = gateway.receive(at: bench.now) { told.append(frame) }
        bench.run(1)
      }
    }
    run(20)
    var status = ControlStatus()
    status.cycle = 4
    bench.control.send(.control(status), at: bench.now)
    run(3)
    #expect(told.contains(.control(status)))
    bench.heard = []
    let draft = PrescriptionDraft(
      drug: DrugName(), syringe: .mL50, rate: .mLPerHour(5), vtbi: .millilitres(10))
    everyCase(of: pairs(CommandKind.allCases, CommandOrigin.allCases)) { kind, origin in
      let command = Command(kind, from: origin, number: 7, draft: kind == .program ? draft : nil)
      _ = gateway.send(.command(command), at: bench.now)
      run(3)
    }
    for frame in [
      Frame.control(ControlStatus()), .safety(SafetyStatus()),
      .event(PumpEvent(source: .control, kind: .confirmed, at: bench.now)), .busRequest(.sample),
      .updateAnswer(UpdateAnswer(.seen)), .updateNotice(UpdateNotice()),
    ] {
      _ = gateway.send(frame, at: bench.now)
      run(3)
    }
    #expect(bench.requests.allSatisfy { $0.kind == .heartbeat && $0.origin == .service })
    #expect(bench.heard.isEmpty)
    #expect(try bench.lines().isEmpty)
  }
}
