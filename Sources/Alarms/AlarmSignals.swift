// SPDX-License-Identifier: Apache-2.0

public import Units

/// What lamps and buzzer do at one moment.
public struct AlarmSignals: Hashable, Sendable, BitwiseCopyable {
  public var red = false
  public var yellow = false
  public var buzzer = false
  public init() {}
}

/// The light and sound of a priority over time, counted from when it began to signal.
///
/// Figures within the ranges that public summaries of IEC 60601-1-8 give: HIGH flashes red at
/// 1.4–2.8 Hz, MEDIUM yellow at 0.4–0.8 Hz, LOW is steady yellow; bursts of 10, 3 and 2 pulses.
extension AlarmPriority {
  /// Lamps and buzzer `elapsed` after the signal began; a negative time counts as zero.
  // RC-090 SRS-084: lamps and bursts have their figures.
  public func signals(after elapsed: Interval) -> AlarmSignals {
    let time = elapsed.native > 0 ? elapsed.native / 1_000_000 : 0
    var signals = AlarmSignals()
    switch self {
    case .high:
      signals.red = time % 500 < 250
      signals.buzzer = Self.highPulse(time % 6_300)
    case .medium:
      signals.yellow = time % 1_667 < 833
      signals.buzzer = Self.pulse(time % 6_000, count: 3)
    case .low:
      signals.yellow = true
      signals.buzzer = Self.pulse(time % 16_600, count: 2)
    }
    return signals
  }

  /// Five pulses of 150 ms in the rhythm 3 + 2, the same again after 500 ms, then 3 s of silence.
  private static func highPulse(_ time: Int64) -> Bool {
    let half = time < 1_900 ? time : time - 1_900
    switch half {
    case 0..<150, 250..<400, 500..<650, 1_000..<1_150, 1_250..<1_400: return true
    default: return false
    }
  }

  /// Pulses of 200 ms with 200 ms between them.
  private static func pulse(_ time: Int64, count: Int64) -> Bool {
    time < count * 400 && time % 400 < 200
  }
}
