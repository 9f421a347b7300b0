// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// What is wired to the output lines of a bank.
public protocol LineListener: AnyObject {
  /// The output lines have changed: their levels before and after.
  func heard(_ before: UInt32, _ after: UInt32)
}

/// A bank of digital lines with latched edges, shared by the daemon's side and the board's.
public final class SimulatedLines: DigitalLines {
  /// The input lines as the board drives them.
  public private(set) var inputs: UInt32 = 0
  private var risen: UInt32 = 0
  private var fallen: UInt32 = 0
  /// The output lines as last written.
  public private(set) var outputs: UInt32 = 0
  /// Told of each change, so that an edge is never missed.
  private let listener: (any LineListener)?

  /// - Parameter listener: What is wired to the output lines.
  public init(listener: (any LineListener)? = nil) { self.listener = listener }

  /// For the board: drives the input lines in `mask`.
  public func drive(_ levels: UInt32, mask: UInt32) {
    let next = inputs & ~mask | levels & mask
    risen |= next & ~inputs
    fallen |= inputs & ~next
    inputs = next
  }

  public func sample() throws(BusError) -> LineSample {
    defer {
      risen = 0
      fallen = 0
    }
    return LineSample(levels: inputs, risen: risen, fallen: fallen)
  }

  public func write(_ levels: UInt32, mask: UInt32) throws(BusError) {
    let before = outputs
    outputs = outputs & ~mask | levels & mask
    if outputs != before { listener?.heard(before, outputs) }
  }
}
