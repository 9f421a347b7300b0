// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import SimulatedDisk
import Testing

@testable import AuditLog

@Suite struct RecorderTests {
  typealias Recorder = AuditRecorder<
    SimulatedFolder, FileAuditKeys<SimulatedFolder>, FileCounter<SimulatedFolder>
  >

  private func begin(_ rig: inout Rig, _ inbox: AuditInbox) throws -> Recorder {
    AuditRecorder(inbox, into: try rig.open(), folder: try rig.folder, reserve: 20_000)
  }

  private func run(_ recorder: inout Recorder, _ rig: inout Rig, rounds: Int) {
    for _ in 0..<rounds {
      rig.seconds += 2
      while recorder.step(now: rig.now) {}
    }
  }

  @Test(.tags(.`RC-083`)) func `RC-083 a full disk keeps room for what is safety-relevant`() throws
  {
    var rig = try Rig()
    let inbox = AuditInbox()
    var recorder = try begin(&rig, inbox)
    for number in 1...5 { inbox.submit(.routine(number), at: rig.now) }
    run(&recorder, &rig, rounds: 2)
    #expect(inbox.waiting == 0 && recorder.state == .good)
    // Full to the last byte but 100.
    rig.disk.capacity = rig.disk.contentSize + 100
    for number in 1...20 {
      inbox.submit(.routine(number), at: rig.now)
      inbox.submit(.alarm(number), at: rig.now)
      run(&recorder, &rig, rounds: 1)
    }
    run(&recorder, &rig, rounds: 3)
    #expect(recorder.state == .full)
    let during = try rig.records().map(\.entry.event)
    #expect(during.filter { $0 == .alarmRaised }.count == 20)
    #expect(during.filter { $0 == .storageFull }.count == 1)
    #expect(during.filter { $0 == .requestReceived }.count == 5)
    // Room again: what was not kept is counted, and the log says that it recovered.
    rig.disk.capacity = .max
    run(&recorder, &rig, rounds: 3)
    #expect(recorder.state == .good)
    let records = try rig.records()
    let kept = records.filter { $0.entry.event == .requestReceived }.count
    let counted = records.filter { $0.entry.event == .recordsSummarised }.map(\.entry.a).reduce(
      0, +)
    #expect(Int64(kept - 5) + counted == 20)
    #expect(records.contains { $0.entry.event == .storageRecovered })
    var known = Expectations(key: try rig.firstKey())
    known.counter = try FileCounter(rig.secrets).read()
    #expect(try AuditReader(rig.folder).verify(known).findings == [])
  }

  @Test(.tags(.`RC-083`, .`SEC-350`))
  func `RC-083 SEC-350 what a full disk left out is admitted and no finding`() throws {
    var rig = try Rig()
    let inbox = AuditInbox()
    var recorder = try begin(&rig, inbox)
    run(&recorder, &rig, rounds: 2)
    rig.disk.capacity = rig.disk.contentSize + 100
    // Every other event of the one source is ordinary.
    for number in 1...40 {
      let event: AuditEvent = number % 2 == 0 ? .alarmRaised : .peerChanged
      inbox.submit(AuditEntry(event, source: .control, number: UInt32(number)), at: rig.now)
      run(&recorder, &rig, rounds: 1)
    }
    #expect(recorder.state == .full)
    let key = try rig.firstKey()
    // Until the summary is written, the log has gaps that nobody has admitted.
    let during = try AuditReader(rig.folder).verify(Expectations(key: key)).findings
    #expect(!during.isEmpty && during.allSatisfy { $0.kind == .suppressed })
    rig.disk.capacity = .max
    run(&recorder, &rig, rounds: 3)
    #expect(recorder.state == .good)
    #expect(try AuditReader(rig.folder).verify(Expectations(key: key)).findings == [])
  }

  @Test(.tags(.`RC-083`)) func `RC-083 a flood is counted by kind when there is no more room`()
    throws
  {
    var rig = try Rig()
    let inbox = AuditInbox()
    var recorder = try begin(&rig, inbox)
    for number in 1...20_000 {
      inbox.submit(.routine(number), at: rig.now)
      inbox.submit(
        AuditEntry(number % 2 == 0 ? .alarmRaised : .alarmCleared, source: .safety), at: rig.now)
    }
    #expect(inbox.waiting <= 2 * AuditInbox.capacity + 3)
    run(&recorder, &rig, rounds: 3)
    #expect(inbox.waiting == 0)
    var sums: [UInt32: Int64] = [:]
    try AuditReader(rig.folder).each { (bytes, _) in
      guard let record = try? AuditRecord(bytes), record.entry.event == .recordsSummarised else {
        return true
      }
      sums[record.entry.subject, default: 0] += record.entry.a
      return true
    }
    let lost = Int64(20_000 - AuditInbox.capacity)
    #expect(sums[0] == lost)
    #expect(sums[107].map { $0 + (sums[108] ?? 0) } == lost)
  }

  @Test(.tags(.`RC-083`)) func `RC-083 a failing medium costs no record that memory can hold`()
    throws
  {
    var rig = try Rig()
    let inbox = AuditInbox()
    var recorder = try begin(&rig, inbox)
    rig.disk.fail(rig.disk.operations + 1...Int.max, with: .io)
    for number in 1...100 {
      inbox.submit(.alarm(number), at: rig.now)
      run(&recorder, &rig, rounds: 1)
    }
    #expect(recorder.state == .failing(.storage(.io)))
    rig.disk.heal()
    run(&recorder, &rig, rounds: 3)
    #expect(recorder.state == .good)
    let records = try rig.records()
    let numbers = records.filter { $0.entry.event == .alarmRaised }.map(\.entry.number)
    #expect(numbers == Array(1...100))
    #expect(records.contains { $0.entry.event == .storageRecovered })
  }
}
