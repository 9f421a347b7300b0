// SPDX-License-Identifier: Apache-2.0

import Board
import BoardChoice
import DeviceInterface
import Domain
import LinuxHardware
import LocalTransport
import Messages
import Realtime
import SafetyProcess
import Units

/// The process that watches: 10 ms of receive → step → publish around the pure cycle.
struct SafetyDaemon {
  typealias Cycle = SafetyCycle<ReferenceSafetyBoard<ChosenI2C, ChosenLines>>

  /// The period of the cycle.
  static var period: Interval { .milliseconds(10) }
  /// The controller beats on whole periods, and is woken late while this process, of the higher
  /// priority, has its processor (SRS-246).
  static var place: Interval { .milliseconds(5) }
  /// A status of the controller that was longer on its way counts as not come (RC-017).
  static var statusAge: Interval { .milliseconds(100) }
  /// Packets looked at in one cycle: a flood costs no more than this (RC-008).
  static var packetsPerCycle: Int { 8 }

  private var cycle: Cycle
  private var hub: Hub
  private var controller: Subscription
  private var inbox = SafetyInbox()
  private var outbox = SafetyOutbox()
  private var console: Console
  private let clock: MonotonicSource
  /// Started last, when nothing can fail any more: from then on it wants its strokes.
  private let watchdog: KernelWatchdog?

  /// Opens the board and the sockets; nothing moves.
  init(_ options: DaemonOptions, console: Console) throws(StartError) {
    self.console = console
    clock = MonotonicSource(scale: options.speed, epoch: options.epoch)
    let policy = PeerPolicy.sameUser.adding(options.users)
    let board = BoardChoice(options, allowing: policy, clock: clock)
    // RC-140 SRS-213: no power for software that is not proved.
    cycle = Cycle(
      board: try board.safety(),
      unproved: StartVerdict(at: options.verdict).map { !$0.isProved } ?? false)
    do throws(TransportError) {
      hub = try Hub(path: options.run + "/safety.sock", allowing: policy)
    } catch { throw .socket(error) }
    controller = Subscription(
      to: options.run + "/control.sock", allowing: policy, maximumAge: Self.statusAge)
    watchdog = try board.watchdog()
  }

  /// Runs until the process is asked to end, then lets the gate go; `false` when the timer ended it.
  mutating func run() -> Bool {
    cycle.start(at: clock.now())
    notifyReady()
    var manager = ServiceWatchdog()
    var cadence = Cadence(
      period: Self.period, place: Self.place, speed: clock.scale, epoch: clock.epoch)
    while !Termination.requested && cadence.wait() {
      let now = clock.now()
      receive(at: now)
      inbox.missed = cadence.missed
      inbox.lateness = cadence.lateness
      cycle.step(&inbox, at: now, into: &outbox)
      publish(at: now)
      // RC-040: stroked after a whole cycle, by nobody else.
      watchdog?.keepAlive(at: now)
      manager.stroke(good: cadence.lateness < Self.period)
    }
    // RC-004: an orderly end writes the safe values; a disorderly one leaves it to the watchdog.
    cycle.board.act(SafetyOutputs(), at: clock.now())
    watchdog?.disarm()
    notifyStopping()
    return Termination.requested
  }

  /// Takes what came; the newest status counts.
  private mutating func receive(at now: Instant) {
    hub.accept()
    var looked = 0
    while looked < Self.packetsPerCycle,
      let frame = controller.receive(at: now, most: Self.packetsPerCycle)
    {
      looked += 1
      if case .control(let status) = frame {
        inbox.control = status
        inbox.controlAt = now
      }
    }
    inbox.refused = controller.refused
    if let refusal = controller.lastRefusal {
      inbox.refusal = refusal.code
      console.say("a frame of the controller was refused: \(refusal)", count: controller.refused)
    }
  }

  private mutating func publish(at now: Instant) {
    for position in 0..<outbox.events.count { hub.send(.event(outbox.events[position]), at: now) }
    if outbox.publish { hub.send(.safety(cycle.status), at: now) }
  }
}
