// SPDX-License-Identifier: Apache-2.0

import Board
import BoardChoice
import ControlProcess
import DeviceInterface
import Domain
import LocalTransport
import Messages
import Realtime
import Units

/// The process that drives: 10 ms of receive → step → publish around the pure cycle.
struct ControlDaemon {
  typealias Cycle = ControlCycle<RecordingBoard<ChosenControlBoard, BlackBox>>

  /// The period of the cycle.
  static var period: Interval { .milliseconds(10) }
  /// A status of the monitor that was longer on its way counts as not come (RC-018).
  static var statusAge: Interval { .milliseconds(150) }
  /// Packets looked at in one cycle: a flood costs no more than this (RC-008).
  static var packetsPerCycle: Int { 8 }
  /// Real seconds without a word after which service or panel is lost.
  static var absence: Interval { .seconds(2) }

  private var cycle: Cycle
  private var hub: Hub
  private var monitor: Subscription
  private var inbox = ControlInbox()
  private var outbox = ControlOutbox()
  private var serviceSeen: Instant
  private var panelSeen: Instant
  private var console: Console
  private let clock: MonotonicSource
  private let origins: OriginPolicy
  private let verdict: StartVerdict?
  /// What the hub had refused when it was last looked at.
  private var refusedByHub: UInt32 = 0
  /// Commands of users who may not command.
  private var strangers: UInt32 = 0

  /// Opens the board and the sockets; nothing moves.
  init(_ options: DaemonOptions, console: Console) throws(StartError) {
    self.console = console
    clock = MonotonicSource(scale: options.speed, epoch: options.epoch)
    let policy = PeerPolicy.sameUser.adding(options.users + options.services + options.panels)
    origins = OriginPolicy(services: options.services, panels: options.panels)
    verdict = StartVerdict(at: options.verdict)
    cycle = Cycle(
      board: RecordingBoard(
        try BoardChoice(options, allowing: policy, clock: clock).control(),
        recorder: Recorder(BlackBox(in: options.run, console: console))))
    // A command that waited longer than this is not carried out any more.
    do throws(TransportError) {
      hub = try Hub(path: options.run + "/control.sock", allowing: policy, maximumAge: .seconds(1))
    } catch { throw .socket(error) }
    monitor = Subscription(
      to: options.run + "/safety.sock", allowing: policy, maximumAge: Self.statusAge)
    // Who has just started has not lost anybody yet.
    serviceSeen = clock.now()
    panelSeen = serviceSeen
  }

  /// Runs until the process is asked to end, then lets the motor go; `false` when the timer ended it.
  mutating func run(realtime: Bool) -> Bool {
    inbox.realtime = realtime
    // RC-140 SRS-213: nothing is started by software that is not proved.
    cycle.start(at: clock.now(), unproved: verdict.map { !$0.isProved } ?? false)
    notifyReady()
    var manager = ServiceWatchdog()
    var cadence = Cadence(period: Self.period, speed: clock.scale, epoch: clock.epoch)
    while !Termination.requested && cadence.wait() {
      let now = clock.now()
      receive(at: now)
      inbox.missed = cadence.missed
      inbox.lateness = cadence.lateness
      cycle.step(recording: &inbox, at: now, into: &outbox)
      publish(at: now)
      manager.stroke(good: cadence.lateness < Self.period)
    }
    // RC-004: an orderly end writes the safe values; a disorderly one leaves it to the timeouts.
    cycle.board.act(.off, ControlOutputs(), at: clock.now())
    notifyStopping()
    return Termination.requested
  }

  /// Takes what came: the newest status of the monitor and at most one command.
  private mutating func receive(at now: Instant) {
    hub.accept()
    receiveStatus(at: now)
    receiveCommand(at: now)
    inbox.serviceAlive = now - serviceSeen <= Self.absence * clock.scale
    inbox.panelAlive = now - panelSeen <= Self.absence * clock.scale
    noteRefusals()
  }

  /// What the hub and the subscription refused, in one count.
  private mutating func noteRefusals() {
    let refused = hub.refused &+ monitor.refused
    guard refused != inbox.refused else { return }
    let why = hub.refused != refusedByHub ? hub.lastRefusal : monitor.lastRefusal
    refusedByHub = hub.refused
    inbox.refused = refused
    guard let why else { return }
    inbox.refusal = why.code
    console.say("a frame was refused: \(why)", count: refused)
  }

  private mutating func receiveStatus(at now: Instant) {
    var looked = 0
    while looked < Self.packetsPerCycle,
      let frame = monitor.receive(at: now, most: Self.packetsPerCycle)
    {
      looked += 1
      if case .safety(let status) = frame {
        inbox.safety = status
        inbox.safetyAt = now
      }
    }
  }

  /// The next command; those behind it wait for the next cycle. A heartbeat is only noted.
  // RC-008: the peers are heard in turn, so that one that floods does not silence another.
  private mutating func receiveCommand(at now: Instant) {
    inbox.command = nil
    var looked = 0
    while looked < Self.packetsPerCycle,
      let frame = hub.receive(at: now, most: Self.packetsPerCycle)
    {
      looked += 1
      if case .updateNotice(let notice) = frame { note(notice) }
      guard case .command(var command) = frame else { continue }
      guard let origin = origins.origin(of: hub.sender, claiming: command.origin) else {
        strangers &+= 1
        console.say("a command of user \(hub.sender), who may not command", count: strangers)
        continue
      }
      command.origin = origin
      switch origin {
      case .service: serviceSeen = now
      case .panel: panelSeen = now
      }
      if command.kind != .heartbeat {
        inbox.command = command
        return
      }
    }
  }

  // RC-132 SRS-208 SEC-394: of what the service says of updates one truth is taken, and from its user alone.
  private mutating func note(_ notice: UpdateNotice) {
    guard origins.origin(of: hub.sender, claiming: .service) == .service else { return }
    inbox.updateReturned = notice.outcome == .returned
  }

  private mutating func publish(at now: Instant) {
    for position in 0..<outbox.events.count { hub.send(.event(outbox.events[position]), at: now) }
    if outbox.publish { hub.send(.control(cycle.published), at: now) }
  }
}
