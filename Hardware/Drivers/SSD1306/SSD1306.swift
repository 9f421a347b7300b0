// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// A display of 128 × 64 points (Solomon Systech SSD1306, data sheet rev 1.1).
///
/// Sends only the runs of 32 columns that changed, so that a still screen costs nothing.
public struct SSD1306<Bus: I2CBus>: Display, Sendable {
  public typealias Port = Bus

  private var shown = FrameBuffer()
  private var known = false

  public init() {}

  public mutating func prepare(on bus: inout Bus) throws(BusError) {
    known = false
    // Display off, clock, 64 lines, no offset, line 0, charge pump on, horizontal addressing,
    // segment and COM order for this module, COM pins, contrast, pre-charge, VCOMH, from RAM,
    // not inverted, display on.
    let start: InlineArray<25, UInt8> = [
      0xae, 0xd5, 0x80, 0xa8, 0x3f, 0xd3, 0x00, 0x40, 0x8d, 0x14, 0x20, 0x00, 0xa1, 0xc8, 0xda,
      0x12, 0x81, 0xcf, 0xd9, 0xf1, 0xdb, 0x40, 0xa4, 0xa6, 0xaf,
    ]
    var transfer = I2CTransfer(to: 0x3c)
    transfer.append(0x00)
    for position in 0..<25 { transfer.append(start[position]) }
    try bus.perform(&transfer)
  }

  public mutating func show(_ picture: borrowing FrameBuffer, on bus: inout Bus) throws(BusError) {
    for page in 0..<8 {
      for first in stride(from: 0, to: 128, by: 32) {
        var changed = !known
        for column in first..<(first + 32)
        where picture.byte(page: page, column: column) != shown.byte(page: page, column: column) {
          changed = true
        }
        if changed { try send(picture, page: page, from: first, on: &bus) }
      }
    }
    known = true
  }

  private mutating func send(
    _ picture: borrowing FrameBuffer, page: Int, from first: Int, on bus: inout Bus
  ) throws(BusError) {
    var window = I2CTransfer(to: 0x3c)
    window.append(0x00)
    window.append(0x21)
    window.append(UInt8(first))
    window.append(127)
    window.append(0x22)
    window.append(UInt8(page))
    window.append(7)
    try bus.perform(&window)
    var data = I2CTransfer(to: 0x3c)
    data.append(0x40)
    for column in first..<(first + 32) { data.append(picture.byte(page: page, column: column)) }
    try bus.perform(&data)
    for column in first..<(first + 32) {
      shown.setByte(picture.byte(page: page, column: column), page: page, column: column)
    }
  }
}
