// SPDX-License-Identifier: Apache-2.0

import Board
import BoardChoice
import DeviceInterface
import Domain
import LocalTransport
import Messages
import Panel
import Realtime
import Units

/// The screen: draws what controller and monitor report ten times a second, reads the keypad fifty
/// times a second, and decides nothing.
struct PanelDaemon {
  var board: ReferencePanelBoard<ChosenI2C>
  var core: PanelCore
  var control: Subscription
  var safety: Subscription
  var service: Subscription
  var people: PanelLink
  let clock: MonotonicSource
  private var drawAt: Instant
  private var heartbeatAt: Instant
  private var serviceHeardAt: Instant?
  private var prepared = false
  private var keys = PanelKeys()

  /// Opens the board and names the sockets; a peer that is not there yet is found later.
  init(_ options: DaemonOptions) throws(StartError) {
    clock = MonotonicSource(scale: options.speed, epoch: options.epoch)
    let policy = PeerPolicy.sameUser.adding(options.users)
    board = try BoardChoice(options, allowing: policy, clock: clock).panel()
    let now = clock.now()
    core = PanelCore(now: now)
    core.view.version = ReleaseVersion.text
    core.view.verdict = StartVerdict(at: options.verdict)
    control = Subscription(to: options.run + "/control.sock", allowing: policy)
    safety = Subscription(to: options.run + "/safety.sock", allowing: policy)
    service = Subscription(to: options.run + "/service.sock", allowing: policy)
    people = PanelLink(to: options.run + "/people.sock", allowing: policy)
    drawAt = now
    heartbeatAt = now
  }

  /// Runs until the process is asked to end; `false` when the timer ended it.
  mutating func run() -> Bool {
    notifyReady()
    var manager = ServiceWatchdog()
    // Apart from the beats of controller and monitor (SRS-246), so that neither meets this one's traffic.
    var cadence = Cadence(
      period: .milliseconds(20), place: .microseconds(7_500), speed: clock.scale,
      epoch: clock.epoch)
    while !Termination.requested && cadence.wait() {
      round()
      manager.stroke(good: prepared && cadence.lateness < cadence.period)
    }
    notifyStopping()
    return Termination.requested
  }

  private mutating func round() {
    let now = clock.now()
    hear(at: now)
    if !prepared {
      do {
        try board.prepare()
        prepared = true
      } catch { prepared = false }
    }
    do { keys = try board.keys() } catch {
      keys = PanelKeys()
      prepared = false
    }
    if let action = core.step(keys: keys, now: now) { send(action, at: now) }
    people.step(&core, at: now)
    if let answer = core.takeAnswer() { _ = service.send(.updateAnswer(answer), at: now) }
    if now >= heartbeatAt {
      heartbeatAt = now + .milliseconds(500)
      _ = control.send(.command(Command(.heartbeat, from: .panel, number: 0)), at: now)
    }
    if now >= drawAt, prepared {
      drawAt = now + .milliseconds(100)
      do { try board.show(Screens.draw(core.view)) } catch { prepared = false }
    }
  }

  private mutating func hear(at now: Instant) {
    while let frame = control.receive(at: now) {
      switch frame {
      case .control(let status):
        core.view.control = status
        core.view.controlAt = now
      case .event(let event): core.view.history.append(event)
      default: break
      }
    }
    while let frame = safety.receive(at: now) {
      switch frame {
      case .safety(let status):
        core.view.safety = status
        core.view.safetyAt = now
      case .event(let event): core.view.history.append(event)
      default: break
      }
    }
    while let frame = service.receive(at: now) {
      serviceHeardAt = now
      switch frame {
      case .updateNotice(let notice): core.view.update.hear(notice, at: now)
      // The others' events come from themselves, service or not.
      case .event(let event) where event.source == .service: core.view.history.append(event)
      default: break
      }
    }
    core.view.serviceAlive = serviceHeardAt.map { now - $0 <= .seconds(3) } ?? false
  }

  private mutating func send(_ action: PanelCore.Action, at now: Instant) {
    switch action.route {
    case .controller: _ = control.send(.command(action.command), at: now)
    case .service: _ = service.send(.command(action.command), at: now)
    }
  }
}
