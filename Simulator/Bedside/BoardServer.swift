// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Devices
import Foundation
public import LocalTransport
import Messages
import Realtime
import SimulatedBoard
import Synchronization
import Units

/// Answers the daemons' bus requests from the simulated board: the far end of every `link` board.
///
/// One socket and one thread per bus. A daemon that dies closes its connection and nothing else:
/// its outputs stay as they were, as they do on real pins, so that letting go of the motor is the
/// watchdog's work and not the simulator's kindness.
public final class BoardServer: Sendable {
  private enum Side: String, CaseIterable {
    case a, b, c
  }

  private let rig: Rig
  private let listeners: [(Side, Listener)]
  private let running = Mutex(true)

  /// Listens at `board-a.sock`, `board-b.sock` and `board-c.sock` in the run folder.
  public init(rig: Rig, run folder: String) throws(TransportError) {
    self.rig = rig
    var made: [(Side, Listener)] = []
    for side in Side.allCases {
      made.append((side, try Listener(path: "\(folder)/board-\(side.rawValue).sock")))
    }
    listeners = made
  }

  public func start() {
    for (side, listener) in listeners {
      let thread = Thread { [self] in
        _ = takeRealtimePriority(Rig.priority)
        serve(side, listener)
      }
      thread.name = "board-\(side.rawValue)"
      thread.start()
    }
  }

  public func stop() { running.withLock { $0 = false } }

  private func serve(_ side: Side, _ listener: Listener) {
    var peers: [Connection] = []
    while running.withLock({ $0 }) {
      let all = [listener.descriptor] + peers.map(\.descriptor)
      guard waitForInput(on: all, upTo: .milliseconds(200)) else { continue }
      if case .connection(let connection) = listener.accept(), peers.count < 8 {
        peers.append(connection)
      }
      peers.removeAll { !answer(side, $0) }
    }
  }

  /// Answers every request that waits; `false` when the far end is gone.
  private func answer(_ side: Side, _ connection: Connection) -> Bool {
    while true {
      switch connection.receive() {
      case .nothing: return true
      case .closed: return false
      case .tooLong: continue
      case .frame(let bytes):
        guard let (header, frame) = try? decode(bytes), case .busRequest(let request) = frame
        else { continue }
        let (reply, now) = rig.withPump { pump in (Self.perform(request, on: side, pump), pump.now)
        }
        if connection.send(encode(.busReply(reply), sequence: header.sequence, at: now)) == .closed
        {
          return false
        }
      }
    }
  }

  private static func perform(_ request: BusRequest, on side: Side, _ pump: SimulatedPump)
    -> BusReply
  {
    do throws(BusError) {
      switch request {
      case .transfer(let address, let writing, let reading):
        var transfer = I2CTransfer(to: address, reading: Int(reading))
        for position in 0..<Int(writing.count) { transfer.append(writing[position]) }
        switch side {
        case .a: try pump.busA.perform(&transfer)
        case .b: try pump.busB.perform(&transfer)
        case .c: try pump.busC.perform(&transfer)
        }
        var read = BusBytes()
        for position in 0..<transfer.readCount { read.append(transfer.read(position)) }
        return .read(read)
      case .sample:
        let sample: LineSample
        switch side {
        case .a: sample = try pump.controlLines.sample()
        case .b: sample = try pump.safetyLines.sample()
        case .c: throw .badRequest
        }
        return .lines(levels: sample.levels, risen: sample.risen, fallen: sample.fallen)
      case .write(let levels, let mask):
        switch side {
        case .a: try pump.controlLines.write(levels, mask: mask)
        case .b: try pump.safetyLines.write(levels, mask: mask)
        case .c: throw .badRequest
        }
        return .done
      }
    } catch {
      return .failed(error.rawValue)
    }
  }
}
