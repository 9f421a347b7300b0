// SPDX-License-Identifier: Apache-2.0

import BoardLink
import DeviceInterface
import Foundation
import LocalTransport
import Messages
import Testing
import Units

/// A board's server that answers each request as a test says, on its own thread.
private final class ScriptedServer: Sendable {
  let path: String
  private let listener: Listener

  init() throws {
    path =
      FileManager.default.temporaryDirectory
      .appendingPathComponent("pump-\(UUID().uuidString.prefix(13)).sock").path
    listener = try Listener(path: path)
  }

  /// Serves the connection made last until it closes.
  func serve(_ answer: @escaping @Sendable (UInt32, BusRequest) -> [FrameBytes]) {
    guard case .connection(let connection) = listener.accept() else {
      Issue.record("nobody came")
      return
    }
    Thread.detachNewThread {
      while connection.wait(upTo: .seconds(5)) {
        guard case .frame(let bytes) = connection.receive(), let question = try? decode(bytes),
          case .busRequest(let request) = question.frame
        else { return }
        for reply in answer(question.header.sequence, request) { _ = connection.send(reply) }
      }
    }
  }

  /// Takes the connection made last and closes it.
  func hangUp() { _ = listener.accept() }

  func link(patience: Interval = .seconds(2)) -> BoardLink {
    BoardLink(at: path, clock: MonotonicSource(), patience: patience)
  }
}

private func reply(_ sequence: UInt32, _ reply: BusReply) -> FrameBytes {
  encode(.busReply(reply), sequence: sequence, at: .zero)
}

@Suite struct BoardLinkTests {
  @Test func `a transfer carries both ways`() throws {
    let server = try ScriptedServer()
    var bus = try server.link().bus()
    server.serve { sequence, request in
      guard case .transfer(let address, let writing, let reading) = request else { return [] }
      var bytes = BusBytes()
      bytes.append(address)
      bytes.append(writing[0])
      return reading == 2 ? [reply(sequence, .read(bytes))] : []
    }
    var transfer = I2CTransfer(to: 0x48, reading: 2)
    transfer.append(0x2a)
    try bus.perform(&transfer)
    #expect(transfer.read(0) == 0x48)
    #expect(transfer.read(1) == 0x2a)
  }

  @Test func `lines are sampled and written`() throws {
    let server = try ScriptedServer()
    var lines = try server.link().lines()
    server.serve { sequence, request in
      switch request {
      case .sample: [reply(sequence, .lines(levels: 5, risen: 4, fallen: 2))]
      case .write(let levels, let mask):
        [reply(sequence, levels == 1 && mask == 3 ? .done : .failed(BusError.badRequest.rawValue))]
      case .transfer: []
      }
    }
    #expect(try lines.sample() == LineSample(levels: 5, risen: 4, fallen: 2))
    try lines.write(1, mask: 3)
    #expect(throws: BusError.badRequest) { try lines.write(2, mask: 3) }
  }

  @Test func `the chip's error comes through`() throws {
    let server = try ScriptedServer()
    var bus = try server.link().bus()
    server.serve { sequence, _ in [reply(sequence, .failed(BusError.noAcknowledge.rawValue))] }
    var transfer = I2CTransfer(to: 0x10, reading: 1)
    #expect(throws: BusError.noAcknowledge) { try bus.perform(&transfer) }
  }

  @Test func `silence is a timeout`() throws {
    let server = try ScriptedServer()
    var bus = try server.link(patience: .milliseconds(5)).bus()
    server.serve { _, _ in [] }
    var transfer = I2CTransfer(to: 0x10)
    #expect(throws: BusError.timeout) { try bus.perform(&transfer) }
  }

  @Test func `a far end that is gone is no acknowledge, again and again`() throws {
    let server = try ScriptedServer()
    var bus = try server.link().bus()
    server.hangUp()
    var transfer = I2CTransfer(to: 0x10)
    for _ in 0..<3 {
      #expect(throws: BusError.noAcknowledge) { try bus.perform(&transfer) }
    }
  }

  @Test(.tags(.`RC-023`)) func `RC-023 a late answer is not taken for the one that is due`() throws
  {
    let server = try ScriptedServer()
    var lines = try server.link().lines()
    server.serve { sequence, _ in
      [
        reply(sequence &- 1, .lines(levels: 9, risen: 9, fallen: 9)),
        reply(sequence, .lines(levels: 1, risen: 0, fallen: 0)),
      ]
    }
    #expect(try lines.sample() == LineSample(levels: 1))
  }

  @Test(.tags(.`RC-023`)) func `RC-023 a damaged answer and one of another kind are bad answers`()
    throws
  {
    let server = try ScriptedServer()
    var lines = try server.link().lines()
    server.serve { sequence, request in
      if case .write = request { return [reply(sequence, .lines(levels: 0, risen: 0, fallen: 0))] }
      var damaged = reply(sequence, .lines(levels: 9, risen: 9, fallen: 9))
      damaged[21] ^= 1
      return [damaged]
    }
    #expect(throws: BusError.badAnswer) { try lines.sample() }
    #expect(throws: BusError.badAnswer) { try lines.write(0, mask: 0) }
  }
}
