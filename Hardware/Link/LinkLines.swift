// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
import Messages

/// The digital lines behind a board's socket.
///
/// The board behind it keeps the edges between two samples, so that a press between two cycles is
/// seen. Failures are those of ``LinkI2C``.
public struct LinkLines: DigitalLines, Sendable {
  private var port: LinkPort

  init(_ port: LinkPort) { self.port = port }

  public mutating func sample() throws(BusError) -> LineSample {
    guard case .lines(let levels, let risen, let fallen) = try port.ask(.sample) else {
      throw .badAnswer
    }
    return LineSample(levels: levels, risen: risen, fallen: fallen)
  }

  public mutating func write(_ levels: UInt32, mask: UInt32) throws(BusError) {
    guard case .done = try port.ask(.write(levels: levels, mask: mask)) else { throw .badAnswer }
  }
}
