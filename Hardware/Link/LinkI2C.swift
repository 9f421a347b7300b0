// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
import Messages

/// An I²C bus behind a board's socket.
///
/// A far end that is gone is `noAcknowledge`, like a bus with nobody on it; one that does not answer
/// in time is `timeout`. Neither traps, and neither is retried here.
public struct LinkI2C: I2CBus, Sendable {
  private var port: LinkPort

  init(_ port: LinkPort) { self.port = port }

  public mutating func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    var writing = BusBytes()
    var position = 0
    while position < transfer.writeCount {
      guard writing.append(transfer.written(position)) else { throw .badRequest }
      position += 1
    }
    let request = BusRequest.transfer(
      address: transfer.address, writing: writing, reading: UInt8(clamping: transfer.readCount))
    guard case .read(let bytes) = try port.ask(request),
      Int(bytes.count) == transfer.readCount
    else { throw .badAnswer }
    position = 0
    while position < transfer.readCount {
      transfer.store(bytes[position], at: position)
      position += 1
    }
  }
}
