// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
public import Foundation
public import LocalTransport
public import Plant
import Realtime
public import SimulatedBoard
import Synchronization
public import Units

/// The simulated pump running in real time, times a speed factor, for processes outside.
///
/// The plant is advanced in fixed steps of 10 ms up to the present by whoever asks first: the
/// rig's own thread every few milliseconds, or a bus request. A request therefore always sees the
/// plant as it is now, and the steps are the same however the asking falls.
public final class Rig: Sendable {
  private struct Contents {
    var pump: SimulatedPump
    var running = true
  }

  /// Above the daemons' priorities: hardware keeps no program waiting because the machine is busy.
  static let priority: Int32 = 70

  private let contents: Mutex<Contents>
  private let clock: MonotonicSource

  /// `clock` is the pump's monotonic clock: the one the daemons are started with.
  public init(knobs: KnobSettings, seed: UInt64, clock: MonotonicSource) {
    contents = Mutex(Contents(pump: SimulatedPump(knobs: knobs, seed: seed, start: clock.now())))
    self.clock = clock
  }

  /// Starts the thread that keeps the plant at the present, every 2.5 real milliseconds.
  ///
  /// At the speed of 1 it stands apart from the beats of controller and monitor (SRS-246): a chip takes no time
  /// of theirs.
  ///
  /// Without the right to a real-time priority it runs as an ordinary thread: on a busy machine the
  /// daemons may then wait for the board until they stop the infusion.
  public func start() {
    let thread = Thread { [self] in
      _ = takeRealtimePriority(Rig.priority)
      var cadence = Cadence(
        period: .microseconds(2_500) * clock.scale, place: .microseconds(1_250) * clock.scale,
        speed: clock.scale, epoch: clock.epoch)
      while contents.withLock({ $0.running }) {
        withPump { _ in }
        _ = cadence.wait()
      }
    }
    thread.name = "plant"
    thread.start()
  }

  public func stop() { contents.withLock { $0.running = false } }

  /// Brings the plant to the present and lends it.
  public func withPump<Result: Sendable>(_ body: (SimulatedPump) throws -> sending Result) rethrows
    -> Result
  {
    try contents.withLock { contents in
      let now = clock.now()
      // A host that slept must not make the plant run for hours: it drops what it cannot catch up.
      let behind = now - contents.pump.now
      if behind > .seconds(5) { contents.pump.skip(to: now - .seconds(1)) }
      while contents.pump.now + .milliseconds(10) <= now { contents.pump.advance() }
      return try body(contents.pump)
    }
  }

  /// What the page shows of the plant.
  public struct Moment: Sendable {
    public var now: Instant
    public var display: Data
    public var lampRed, lampYellow, lampGreen, buzzerA, buzzerB, motorPowered: Bool
    /// mL/h and mL.
    public var flow, delivered, inSyringe, capacity, lineAir: Double
    /// The larger of the two occlusion knobs, in per cent.
    public var occlusion: Double
  }

  public func moment() -> Moment {
    withPump { pump in
      let picture = pump.picture
      var display = Data(capacity: 1_024)
      for page in 0..<8 {
        for column in 0..<128 { display.append(picture.byte(page: page, column: column)) }
      }
      let truth = pump.plant.truth
      let occlusion = Swift.max(
        pump.plant.value(of: .occlusionDownstream), pump.plant.value(of: .occlusionUpstream))
      return Moment(
        now: pump.now, display: display, lampRed: pump.lampRed, lampYellow: pump.lampYellow,
        lampGreen: pump.lampGreen, buzzerA: pump.buzzerA, buzzerB: pump.buzzerB,
        motorPowered: pump.motorPowered, flow: Double(truth.flow_nLPerHour) / 1e6,
        delivered: Double(truth.delivered_fL) / 1e12,
        inSyringe: Double(truth.inSyringe_fL) / 1e12,
        capacity: pump.plant.value(of: .syringeSize),
        lineAir: Double(truth.lineAir_fL) / 1e12, occlusion: occlusion)
    }
  }

  /// What the plant's clock said when the motor last lost its power; `nil` while it has power.
  public func motorUnpoweredSince() -> Instant? { withPump { $0.motorUnpoweredSince } }
}
