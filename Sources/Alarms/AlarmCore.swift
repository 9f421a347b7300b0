// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Units

/// Turns conditions into alarms that signal: latching, audio pause, light and sound.
///
/// Detection is not its business: it is told which conditions are present and knows nothing of why.
public struct AlarmCore: Sendable {
  /// Alarms that signal now: their condition is present, or they latched and nobody cleared them.
  public private(set) var signalling = AlarmSet()
  /// Those whose condition is present now.
  public private(set) var conditions = AlarmSet()
  /// Until when the audio is paused; `nil` when it is not.
  public private(set) var pausedUntil: Instant?
  private var priority: AlarmPriority?
  private var since: Instant = .zero

  public init() {}

  /// What an update changed.
  public struct Changes: Sendable {
    public var raised = AlarmSet()
    public var cleared = AlarmSet()
    /// The audio pause ended in this update.
    public var audioResumed = false
  }

  /// Takes up the conditions of this cycle.
  public mutating func update(_ present: AlarmSet, at now: Instant) -> Changes {
    var changes = Changes()
    // RC-090 SRS-082: latched alarms wait for a person.
    let kept = AlarmTable.latching(of: signalling)
    let next = present.union(kept)
    // A latched alarm whose condition comes back is a new alarm to whoever paused the audio.
    let again = present.subtracting(conditions)
    changes.raised = next.subtracting(signalling)
    changes.cleared = signalling.subtracting(next)
    conditions = present
    signalling = next
    // RC-024: audio pause ends by itself and with every new alarm.
    if let until = pausedUntil, now >= until || !again.isEmpty || next.isEmpty {
      pausedUntil = nil
      changes.audioResumed = true
    }
    follow(at: now, restart: !changes.raised.isEmpty)
    return changes
  }

  /// Pauses the audio of the present alarms; `false` when nothing signals.
  public mutating func pauseAudio(at now: Instant) -> Bool {
    guard !signalling.isEmpty else { return false }
    // RC-024 SRS-083: audio pause lasts at most 120 s.
    pausedUntil = now + DeviceLimits.audioPause
    return true
  }

  /// The alarms that ``clear(at:)`` would end: latched, with their condition gone.
  public var clearable: AlarmSet { signalling.subtracting(conditions) }

  /// Ends latched alarms whose condition has gone and answers with them.
  public mutating func clear(at now: Instant) -> AlarmSet {
    let gone = clearable
    signalling = signalling.subtracting(gone)
    if signalling.isEmpty { pausedUntil = nil }
    follow(at: now, restart: false)
    return gone
  }

  /// Lamps and buzzer now.
  public func signals(at now: Instant) -> AlarmSignals {
    guard let priority else { return AlarmSignals() }
    var signals = priority.signals(after: now - since)
    if pausedUntil != nil { signals.buzzer = false }
    // A LOW or MEDIUM alarm beside a HIGH one keeps to the HIGH one's light: one cue at a time.
    return signals
  }

  /// The pattern starts anew with a change of priority, and with a new alarm, so that its first
  /// burst is heard at once and not after a silence of up to 16 s.
  private mutating func follow(at now: Instant, restart: Bool) {
    var highest: AlarmPriority?
    if let first = AlarmTable.foremost(of: signalling) { highest = AlarmTable.row(first).priority }
    if highest != priority || restart { since = now }
    priority = highest
  }
}

/// What a checkpoint of the black box keeps of the alarms (RC-022).
extension AlarmCore: Fielded {
  public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try signalling.fields(&visitor)
    try conditions.fields(&visitor)
    try visitor.field(&pausedUntil)
    try visitor.field(&priority, absent: .low)
    try visitor.field(&since)
  }
}
