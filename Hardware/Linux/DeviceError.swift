// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why a device of the board cannot be used, in words for the person who has to mend it.
///
/// Thrown when devices are opened, never in the cycle: there a failure is a `BusError`.
public struct DeviceError: Error, Hashable, Sendable {
  /// What was asked for.
  public enum Device: Hashable, Sendable {
    /// A GPIO line by its name.
    case line(String)
    /// An I²C adapter by its path.
    case bus(String)
    case watchdog(String)
    /// The thread that makes the steps.
    case stepThread
  }

  /// What stood against it.
  public enum Reason: Hashable, Sendable {
    /// There is no such device.
    case missing
    /// The machine has no GPIO chip at all.
    case noChip
    /// Two chips have a line of this name.
    case notUnique
    /// Somebody else has it; who, as far as the kernel tells.
    case busy(holder: String)
    case permission
    /// The file is a device of another kind.
    case wrongKind
    /// The kernel or the chip cannot do what the board asks of it.
    case unsupported
    /// Anything else, as errno says it.
    case other(Int32)
  }

  public let device: Device
  public let reason: Reason

  public init(_ device: Device, _ reason: Reason) {
    self.device = device
    self.reason = reason
  }

  /// The error behind a negative errno of the C edge.
  init(_ device: Device, code: Int32, holder: String = "") {
    self.device = device
    switch -code {
    case ENOENT: reason = .missing
    case ENODEV, ENXIO:
      if case .line = device { reason = .noChip } else { reason = .missing }
    case ENOTUNIQ: reason = .notUnique
    case EBUSY: reason = .busy(holder: holder)
    case EACCES, EPERM: reason = .permission
    case ENOTTY, EISDIR: reason = .wrongKind
    case EINVAL, EOPNOTSUPP: reason = .unsupported
    default: reason = .other(-code)
    }
  }
}

extension DeviceError: CustomStringConvertible {
  public var description: String { "\(name): \(trouble); \(advice)" }

  private var name: String {
    switch device {
    case .line(let name): "GPIO line '\(name)'"
    case .bus(let path): "I2C bus \(path)"
    case .watchdog(let path): "watchdog \(path)"
    case .stepThread: "step thread"
    }
  }

  private var trouble: String {
    switch reason {
    case .missing: "there is none"
    case .noChip: "this machine has no GPIO chip"
    case .notUnique: "two GPIO chips have a line of this name"
    case .busy(let holder): holder.isEmpty ? "in use" : "in use by '\(holder)'"
    case .permission: "this user may not open it"
    case .wrongKind: "the file is a device of another kind"
    case .unsupported: "the kernel does not support what the board needs"
    case .other(let number): "error \(number) of the kernel"
    }
  }

  private var advice: String {
    switch (device, reason) {
    case (.line, .missing), (.line, .noChip):
      "load the board's device-tree overlay and compare `gpioinfo` with the board's pin table"
    case (.line, .notUnique): "rename one of them; `gpioinfo` shows both"
    case (.line, .busy): "stop that program, or take the kernel driver off the line"
    case (.line, .permission): "give this user the group of /dev/gpiochip* (udev rule of the board)"
    case (.bus, .missing): "enable the bus in the device tree and load the module i2c-dev"
    case (.bus, .busy): "a kernel driver holds it; unbind it"
    case (.bus, .permission): "give this user the group of the bus (udev rule of the board)"
    case (.watchdog, .missing): "load the watchdog's module, or start with --watchdog none"
    case (.watchdog, .busy): "another program, perhaps the service manager, strokes it"
    case (.watchdog, .permission): "give this user the watchdog (udev rule of the board)"
    case (.stepThread, _): "the process needs CAP_SYS_NICE and room for a thread"
    default: "see the board's bring-up document"
    }
  }
}
