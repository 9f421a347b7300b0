// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Foundation
import Glibc

/// The chips' end of an I²C adapter of the module i2c-plant: takes each transfer from the kernel and
/// answers it.
final class PlantBus: Sendable {
  private static let longest = 64
  private let device: KernelFile

  /// `adapter` is the number of its /dev/i2c-N.
  init(adapter: Int) throws(LabError) {
    device = try KernelFile("/dev/i2c-plant-\(adapter)", writable: true)
  }

  /// Serves the bus on a thread of its own until the process ends.
  func serve(
    _ name: String, _ perform: @escaping @Sendable (inout I2CTransfer) -> BusError?
  ) {
    let thread = Thread { [device] in
      KernelFile.goFirst(priority: 80)
      while true {
        // struct request: number, address, counts, bytes.
        let request = device.read(8 + Self.longest)
        guard request.count == 8 + Self.longest else { return }
        var answer = Array(request[0..<4])
        var transfer = I2CTransfer(to: request[4], reading: Int(request[6]))
        for position in 0..<Int(request[5]) { transfer.append(request[8 + position]) }
        let failure = perform(&transfer)
        let code = UInt32(bitPattern: -(failure.map(Self.errno(of:)) ?? 0))
        for shift in [0, 8, 16, 24] as [UInt32] { answer.append(UInt8(code >> shift & 0xff)) }
        for position in 0..<Self.longest {
          answer.append(position < transfer.readCount ? transfer.read(position) : 0)
        }
        device.write(answer)
      }
    }
    thread.name = name
    thread.start()
  }

  /// The kernel's fault codes for I²C (Documentation/i2c/fault-codes).
  private static func errno(of error: BusError) -> Int32 {
    switch error {
    case .noAcknowledge: ENXIO
    case .bus: EAGAIN
    case .timeout: ETIMEDOUT
    case .badAnswer: EBADMSG
    case .badRequest: EINVAL
    case .permission: EACCES
    }
  }
}
