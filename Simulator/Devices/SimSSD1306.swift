// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// The command decoder and memory of an SSD1306 in horizontal addressing.
public final class SimSSD1306: Chip {
  private var memory = FrameBuffer()
  private var columns: (first: Int, last: Int) = (0, 127)
  private var pages: (first: Int, last: Int) = (0, 7)
  private var column = 0
  private var page = 0
  private var command: UInt8 = 0
  private var arguments = 0
  private var wanted = 0
  private var on = false

  public init() { super.init(at: 0x3c...0x3c) }

  /// What an eye sees: dark while the display is off.
  public var picture: FrameBuffer { on ? memory : FrameBuffer() }

  public override func perform(_ transfer: inout I2CTransfer) throws(BusError) {
    guard transfer.writeCount > 0 else { return }
    let data = transfer.written(0) & 0x40 != 0
    for position in 1..<Swift.max(1, transfer.writeCount) {
      let byte = transfer.written(position)
      if data { store(byte) } else { take(byte) }
    }
  }

  private func store(_ byte: UInt8) {
    memory.setByte(byte, page: page, column: column)
    column += 1
    guard column > columns.last else { return }
    column = columns.first
    page = page >= pages.last ? pages.first : page + 1
  }

  private func take(_ byte: UInt8) {
    if wanted > 0 {
      wanted -= 1
      argument(byte)
      return
    }
    command = byte
    arguments = 0
    switch byte {
    case 0xae: on = false
    case 0xaf: on = true
    case 0x21, 0x22: wanted = 2
    case 0x20, 0x81, 0x8d, 0xa8, 0xd3, 0xd5, 0xd9, 0xda, 0xdb: wanted = 1
    default: break
    }
  }

  private func argument(_ byte: UInt8) {
    defer { arguments += 1 }
    switch (command, arguments) {
    case (0x21, 0):
      columns.first = Int(byte & 0x7f)
      column = columns.first
    case (0x21, 1): columns.last = Int(byte & 0x7f)
    case (0x22, 0):
      pages.first = Int(byte & 7)
      page = pages.first
    case (0x22, 1): pages.last = Int(byte & 7)
    default: break
    }
  }
}
