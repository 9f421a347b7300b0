// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
import Drivers

/// The panel's side of the reference board: display and keypad.
public struct ReferencePanelBoard<Bus: I2CBus>: PanelBoard {
  public let simulated: Bool
  private var bus: Bus
  private var display = SSD1306<Bus>()
  private var keypad = PCF8574<Bus>()

  public init(bus: Bus, simulated: Bool) {
    self.bus = bus
    self.simulated = simulated
  }

  public mutating func prepare() throws(BusError) { try display.prepare(on: &bus) }
  public mutating func keys() throws(BusError) -> PanelKeys { try keypad.keys(on: &bus) }
  public mutating func show(_ picture: borrowing FrameBuffer) throws(BusError) {
    try display.show(picture, on: &bus)
  }
}

extension ReferencePanelBoard: Sendable where Bus: Sendable {}
