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
  public let text: Wording
  /// What to do: at most two lines of 20 characters, cut between words.
  public let remedy: Wording
}

/// The one table of all alarms: priority, effect, text and remedy.
// RC-090 SRS-079: one table of alarms.
public enum AlarmTable {
  public static func row(_ alarm: AlarmID) -> AlarmRow {
    switch alarm {
    case .occlusionDownstream:
      stopping(
        Wording("Line occluded", "Leitung verschlossen"),
        Wording("Open clamp or kink; clear, restart", "Klemme/Knick lösen; quittieren, Start"))
    case .airInLine:
      stopping(
        Wording("Air in line", "Luft in der Leitung"),
        Wording("Close clamp, remove air; clear, restart", "Abklemmen, Luft raus; quittieren"))
    case .endOfInfusion:
      telling(
        .high, Wording("Infusion complete", "Infusion beendet"),
        Wording("KVO runs; stop or program a new VTBI", "KVO läuft; Stopp oder neues VTBI"))
    case .syringeEmpty:
      stopping(
        Wording("Syringe empty", "Spritze leer"),
        Wording("Change the syringe; stop, reprogram", "Spritze wechseln; neu programmieren"))
    case .nearEnd:
      telling(
        .low, Wording("Infusion near end", "Infusion bald zu Ende"),
        Wording("Prepare the next syringe", "Nächste Spritze vorbereiten"))
    case .syringeNotSeated:
      stopping(
        Wording("Syringe not seated", "Spritze sitzt nicht"),
        Wording("Seat the syringe; clear, restart", "Spritze einsetzen; quittieren, Start"))
    case .plungerNotEngaged:
      stopping(
        Wording("Plunger not engaged", "Kolben nicht gefasst"),
        Wording("Engage the plunger; clear, restart", "Kolben einlegen; quittieren, Start"))
    case .doorOpen:
      stopping(
        Wording("Door open", "Tür offen"),
        Wording("Close the door; clear, restart", "Tür schließen; quittieren, Start"))
    case .syringeMismatch:
      stopping(
        Wording("Wrong syringe size", "Falsche Spritze"),
        Wording("Seat the prescribed size; clear, restart", "Verordnete Größe einsetzen"))
    case .batteryLow:
      telling(
        .medium, Wording("Battery low", "Akku schwach"),
        Wording("Connect mains within 30 minutes", "In 30 Minuten ans Netz"))
    case .batteryDepleted:
      stopping(
        Wording("Battery depleted", "Akku leer"),
        Wording("Connect mains now; clear, restart", "Jetzt ans Netz; quittieren, Start"))
    case .mainsLost:
      telling(
        .low, Wording("On battery", "Akkubetrieb"),
        Wording("Connect mains when possible", "Ans Netz, sobald es geht"))
    case .gaugeFault:
      telling(
        .low, Wording("Battery gauge fault", "Akkuanzeige defekt"),
        Wording("Keep on mains; call service", "Am Netz lassen; Service rufen"))
    case .driveFault:
      stopping(
        Wording("Drive fault", "Antrieb defekt"),
        Wording("Do not use; call service", "Nicht verwenden; Service rufen"))
    case .pressureSensorFault:
      stopping(
        Wording("Pressure sensor fault", "Drucksensor defekt"),
        Wording("Use another pump; call service", "Andere Pumpe nehmen; Service rufen"))
    case .monitorLost:
      stopping(
        Wording("Safety monitor lost", "Überwachung fehlt"),
        Wording("Use another pump; call service", "Andere Pumpe nehmen; Service rufen"))
    case .monitorRefused:
      stopping(
        Wording("Safety monitor stop", "Überwachung stoppt"),
        Wording("Check line, syringe; clear, restart", "Leitung, Spritze prüfen; quittieren"))
    case .journalFault:
      stopping(
        Wording("Volume record fault", "Mengenspeicher-Fehler"),
        Wording("Use another pump; call service", "Andere Pumpe nehmen; Service rufen"))
    case .deliveryUncertain:
      latched(
        .medium, Wording("Volume uncertain", "Volumen unsicher"),
        Wording("Power was lost; check volume, clear", "Stromausfall; Menge prüfen, quittieren"))
    case .serviceLost:
      telling(
        .low, Wording("Service lost", "Dienst ausgefallen"),
        Wording("Infusion goes on; call service", "Infusion läuft; Service rufen"))
    case .panelLost:
      telling(
        .low, Wording("Panel lost", "Anzeige ausgefallen"),
        Wording("Infusion goes on; STOP key works", "Infusion läuft; STOP-Taste wirkt"))
    case .keyStuck:
      telling(
        .low, Wording("Key stuck", "Taste klemmt"),
        Wording("Release key; call service if it stays", "Taste lösen; sonst Service rufen"))
    case .confirmTimeout:
      telling(
        .low, Wording("Not confirmed", "Nicht bestätigt"),
        Wording("Start again, then press CONFIRM", "Neu starten, dann CONFIRM drücken"))
    case .pausedTooLong:
      telling(
        .medium, Wording("Delivery paused", "Förderung pausiert"),
        Wording("Restart or stop the infusion", "Fortsetzen oder Infusion beenden"))
    case .realtimeUnavailable:
      telling(
        .medium, Wording("No real-time service", "Keine Echtzeit"),
        Wording("Use another pump; call service", "Andere Pumpe nehmen; Service rufen"))
    case .selfTestFailed:
      stopping(
        Wording("Self-test failed", "Selbsttest-Fehler"),
        Wording("Do not use; call service", "Nicht verwenden; Service rufen"))
    case .softwareUnproved:
      stopping(
        Wording("Software not proved", "Software ungeprüft"),
        Wording("Do not use; call service", "Nicht verwenden; Service rufen"))
    case .controllerLost:
      stopping(
        Wording("Controller lost", "Steuerung fehlt"),
        Wording("Do not use; call service", "Nicht verwenden; Service rufen"))
    case .overInfusion:
      stopping(
        Wording("Over-infusion", "Überinfusion"),
        Wording("Close clamp; use another pump", "Abklemmen; andere Pumpe nehmen"))
    case .underInfusion:
      stopping(
        Wording("Under-infusion", "Unterinfusion"),
        Wording("Check line, syringe; clear, restart", "Leitung, Spritze prüfen; quittieren"))
    case .unexpectedMotion:
      stopping(
        Wording("Unexpected motion", "Unerwartete Bewegung"),
        Wording("Close clamp; use another pump", "Abklemmen; andere Pumpe nehmen"))
    case .reverseMotion:
      stopping(
        Wording("Reverse motion", "Rückwärtslauf"),
        Wording("Close clamp; use another pump", "Abklemmen; andere Pumpe nehmen"))
    case .gateStuck:
      stopping(
        Wording("Power gate stuck", "Motorschalter klemmt"),
        Wording("Do not use; call service", "Nicht verwenden; Service rufen"))
    case .encoderFault:
      stopping(
        Wording("Encoder fault", "Wegsensor defekt"),
        Wording("Use another pump; call service", "Andere Pumpe nehmen; Service rufen"))
    case .pressureDisagreement:
      stopping(
        Wording("Pressure disagreement", "Druck widersprüchlich"),
        Wording("Use another pump; call service", "Andere Pumpe nehmen; Service rufen"))
    case .limitViolation:
      stopping(
        Wording("Limit violation", "Grenze verletzt"),
        Wording("Stop; use another pump", "Stopp; andere Pumpe nehmen"))
    case .updateReturned:
      telling(
        .low, Wording("Update returned", "Update misslungen"),
        Wording("Old software runs; call service", "Alte Software läuft; Service rufen"))
    }
  }

  /// The alarm to show first: of the highest priority present, the one with the lowest number.
  // SRS-081: the most urgent alarm comes first.
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

  private static func stopping(_ text: Wording, _ remedy: Wording) -> AlarmRow {
    AlarmRow(priority: .high, stops: true, latching: true, text: text, remedy: remedy)
  }

  private static func latched(
    _ priority: AlarmPriority, _ text: Wording, _ remedy: Wording
  ) -> AlarmRow {
    AlarmRow(priority: priority, stops: false, latching: true, text: text, remedy: remedy)
  }

  private static func telling(
    _ priority: AlarmPriority, _ text: Wording, _ remedy: Wording
  ) -> AlarmRow {
    AlarmRow(priority: priority, stops: false, latching: false, text: text, remedy: remedy)
  }
}
