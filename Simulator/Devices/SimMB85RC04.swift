// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// The 512 bytes of an MB85RC04, at two device addresses of 256 bytes each.
public final class SimMB85RC04: Chip {
  private var bytes = [UInt8](repeating: 0xff, count: 512)
  private var pointer = 0
  /// For tests: after this many more bytes writes are lost, as at a power cut; `nil`: none are.
  public var cutAfter: Int?

  public init() { super.init(at: 0x50...0x51) }

  /// For tests and recordings: the whole content.
  public var content: [UInt8] {
    get { bytes }
    set {
      for position in 0..<Swift.min(512, newValue.count) { bytes[position] = newValue[position] }
    }
  }

  public override func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    let half = transfer.address == 0x51 ? 256 : 0
    if transfer.writeCount > 0 { pointer = half + Int(transfer.written(0)) }
    for position in 1..<Swift.max(1, transfer.writeCount) {
      if let left = cutAfter {
        guard left > 0 else { throw .noAcknowledge }
        cutAfter = left - 1
      }
      bytes[pointer] = transfer.written(position)
      pointer = (pointer + 1) % 512
    }
    for position in 0..<transfer.readCount {
      transfer.store(bytes[pointer], at: position)
      pointer = (pointer + 1) % 512
    }
  }
}
