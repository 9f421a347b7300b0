// SPDX-License-Identifier: Apache-2.0

public import Domain
public import ServiceAPI
public import Units

/// Everything a screen is drawn from.
///
/// Status is what the controller reported, never what was typed.
// SRS-091: shown is what is held.
public struct PanelView: Sendable {
  /// The controller's last status; `nil` before the first.
  public var control: ControlStatus?
  /// When it arrived.
  public var controlAt: Instant?
  public var safety: SafetyStatus?
  public var safetyAt: Instant?
  /// The service answers.
  public var serviceAlive = false
  /// The order being keyed in, while it is.
  public var editor: OrderEditor?
  /// The menu, while it is open.
  public var menu: PanelMenu?
  /// The sign-in, while it is being keyed in.
  public var signIn: SignInEntry?
  /// The orders from the network, while they are looked at.
  public var proposals: ProposalPage?
  /// Whoever is signed in here.
  public var person: PersonView?
  /// What the service last had for the panel, and when it was heard.
  public var news: PanelNews?
  public var newsAt = Instant.min
  public var notice: PanelNotice?
  public var noticeUntil = Instant.min
  /// When a key was last pressed.
  public var keyedAt = Instant.min
  public var lock = KeyLock()
  public var history = PanelHistory()
  public var update = UpdatePrompt()
  public var language = Language.english
  /// What the check at start found; nil where none is asked for.
  public var verdict: StartVerdict?
  /// The version of the panel's software.
  public var version = ""
  public var now: Instant

  public init(now: Instant) { self.now = now }

  /// Status older than this is not shown as if it were the present (RC-005).
  public static var freshness: Interval { .seconds(1) }

  /// The controller's status while it is fresh.
  // SRS-090: a status older than a second is not shown.
  public var current: ControlStatus? {
    guard let control, let controlAt, now - controlAt <= Self.freshness else { return nil }
    return control
  }

  /// The monitor's status while it is fresh.
  public var monitor: SafetyStatus? {
    guard let safety, let safetyAt, now - safetyAt <= Self.freshness else { return nil }
    return safety
  }

  /// The service's news while they are fresh; what is older is not shown.
  public var freshNews: PanelNews? { now - newsAt <= .seconds(5) ? news : nil }

  /// What is programmed now goes as an emergency's: nobody is signed in at a pump with people, or there is
  /// no service to ask.
  public var isEmergency: Bool {
    isServiceLost || person == nil && freshNews?.hasPeople ?? false
  }

  /// The controller misses the service as well: the panel asks it itself (SRS-087).
  public var isServiceLost: Bool {
    !serviceAlive && current?.conditions.contains(.serviceLost) ?? false
  }

  /// Alarms of both processes that signal now, and what the updater has to tell.
  public var alarms: AlarmSet {
    (current?.alarms ?? AlarmSet()).union(monitor?.alarms ?? AlarmSet()).union(update.alarms)
  }

  /// The update that waits for a person, while the pump is idle.
  // RC-125 SRS-165: in standby and in no other state.
  public var offer: UpdateNotice? {
    guard current?.state == .standby, serviceAlive else { return nil }
    return update.offer(at: now)
  }
}
