// SPDX-License-Identifier: Apache-2.0

import Alarms
public import DeviceInterface
public import Domain
public import Units

/// What the panel does with keys: pure, so that a test can press any million of them.
///
/// STOP and CONFIRM are not here: the controller reads them itself.
public struct PanelCore: Sendable {
  public var view: PanelView
  private var down = PanelKeys()
  private var stable = PanelKeys()
  private var since: Instant
  private var number: UInt32 = 0
  private var keyAt: Instant
  /// What to tell the updater, by way of the service; ``takeAnswer()`` empties it.
  private var answer: UpdateAnswer?

  public init(now: Instant) {
    view = PanelView(now: now)
    since = now
    keyAt = now
  }

  /// Where a command goes.
  public enum Route: Sendable, Equatable {
    /// Past the service: what must work without it.
    case controller
    case service
  }

  /// A command to send, if any, and to whom.
  public struct Action: Sendable, Equatable {
    public var command: Command
    public var route: Route
  }

  /// What a person has answered to the updater since the last call.
  public mutating func takeAnswer() -> UpdateAnswer? {
    defer { answer = nil }
    return answer
  }

  /// Takes the raw keys at `now` and returns what to send.
  ///
  /// A key counts once, when it has been steady for 20 ms.
  public mutating func step(keys: PanelKeys, now: Instant) -> Action? {
    view.now = now
    if now - keyAt > PanelMenu.patience {
      view.menu = nil
      view.update.forget()
    }
    if keys != down {
      down = keys
      since = now
    }
    // RC-091 SRS-005: a panel key counts once.
    guard now - since >= .milliseconds(20) else { return nil }
    let pressed = down.subtracting(stable)
    stable = down
    guard !pressed.isEmpty else { return nil }
    keyAt = now
    return press(pressed)
  }

  private mutating func press(_ pressed: PanelKeys) -> Action? {
    // SRS-086: audio is paused without a status.
    if pressed == .silence { return toController(.silence) }
    guard let status = view.current else { return nil }
    if view.lock.locked && pressed != .pause {
      view.lock.press(pressed, now: view.now)
      return nil
    }
    // SRS-095: a covered order is dropped.
    // A key acts on the screen that is seen: an order hidden by a read-back or an alarm is dropped.
    let covered = Screens.shownAlarm(view, status) != nil || Screens.readsBack(status)
    if covered {
      view.editor = nil
      view.menu = nil
    }
    if let menu = view.menu {
      // PAUSE pauses from everywhere but an order that is being keyed in.
      guard pressed == .pause else {
        self.press(pressed, in: menu)
        return nil
      }
      view.menu = nil
    }
    if var editor = view.editor {
      let outcome = editor.press(pressed)
      switch outcome {
      case .editing:
        view.editor = editor
        return nil
      case .left:
        view.editor = nil
        return nil
      case .done(let draft):
        view.editor = nil
        return toService(.program, draft: draft)
      }
    }
    if !covered, let offer = view.offer {
      switch view.update.press(pressed, on: offer, at: view.now) {
      case .taken: return nil
      case .agreed(let image):
        answer = UpdateAnswer(.agree, to: image)
        return nil
      case .passed: break
      }
    }
    switch pressed {
    case .pause:
      return Screens.readsBack(status)
        ? toService(.cancel) : toController(.pause)
    case .start: return toService(.start)
    case .ok: return ok(status)
    case .left:
      if !covered { view.menu = PanelMenu() }
      return nil
    default: return nil
    }
  }

  private mutating func press(_ pressed: PanelKeys, in menu: PanelMenu) {
    var menu = menu
    switch menu.press(pressed, events: view.history.events.count) {
    case .open: view.menu = menu
    case .left: view.menu = nil
    case .otherLanguage:
      view.language = view.language == .english ? .german : .english
      view.menu = menu
    case .lock:
      view.menu = nil
      view.lock.lock()
    }
  }

  private mutating func ok(_ status: ControlStatus) -> Action? {
    // An alarm whose condition lasts, such as running on battery, must not keep the order from being
    // keyed in; only what can be cleared, or takes the screen, is cleared.
    let clearable = view.alarms.subtracting(status.conditions)
    // What stands on the screen is what is seen.
    if !view.update.alarms.isEmpty, AlarmTable.foremost(of: view.alarms) == .updateReturned {
      answer = UpdateAnswer(.seen)
      return nil
    }
    if Screens.shownAlarm(view, status) != nil || !clearable.subtracting(view.update.alarms).isEmpty
    {
      return toService(.clear)
    }
    switch status.state {
    case .standby, .programmed, .infusing:
      view.editor = OrderEditor(from: status.held)
      return nil
    case .awaitingConfirm, .starting, .kvo, .paused, .relieving, .halted, .faulted:
      return nil
    }
  }

  // SRS-094: the panel asks only what it may.
  private mutating func toController(_ kind: CommandKind) -> Action {
    Action(command: next(kind, from: .panel), route: .controller)
  }

  private mutating func toService(_ kind: CommandKind, draft: PrescriptionDraft? = nil) -> Action {
    Action(command: next(kind, from: .panel, draft: draft), route: .service)
  }

  private mutating func next(
    _ kind: CommandKind, from origin: CommandOrigin, draft: PrescriptionDraft? = nil
  ) -> Command {
    number &+= 1
    return Command(kind, from: origin, number: number, draft: draft)
  }
}
