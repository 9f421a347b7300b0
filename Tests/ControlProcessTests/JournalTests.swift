// SPDX-License-Identifier: Apache-2.0

import ControlProcess
import DeviceInterface
import Domain
import EveryCase
import Testing
import Units

@Suite struct JournalTests {
  private func present(_ delivered: Volume, _ state: TherapyState = .infusing) -> Journal.Present {
    Journal.Present(
      state: state, prescription: 1, rate: .mLPerHour(100), delivered: delivered, kvo: .zero)
  }

  @Test(.tags(.`RC-006`, .`SRS-068`))
  func `RC-006 SRS-068 a power loss at any byte leaves bounds that hold`() {
    everyCase(of: 0..<300) { cut in
      var board = ScriptedBoard()
      board.bytesLeft = cut
      var journal = Journal()
      _ = journal.restore(on: &board)
      // The motor moves only where the journal covers it, as the core does.
      var delivered = Volume.zero
      for _ in 0..<1_000 {
        if journal.covers(present(delivered)) {
          delivered += FlowRate.mLPerHour(100).volume(over: .milliseconds(10))
        }
        guard journal.keep(present(delivered), on: &board) else { break }
      }
      board.bytesLeft = nil
      var after = Journal()
      switch after.restore(on: &board) {
      case .record(let record):
        #expect(record.delivered <= delivered, "cut after \(cut) bytes")
        #expect(delivered <= record.deliveredBound, "cut after \(cut) bytes")
      case .blank, .unreadable:
        // The first record was never whole, so nothing may have moved.
        #expect(delivered == .zero, "cut after \(cut) bytes")
      }
    }
  }

  @Test(.tags(.`RC-006`, .`SRS-069`)) func `RC-006 SRS-069 restores a settled volume as certain`() {
    var bench = Bench()
    bench.infuse(Bench.order(rate: .mLPerHour(60)))
    bench.run(.seconds(30))
    bench.ask(.pause)
    bench.run(.seconds(1))
    let again = Bench(board: bench.cycle.board)
    #expect(again.status.delivered == bench.status.delivered)
    #expect(again.status.uncertainty == .zero)
    #expect(!again.status.alarms.contains(.deliveryUncertain))
  }

  @Test(.tags(.`RC-006`, .`SRS-069`))
  func `RC-006 SRS-069 marks a volume cut off in motion as uncertain`() {
    var bench = Bench()
    bench.infuse(Bench.order(rate: .mLPerHour(60)))
    bench.run(.seconds(30))
    let truth = bench.status.delivered
    var again = Bench(board: bench.cycle.board)
    let status = again.status
    #expect(status.delivered <= truth)
    #expect(truth <= status.delivered + status.uncertainty)
    #expect(status.uncertainty > .zero && status.uncertainty <= .microlitres(20))
    #expect(status.alarms.contains(.deliveryUncertain))
    #expect(again.ask(.clear)?.accepted == true)
    again.step()
    #expect(!again.status.alarms.contains(.deliveryUncertain))
  }

  @Test(.tags(.`RC-006`, .`SRS-070`)) func `RC-006 SRS-070 stops when the intent cannot be stored`()
  {
    var bench = Bench()
    bench.infuse(Bench.order(rate: .mLPerHour(60)))
    bench.cycle.board.bytesLeft = 0
    bench.run(.seconds(3))
    #expect(bench.state == .halted)
    #expect(bench.status.alarms.contains(.journalFault))
    #expect(bench.saw(.journalFailed))
  }

  @Test(.tags(.`SRS-071`))
  func `SRS-071 a record survives its bytes and no flipped bit does`() {
    var record = JournalRecord()
    record.sequence = 7
    record.delivered = .millilitres(3)
    record.deliveredBound = .millilitres(4)
    let bytes = record.bytes()
    #expect(JournalRecord(bytes) == record)
    everyCase(of: 0..<512) { bit in
      var damaged = bytes
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(JournalRecord(damaged) == nil || bit / 8 >= 64)
    }
  }
}
