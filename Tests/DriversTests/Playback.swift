// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Testing

/// A bus that expects transfers in order and answers as it was told.
///
/// A surplus or different transfer fails the test at once; ``finish()`` fails it for expectations
/// that nobody met.
struct Playback: I2CBus {
  struct Expected {
    let address: UInt8
    let written: [UInt8]
    let answer: [UInt8]
    let failure: BusError?
  }

  private var expected: [Expected] = []
  private var next = 0

  mutating func expect(
    _ address: UInt8, _ written: [UInt8], answer: [UInt8] = [], failure: BusError? = nil
  ) {
    expected.append(
      Expected(address: address, written: written, answer: answer, failure: failure))
  }

  mutating func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    let written = (0..<transfer.writeCount).map { transfer.written($0) }
    guard next < expected.count else {
      Issue.record("surplus transfer to \(transfer.address): \(written)")
      throw .bus
    }
    let wanted = expected[next]
    next += 1
    #expect(transfer.address == wanted.address)
    #expect(written == wanted.written)
    #expect(transfer.readCount == wanted.answer.count || wanted.failure != nil)
    if let failure = wanted.failure { throw failure }
    for (position, byte) in wanted.answer.enumerated() { transfer.store(byte, at: position) }
  }

  func finish() { #expect(next == expected.count, "transfers expected and never made") }
}
