// SPDX-License-Identifier: Apache-2.0

import Board
public import DeviceInterface
public import Devices
import Drivers
public import Units

/// The step generator of the reference board in virtual time, with the driver chip behind its lines.
///
/// What plays the steps is the code that a device's step thread runs; only the waking is simulated.
public final class SimulatedStepper: StepPort {
  public var chip: SimDRV8825 { wires.chip }
  private let wires = StepWires()
  private let lines: SimulatedLines
  private var player: StepPlayer
  private var wake: Instant
  /// Where virtual time stands.
  private var now: Instant { didSet { wires.now = now } }
  /// How much later than asked the thread is woken from a sleep; for tests of a busy machine.
  public var oversleep: () -> Interval = { .zero }

  /// A stopped generator; `rateCap` in microsteps a second.
  public init(rateCap: Int64, at start: Instant) {
    now = start
    wires.now = start
    wake = start
    lines = SimulatedLines(listener: wires)
    player = StepPlayer(
      lines: .reference, rateCap: rateCap, acceleration: StepPlayer.referenceAcceleration,
      timeout: Self.timeout, at: start)
  }

  /// The latest that a step came after its time.
  public var worstLateness: Interval { player.worstLateness }

  /// Lets the generator run up to `later`, with the motor supply as it is.
  public func advance(to later: Instant, supplied: Bool) {
    chip.supplied = supplied
    var levels: UInt32 = 0
    if supplied { levels |= StepLine.supplied.bit }
    if chip.fault { levels |= StepLine.fault.bit }
    lines.drive(levels, mask: StepLine.supplied.bit | StepLine.fault.bit)
    while wake <= later {
      now = Swift.max(now, wake)
      var bank = lines
      // Simulated lines do not fail.
      guard let next = try? player.turn(at: now, on: &bank) else { return }
      wake = Swift.max(next, now + .nanoseconds(1))
      if wake - now > StepPlayer.spin { wake = wake + oversleep() }
    }
    now = Swift.max(now, later)
  }

  public func run(at microstepsPer10000Seconds: Int64) throws(BusError) {
    player.command(microstepsPer10000Seconds, at: now)
  }

  public func renew() throws(BusError) { player.renew(at: now) }

  public func off() throws(BusError) {
    player.off()
    // The thread looks within a millisecond; here it looks now.
    wake = now
    advance(to: now, supplied: chip.supplied)
  }

  public func report() throws(BusError) -> StepReport { player.report }
}

/// The wires from the step lines to the driver chip.
private final class StepWires: LineListener {
  let chip = SimDRV8825()
  var now = Instant.zero

  func heard(_ before: UInt32, _ after: UInt32) {
    chip.take(
      step: after & StepLine.step.bit != 0, backwards: after & StepLine.direction.bit != 0,
      enabled: after & StepLine.enable.bit != 0, at: now)
  }
}
