// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface

/// A bank of digital lines with latched edges, shared by the daemon's side and the board's.
public final class SimulatedLines: DigitalLines {
  /// The input lines as the board drives them.
  public private(set) var inputs: UInt32 = 0
  private var risen: UInt32 = 0
  private var fallen: UInt32 = 0
  /// The output lines as last written.
  public private(set) var outputs: UInt32 = 0
  /// Called at each change with the levels before and after, so that an edge is never missed.
  var onWrite: ((_ before: UInt32, _ after: UInt32) -> Void)?

  public init() {}

  /// For the board: hears every change.
  public func listen(_ hear: @escaping (_ before: UInt32, _ after: UInt32) -> Void) {
    onWrite = hear
  }

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
    if outputs != before { onWrite?(before, outputs) }
  }
}
