// SPDX-License-Identifier: Apache-2.0

public import Domain

/// How soon somebody has to come, as IEC 60601-1-8 ranks it.
///
/// The order is that of urgency.
public enum AlarmPriority: UInt8, Sendable, Comparable, BitwiseCopyable {
  case low = 1
  case medium = 2
  case high = 3

  public static func < (left: AlarmPriority, right: AlarmPriority) -> Bool {
    left.rawValue < right.rawValue
  }
}

/// What the pump says and does about one alarm.
public struct AlarmRow: Sendable {
  public let priority: AlarmPriority
  /// Delivery stops with it and starts again only through a person.
  public let stops: Bool
  /// It goes on signalling after its condition has gone, until a person clears it.
  ///
  /// Every alarm that stops delivery latches: a pump that stopped must not look as if nothing had
  /// happened.
  public let latching: Bool
  /// What is wrong: at most 21 characters, one line of the display.
  public let text: StaticString
  /// What to do: at most two lines of 20 characters, cut between words.
  public let remedy: StaticString
}

/// The one table of all alarms: priority, effect, text and remedy.
public enum AlarmTable {
  public static func row(_ alarm: AlarmID) -> AlarmRow {
    switch alarm {
    case .occlusionDownstream:
      stopping("Line occluded", "Open clamp or kink; clear, restart")
    case .airInLine:
      stopping("Air in line", "Close clamp, remove air; clear, restart")
    case .endOfInfusion:
      telling(.high, "Infusion complete", "KVO runs; stop or program a new VTBI")
    case .syringeEmpty:
      stopping("Syringe empty", "Change the syringe; stop, reprogram")
    case .nearEnd:
      telling(.low, "Infusion near end", "Prepare the next syringe")
    case .syringeNotSeated:
      stopping("Syringe not seated", "Seat the syringe; clear, restart")
    case .plungerNotEngaged:
      stopping("Plunger not engaged", "Engage the plunger; clear, restart")
    case .doorOpen:
      stopping("Door open", "Close the door; clear, restart")
    case .syringeMismatch:
      stopping("Wrong syringe size", "Seat the prescribed size; clear, restart")
    case .batteryLow:
      telling(.medium, "Battery low", "Connect mains within 30 minutes")
    case .batteryDepleted:
      stopping("Battery depleted", "Connect mains now; clear, restart")
    case .mainsLost:
      telling(.low, "On battery", "Connect mains when possible")
    case .gaugeFault:
      telling(.low, "Battery gauge fault", "Keep on mains; call service")
    case .driveFault:
      stopping("Drive fault", "Do not use; call service")
    case .pressureSensorFault:
      stopping("Pressure sensor fault", "Use another pump; call service")
    case .monitorLost:
      stopping("Safety monitor lost", "Use another pump; call service")
    case .monitorRefused:
      stopping("Safety monitor stop", "Check line, syringe; clear, restart")
    case .journalFault:
      stopping("Volume record fault", "Use another pump; call service")
    case .deliveryUncertain:
      latched(.medium, "Volume uncertain", "Power was lost; check volume, clear")
    case .serviceLost:
      telling(.low, "Service lost", "Infusion goes on; call service")
    case .panelLost:
      telling(.low, "Panel lost", "Infusion goes on; STOP key works")
    case .keyStuck:
      telling(.low, "Key stuck", "Release key; call service if it stays")
    case .confirmTimeout:
      telling(.low, "Not confirmed", "Start again, then press CONFIRM")
    case .pausedTooLong:
      telling(.medium, "Delivery paused", "Restart or stop the infusion")
    case .realtimeUnavailable:
      telling(.medium, "No real-time service", "Use another pump; call service")
    case .selfTestFailed:
      stopping("Self-test failed", "Do not use; call service")
    case .controllerLost:
      stopping("Controller lost", "Do not use; call service")
    case .overInfusion:
      stopping("Over-infusion", "Close clamp; use another pump")
    case .underInfusion:
      stopping("Under-infusion", "Check line, syringe; clear, restart")
    case .unexpectedMotion:
      stopping("Unexpected motion", "Close clamp; use another pump")
    case .reverseMotion:
      stopping("Reverse motion", "Close clamp; use another pump")
    case .gateStuck:
      stopping("Power gate stuck", "Do not use; call service")
    case .encoderFault:
      stopping("Encoder fault", "Use another pump; call service")
    case .pressureDisagreement:
      stopping("Pressure disagreement", "Use another pump; call service")
    case .limitViolation:
      stopping("Limit violation", "Stop; use another pump")
    }
  }

  /// The alarm to show first: of the highest priority present, the one with the lowest number.
  public static func foremost(of alarms: AlarmSet) -> AlarmID? {
    var found: AlarmID?
    var highest: AlarmPriority?
    var rest = alarms.bits
    while rest != 0 {
      let number = UInt8(truncatingIfNeeded: rest.trailingZeroBitCount)
      rest &= rest &- 1
      guard let alarm = AlarmID(rawValue: number) else { continue }
      let priority = row(alarm).priority
      if let known = highest, known >= priority { continue }
      highest = priority
      found = alarm
    }
    return found
  }

  /// Those of a set that keep signalling after their condition has gone.
  public static func latching(of alarms: AlarmSet) -> AlarmSet {
    filter(alarms) { $0.latching }
  }

  /// Those of a set that stop delivery.
  public static func stopping(of alarms: AlarmSet) -> AlarmSet {
    filter(alarms) { $0.stops }
  }

  private static func filter(_ alarms: AlarmSet, _ keeps: (AlarmRow) -> Bool) -> AlarmSet {
    var kept = AlarmSet()
    var rest = alarms.bits
    while rest != 0 {
      let number = UInt8(truncatingIfNeeded: rest.trailingZeroBitCount)
      rest &= rest &- 1
      guard let alarm = AlarmID(rawValue: number) else { continue }
      if keeps(row(alarm)) { kept.insert(alarm) }
    }
    return kept
  }

  private static func stopping(_ text: StaticString, _ remedy: StaticString) -> AlarmRow {
    AlarmRow(priority: .high, stops: true, latching: true, text: text, remedy: remedy)
  }

  private static func latched(
    _ priority: AlarmPriority, _ text: StaticString, _ remedy: StaticString
  ) -> AlarmRow {
    AlarmRow(priority: priority, stops: false, latching: true, text: text, remedy: remedy)
  }

  private static func telling(
    _ priority: AlarmPriority, _ text: StaticString, _ remedy: StaticString
  ) -> AlarmRow {
    AlarmRow(priority: priority, stops: false, latching: false, text: text, remedy: remedy)
  }
}
