// SPDX-License-Identifier: Apache-2.0

public import LinuxHardware
public import LocalTransport

/// Why a daemon cannot start.
public enum StartError: Error, Sendable {
  /// A socket of the pump.
  case socket(TransportError)
  // SRS-127: a missing device is named.
  // RC-041: a device of the board that cannot be used is named, with what to do; nothing is assumed
  // in its place and nothing traps.
  case device(DeviceError)

  /// The exit status of the program: 1 for the sockets, 3 for a device of the board.
  public var status: Int32 {
    switch self {
    case .socket: 1
    case .device: 3
    }
  }
}

extension StartError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .socket(let error): "\(error)"
    case .device(let error): "\(error)"
    }
  }
}
