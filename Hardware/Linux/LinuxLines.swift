// SPDX-License-Identifier: Apache-2.0

import CGPIO
public import DeviceInterface
import Glibc
public import Units

/// A GPIO line that a bank asks the kernel for.
public struct LineRequest: Hashable, Sendable {
  public enum Bias: Sendable { case asIs, none, up, down }

  /// What the line is for.
  public enum Direction: Hashable, Sendable {
    /// A pulse shorter than `debounce` is none; edges between samples are kept when asked for.
    case input(edges: Bool, debounce: Interval)
    /// The level from the request on, and again at the end.
    case output(initial: Bool)
  }

  /// The line's name in the device tree.
  public let name: String
  /// Its bit in the bank, 0…31.
  public let bit: Int
  public let direction: Direction
  /// The kernel inverts it: a level is 1 when the pin is low.
  public let activeLow: Bool
  public let bias: Bias

  public init(
    _ name: String, bit: Int, _ direction: Direction, activeLow: Bool = false, bias: Bias = .asIs
  ) {
    self.name = name
    self.bit = bit
    self.direction = direction
    self.activeLow = activeLow
    self.bias = bias
  }

  var options: cg_line_options {
    var options = cg_line_options()
    options.bit = UInt32(exactly: bit) ?? .max
    options.active_low = activeLow
    options.bias =
      switch bias {
      case .asIs: cg_bias_as_is
      case .none: cg_bias_none
      case .up: cg_bias_up
      case .down: cg_bias_down
      }
    switch direction {
    case .input(let edges, let debounce):
      options.edges = edges
      options.debounce_us = UInt32(clamping: debounce.native / 1_000)
    case .output(let initial):
      options.output = true
      options.initial = initial
    }
    return options
  }
}

/// GPIO lines of Linux, requested by name (libgpiod 1 or 2).
///
/// The lines stand on any chips; one that is missing, taken or forbidden is told by name, and none
/// of the bank is then kept. Every output takes its safe level with the request.
public final class LinuxLines: DigitalLines {
  private let bank: OwnedBank

  /// The major version of libgpiod in this program.
  public static var libraryVersion: Int32 { cg_api_version() }

  /// Requests the lines for a consumer: the name that other programs see.
  public init(_ lines: [LineRequest], consumer: String) throws(DeviceError) {
    guard let pointer = unsafe cg_bank_new(consumer) else {
      throw DeviceError(.line(lines.first?.name ?? ""), code: -ENOMEM)
    }
    bank = unsafe OwnedBank(pointer)
    for line in lines { try add(line) }
  }

  private func add(_ line: LineRequest) throws(DeviceError) {
    var options = line.options
    var holder = InlineArray<32, CChar>(repeating: 0)
    let result = unsafe withUnsafeMutableBytes(of: &holder) { room in
      unsafe cg_bank_add(
        bank.pointer, line.name, &options, room.baseAddress?.assumingMemoryBound(to: CChar.self))
    }
    guard result < 0 else { return }
    var letters: [UInt8] = []
    for position in 0..<32 where holder[position] != 0 {
      letters.append(UInt8(bitPattern: holder[position]))
    }
    throw DeviceError(
      .line(line.name), code: result, holder: String(decoding: letters, as: UTF8.self))
  }

  @_noAllocation @_noLocks
  public func sample() throws(BusError) -> LineSample {
    var levels: UInt32 = 0
    var risen: UInt32 = 0
    var fallen: UInt32 = 0
    let result = unsafe cg_bank_sample(bank.pointer, &levels, &risen, &fallen)
    if result < 0 { throw busError(of: result) }
    return LineSample(levels: levels, risen: risen, fallen: fallen)
  }

  @_noAllocation @_noLocks
  public func write(_ levels: UInt32, mask: UInt32) throws(BusError) {
    let result = unsafe cg_bank_write(bank.pointer, levels, mask)
    if result < 0 { throw busError(of: result) }
  }
}
