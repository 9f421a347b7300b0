// SPDX-License-Identifier: Apache-2.0

import CGPIO
import CI2C
import DeviceInterface
import Devices
import Glibc

/// One call of the C edge, in safe values.
struct KernelCall {
  let operation: ci_op
  let address: UInt8
  let out: [UInt8]
  /// To be filled in.
  var into: [UInt8]
  /// Of SMBus: read, command, size, and the 34 bytes of its data.
  let reads: Bool
  let command: UInt8
  let size: Int32
  var data: [UInt8]
}

/// What a test answers in the kernel's place for one path, and what it was asked.
final class ScriptedDevice {
  let path: String
  private(set) var asked: [ci_op] = []
  /// Results of the next calls, in order; a call beyond them is answered by ``answer``.
  var failures: [Int32] = []
  var plain = true
  var granted: Int32?
  var answer: (inout KernelCall) -> Int32 = { _ in 0 }

  init(_ path: String) {
    self.path = path
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let added = unsafe ci_seam_add(
      path,
      { context, call in
        guard let context = unsafe context, let call = unsafe call else { return -EFAULT }
        let device = unsafe Unmanaged<ScriptedDevice>.fromOpaque(context).takeUnretainedValue()
        return unsafe device.take(&call.pointee)
      }, context)
    precondition(added == 0)
  }

  func remove() { unsafe ci_seam_remove(path) }

  private func take(_ call: inout ci_call) -> Int32 {
    let operation = unsafe call.op
    asked.append(operation)
    if !failures.isEmpty {
      let next = failures.removeFirst()
      if next < 0 { return next }
    }
    if operation == ci_op_open { unsafe call.plain = plain }
    if operation == ci_op_watchdog_open, let granted { unsafe call.seconds = granted }
    let smbus = operation == ci_op_smbus
    var safe = unsafe KernelCall(
      operation: operation, address: call.address,
      out: (0..<Int(call.out_count)).map { unsafe call.out[$0] },
      into: Array(repeating: 0, count: Int(call.in_count)), reads: call.direction == 1,
      command: call.command, size: call.size,
      data: smbus ? (0..<34).map { unsafe call.data[$0] } : [])
    let result = answer(&safe)
    for (position, byte) in safe.into.enumerated() { unsafe call.in[position] = byte }
    for (position, byte) in safe.data.enumerated() { unsafe call.data[position] = byte }
    return result
  }

  func count(of operation: ci_op) -> Int { asked.filter { $0 == operation }.count }
}

/// A bus of emulated chips in the kernel's place, with plain I²C.
func serve(_ bus: SimulatedI2C, at device: ScriptedDevice) {
  device.answer = { call in
    guard call.operation == ci_op_transfer else { return 0 }
    var transfer = I2CTransfer(to: call.address, reading: call.into.count)
    for byte in call.out { transfer.append(byte) }
    do { try bus.perform(&transfer) } catch { return -ENXIO }
    for position in 0..<transfer.readCount { call.into[position] = transfer.read(position) }
    return 0
  }
}

/// The kernel's i2c-stub: per chip 256 words, reached by SMBus calls alone.
final class Stub {
  let addresses: Set<UInt8>
  var words: [UInt8: [UInt16]] = [:]
  private var pointer: [UInt8: UInt8] = [:]
  private(set) var sizes: [Int32] = []

  init(_ addresses: Set<UInt8>) {
    self.addresses = addresses
    for address in addresses { words[address] = Array(repeating: 0, count: 256) }
  }

  func answer(_ call: inout KernelCall) -> Int32 {
    guard call.operation == ci_op_smbus else { return call.operation == ci_op_transfer ? -EIO : 0 }
    guard addresses.contains(call.address), var chip = words[call.address] else { return -ENODEV }
    sizes.append(call.size)
    let at = Int(call.command)
    switch call.size {
    case 0: break
    case 1:
      let next = pointer[call.address] ?? 0
      if call.reads { call.data[0] = UInt8(truncatingIfNeeded: chip[Int(next)]) }
      pointer[call.address] = call.reads ? next &+ 1 : call.command
    case 2:
      if call.reads {
        call.data[0] = UInt8(truncatingIfNeeded: chip[at])
      } else {
        chip[at] = chip[at] & 0xff00 | UInt16(call.data[0])
      }
    case 3:
      if call.reads {
        call.data[0] = UInt8(truncatingIfNeeded: chip[at])
        call.data[1] = UInt8(truncatingIfNeeded: chip[at] >> 8)
      } else {
        chip[at] = UInt16(call.data[0]) | UInt16(call.data[1]) << 8
      }
    case 8:
      for position in 0..<Int(call.data[0]) {
        guard at + position < 256 else { return -EINVAL }
        if call.reads {
          call.data[1 + position] = UInt8(truncatingIfNeeded: chip[at + position])
        } else {
          chip[at + position] = chip[at + position] & 0xff00 | UInt16(call.data[1 + position])
        }
      }
    default: return -EOPNOTSUPP
    }
    words[call.address] = chip
    return 0
  }
}

/// GPIO lines that a test plays, for banks of one consumer.
final class ScriptedLines {
  let consumer: String
  /// What a request of a line is answered; 0 for the others.
  var refusals: [String: Int32] = [:]
  var holder = ""
  var levels: [String: Bool] = [:]
  var edges: [String: [(rise: Bool, at: Int64)]] = [:]
  var failing: [String: Int32] = [:]
  private(set) var requested: [String: cg_line_options] = [:]
  private(set) var released: [String] = []
  private(set) var written: [(name: String, level: Bool)] = []

  init(_ consumer: String) {
    self.consumer = consumer
    let context = unsafe Unmanaged.passUnretained(self).toOpaque()
    let added = unsafe cg_seam_add(
      consumer,
      { context, call in
        guard let context = unsafe context, let call = unsafe call else { return -EFAULT }
        let lines = unsafe Unmanaged<ScriptedLines>.fromOpaque(context).takeUnretainedValue()
        return unsafe lines.take(&call.pointee)
      }, context)
    precondition(added == 0)
  }

  func remove() { unsafe cg_seam_remove(consumer) }

  private func take(_ call: inout cg_call) -> Int32 {
    let name = unsafe String(cString: call.name)
    switch unsafe call.op {
    case cg_op_request:
      if let refusal = refusals[name] {
        for (position, letter) in holder.utf8.enumerated() {
          unsafe call.holder[position] = CChar(bitPattern: letter)
        }
        return refusal
      }
      unsafe requested[name] = call.options.pointee
      return 0
    case cg_op_get: return failing[name] ?? (levels[name] == true ? 1 : 0)
    case cg_op_set:
      if let failure = failing[name] { return failure }
      unsafe written.append((name, call.level))
      return 0
    case cg_op_edge:
      guard var waiting = edges[name], !waiting.isEmpty else { return 0 }
      let edge = waiting.removeFirst()
      edges[name] = waiting
      unsafe call.level = edge.rise
      unsafe call.at = edge.at
      return 1
    default:
      released.append(name)
      return 0
    }
  }
}
