// SPDX-License-Identifier: Apache-2.0

import Domain
import EveryCase
import LocalTransport
import Messages
import Testing
import Units

@testable import pump_serviced

@Suite struct WatchTests {
  @Test(.tags(.`SEC-371`, .`SRS-181`, .`SRS-223`))
  func `SEC-371 SRS-181 SRS-223 a gateway hears the pump, and nothing that it says goes anywhere`()
    throws
  {
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
    // SRS-223: what the updater says as well.
    var updater = Subscription(to: bench.folder + "/update.sock")
    var notice = UpdateNotice()
    notice.running = try #require(ShortName("5.0"))
    _ = updater.send(.updateNotice(notice), at: bench.now)
    run(5)
    _ = updater.receive(at: bench.now)
    #expect(told.contains(.updateNotice(notice)))
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
    let lines = try bench.lines()
    #expect(lines.count == 1 && lines.allSatisfy { $0.contains("gateway") })
  }

  @Test(.tags(.`SRS-188`))
  func `SRS-188 a gateway that dies shows, and one that comes and goes fills no record`() throws {
    var bench = try ServiceTests.Bench()
    func told() -> [Int64] {
      bench.heard.compactMap {
        guard case .event(let event) = $0, event.kind == .peerChanged, event.source == .service,
          event.subject == EventPeer.gateway.rawValue
        else { return nil }
        return event.a
      }
    }
    func visit() {
      var gateway = Subscription(to: bench.folder + "/watch.sock")
      for _ in 0..<5 {
        _ = gateway.receive(at: bench.now)
        bench.run(1)
      }
    }
    bench.run(300)
    #expect(told().isEmpty)
    visit()
    bench.run(300)
    #expect(told() == [1, 0])
    // Forty visits in two seconds and a half.
    for _ in 0..<40 {
      visit()
      bench.run(1)
    }
    bench.run(300)
    #expect(told().count <= 5 && told().last == 0)
    let lines = try bench.lines()
    #expect(lines.count == told().count && lines.allSatisfy { $0.contains("gateway") })
  }
}
