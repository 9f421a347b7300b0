// SPDX-License-Identifier: Apache-2.0

/// What can go wrong between a driver and its device, in the few kinds a caller can act on.
public enum BusError: UInt8, Error, Sendable, BitwiseCopyable {
  /// Nobody answered at the address, or the far end of the bus is gone.
  case noAcknowledge = 1
  /// The bus is stuck or another master won.
  case bus = 2
  /// The transfer did not end in time.
  case timeout = 3
  /// The device answered with something its datasheet does not allow.
  case badAnswer = 4
  /// The request itself is impossible: too long, an address out of range, a line that is not there.
  case badRequest = 5
  /// The process has not the right to the device.
  case permission = 6
}

#if !hasFeature(Embedded)
  extension BusError: CaseIterable {}
#endif
