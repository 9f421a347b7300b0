// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import LocalTransport
import Messages
import SecureStore
import Testing
import Units

@testable import pump_serviced

/// The service between a controller, a monitor and a client that the tests play.
@Suite struct ServiceTests {
  struct Bench {
    let folder: String
    let records: SealedRecords
    let gate = Gate()
    var service: Service
    var control: Hub
    var safety: Hub
    var client: Subscription
    var now = Instant.nanoseconds(1_000_000_000)
    var requests: [Command] = []
    /// What the controller is told of updates.
    var notices: [UpdateNotice] = []
    var heard: [Frame] = []

    init(panels: PeerPolicy = .sameUser) throws {
      folder = NSTemporaryDirectory() + "pump-\(UInt32.random(in: 0...UInt32.max))"
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      records = SealedRecords(
        folder: folder + "/data", keys: DeviceKeys(folder: folder + "/data"), pause: 0.01)
      control = try Hub(path: folder + "/control.sock")
      safety = try Hub(path: folder + "/safety.sock")
      gate.people = .none
      service = try Service(run: folder, records: records, gate: gate, panels: panels)
      client = Subscription(to: folder + "/service.sock")
      // Everybody connects.
      _ = client.receive(at: now)
      run(20)
    }

    mutating func run(_ rounds: Int) {
      for _ in 0..<rounds {
        now = now + .milliseconds(10)
        service.step(at: now)
        control.accept()
        safety.accept()
        while let frame = control.receive(at: now) {
          if case .command(let command) = frame { requests.append(command) }
          if case .updateNotice(let notice) = frame { notices.append(notice) }
        }
        while let frame = client.receive(at: now) { heard.append(frame) }
      }
    }

    /// The records that are kept, those of alarms last.
    func lines() throws -> [String] {
      records.close()
      defer { try? FileManager.default.removeItem(atPath: folder) }
      let store = try Trust(folder: folder + "/data", keys: DeviceKeys(folder: folder + "/data"))
        .store
      let kept = try store.records(of: .history) + store.records(of: .alarms)
      return kept.map { String(decoding: $0.content, as: UTF8.self) }
    }
  }

  @Test func `passes a request on under the service's own name`() throws {
    var bench = try Bench()
    _ = bench.client.send(.command(Command(.pause, from: .panel, number: 77)), at: bench.now)
    bench.run(3)
    let asked = bench.requests.filter { $0.kind != .heartbeat }
    #expect(asked == [Command(.pause, from: .service, number: 77)])
    _ = try bench.lines()
  }

  @Test(.tags(.`RC-008`)) func `RC-008 says twice a second that it is here`() throws {
    var bench = try Bench()
    bench.requests = []
    bench.run(300)
    #expect(bench.requests.count == 6)
    #expect(bench.requests.allSatisfy { $0.kind == .heartbeat && $0.origin == .service })
    _ = try bench.lines()
  }

  @Test func `passes statuses and events on to those who ask`() throws {
    var bench = try Bench()
    var control = ControlStatus()
    control.cycle = 4
    var safety = SafetyStatus()
    safety.cycle = 9
    let event = PumpEvent(
      number: 1, source: .safety, kind: .tripped, subject: AlarmID.overInfusion.rawValue,
      at: bench.now, a: 5, b: 6)
    bench.control.send(.control(control), at: bench.now)
    bench.safety.send(.safety(safety), at: bench.now)
    bench.safety.send(.event(event), at: bench.now)
    bench.run(3)
    #expect(bench.heard.contains(.control(control)))
    #expect(bench.heard.contains(.safety(safety)))
    #expect(bench.heard.contains(.event(event)))
    let lines = try bench.lines()
    #expect(lines.count == 1)
    #expect(lines.first?.contains(#""subjectName":"overInfusion""#) == true)
  }

  @Test(.tags(.`RC-097`, .`SRS-111`)) func `RC-097 SRS-111 records what it missed`() throws {
    var bench = try Bench()
    for number: UInt32 in [1, 2, 6, 1] {
      let event = PumpEvent(number: number, source: .control, kind: .stopPressed, at: bench.now)
      bench.control.send(.event(event), at: bench.now)
      bench.run(2)
    }
    let lines = try bench.lines()
    #expect(lines.count == 4)
    let missed = lines.map { $0.contains(#""missed":3"#) }
    #expect(missed == [false, false, true, false])
  }

  @Test func `outlives both of the lower processes`() throws {
    var bench = try Bench()
    bench.control = try Hub(path: bench.folder + "/other.sock")
    bench.run(50)
    _ = bench.client.send(.command(Command(.stop, from: .service, number: 1)), at: bench.now)
    bench.run(50)
    let event = PumpEvent(number: 1, source: .safety, kind: .started, at: bench.now)
    bench.safety.send(.event(event), at: bench.now)
    bench.run(3)
    #expect(bench.heard.contains(.event(event)))
    _ = try bench.lines()
  }

  @Test func `refuses a command line it does not understand`() {
    for words in [
      [], ["--run", "x"], ["--data", "x"], ["--run"], ["--run", "a", "--data", "b", "--fast", "1"],
      ["--run", "a", "--data", "b", "--speed", "0", "--epoch", "1"],
      ["--run", "a", "--data", "b", "--root", "tpm:"],
      ["--run", "a", "--data", "b", "--root", "file"],
      ["--run", "a", "--data", "b", "--speed", "10"], ["--run", "a", "--run", "a", "--data", "b"],
    ] {
      #expect(throws: OptionList.Mistake.self, "\(words)") {
        try ServiceOptions.parse(words)
      }
    }
  }
}
