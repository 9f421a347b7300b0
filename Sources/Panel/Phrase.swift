// SPDX-License-Identifier: Apache-2.0

import Domain

/// Every fixed text of the screens, in every language: the panel's catalogue.
///
/// Alarm texts and remedies stand with their alarms, in `AlarmTable`. The names of the keys STOP,
/// CONFIRM, START, PAUSE, OK and SILENCE are engraved on the device and are never translated.
enum Phrase: UInt8, Sendable, CaseIterable {
  // States, in the header: at most 9 letters, so that the simulation's mark has room.
  case standby, ready, confirming, starting, infusing, kvo, paused, relieving, stopped, fault
  // Standby and running.
  case noInfusion, pressToProgram, noReading, notForPatients, serviceLost
  case startReadsBack, checking, startResumes
  // The read-back.
  case syringe, pressConfirm
  // Alarms.
  case high, medium, low, audioPaused, given, clearOrSilence
  // Keying in.
  case rate, vtbi, step, nextOrBack, bigChange, timesMore, timesLess, again
  // The menu.
  case menu, history, lockKeys, language, device, chooseOrLeave
  case locked, toUnlock, noEvents, browseOrLeave, leave
  case simulatedBoard, realBoard, software, service, answers, silent, missed, latest
  // The history.
  case alarm, alarmOver, command, refused, state, started, confirmed, stopKey, audioBack
  case newRate, ended, restored, recordFault, objected, relief, relieved
  case networkLost, networkBack
  // An update of the software.
  case updateWaits, startOrLater, install, atNextStart, yesOrNo, restartToUpdate, mainsFirst
  case libraryWaits, configurationWaits, atOnce
  case updateAgreed, updateKept, updateReturned
  // Without a controller.
  case noController, deliveryUnknown, checkPatient, clampLine
  // Software that is not proved.
  case fileChanged
  // People.
  case signIn, signOff, badge, pin, pinAgain, digitKeys, okOrBack, setupCode, leftSignsIn
  case emergency, signedIn, signedOff, signedOffIdle
  // Orders from the network.
  case ordersWait, noProposals, takeOrLeave
  // What was not done, and why.
  case notDone, notSignedIn, wrongPIN, wait, signInFirst, notPermitted, emergencyLimits
  case emergencyFigures, serviceBusy, noAnswer, proposalGone, outsideLimits, serviceRefuses
  case pinDigits

  func text(_ language: Language) -> String { wording[language].description }

  private var wording: Wording {
    switch self {
    case .standby: Wording("STANDBY", "BEREIT")
    case .ready: Wording("READY", "GELADEN")
    case .confirming: Wording("CONFIRM?", "CONFIRM?")
    case .starting: Wording("STARTING", "STARTET")
    case .infusing: Wording("INFUSING", "LÄUFT")
    case .kvo: Wording("KVO", "KVO")
    case .paused: Wording("PAUSED", "PAUSE")
    case .relieving: Wording("RELIEVING", "ENTLASTET")
    case .stopped: Wording("STOPPED", "GESTOPPT")
    case .fault: Wording("FAULT", "DEFEKT")
    case .noInfusion: Wording("No infusion", "Keine Infusion")
    case .pressToProgram: Wording("Press OK to program", "OK: programmieren")
    case .noReading: Wording("P no reading", "P kein Messwert")
    case .notForPatients: Wording("Not for patient use", "Nicht für Patienten")
    case .serviceLost: Wording("Service lost", "Dienst ausgefallen")
    case .startReadsBack: Wording("START to read back", "START: Rücklesen")
    case .checking: Wording("Checking...", "Prüfung ...")
    case .startResumes: Wording("START to resume", "START: fortsetzen")
    case .syringe: Wording("Syringe", "Spritze")
    case .pressConfirm: Wording("Press CONFIRM", "CONFIRM drücken")
    case .high: Wording("!!! HIGH", "!!! HOCH")
    case .medium: Wording("!! MEDIUM", "!! MITTEL")
    case .low: Wording("! LOW", "! NIEDRIG")
    case .audioPaused: Wording("audio paused", "Ton aus")
    case .given: Wording("Given", "Gegeben")
    case .clearOrSilence: Wording("OK clear  SILENCE", "OK quitt.  SILENCE")
    case .rate: Wording("Rate", "Rate")
    case .vtbi: Wording("VTBI", "VTBI")
    case .step: Wording("Step", "Schritt")
    case .nextOrBack: Wording("OK next  PAUSE back", "OK weiter PAUSE rück")
    case .bigChange: Wording("LARGE CHANGE", "GROSSE ÄNDERUNG")
    case .timesMore: Wording("times as much", "mal so viel")
    case .timesLess: Wording("times less", "mal weniger")
    case .again: Wording("OK yes  PAUSE change", "OK ja  PAUSE ändern")
    case .menu: Wording("MENU", "MENÜ")
    case .history: Wording("History", "Verlauf")
    case .lockKeys: Wording("Lock keys", "Tasten sperren")
    case .language: Wording("Language: English", "Sprache: Deutsch")
    case .device: Wording("Device", "Gerät")
    case .chooseOrLeave: Wording("OK choose  LEFT leave", "OK wählen LINKS Ende")
    case .locked: Wording("Keys locked", "Tasten gesperrt")
    case .toUnlock: Wording("LEFT, RIGHT, then OK", "LINKS, RECHTS, OK")
    case .noEvents: Wording("Nothing yet", "Noch nichts")
    case .browseOrLeave: Wording("UP/DOWN  LEFT leave", "AUF/AB  LINKS Ende")
    case .leave: Wording("LEFT leave", "LINKS Ende")
    case .simulatedBoard: Wording("Simulated board", "Simulierte Platine")
    case .realBoard: Wording("Device board", "Echte Platine")
    case .software: Wording("Software", "Software")
    case .service: Wording("Service", "Dienst")
    case .answers: Wording("answers", "antwortet")
    case .silent: Wording("silent", "stumm")
    case .missed: Wording("Cycles missed", "Zyklen verpasst")
    case .latest: Wording("Latest by", "Spätestens")
    case .alarm: Wording("Alarm", "Alarm")
    case .alarmOver: Wording("Alarm over", "Alarm zu Ende")
    case .command: Wording("Asked", "Verlangt")
    case .refused: Wording("Refused", "Abgelehnt")
    case .state: Wording("State", "Zustand")
    case .started: Wording("Pump started", "Pumpe gestartet")
    case .confirmed: Wording("CONFIRM key", "CONFIRM-Taste")
    case .stopKey: Wording("STOP key", "STOP-Taste")
    case .audioBack: Wording("Audio back", "Ton wieder an")
    case .newRate: Wording("New rate", "Neue Rate")
    case .ended: Wording("Infusion ended", "Infusion beendet")
    case .restored: Wording("Volume restored", "Menge wieder da")
    case .recordFault: Wording("Record fault", "Speicherfehler")
    case .objected: Wording("Monitor objected", "Einspruch")
    case .relief: Wording("Pressure relief", "Druckentlastung")
    case .relieved: Wording("Relief ended", "Entlastung zu Ende")
    case .networkLost: Wording("Network lost", "Netzwerk weg")
    case .networkBack: Wording("Network there", "Netzwerk da")
    case .updateWaits: Wording("Update waits", "Update bereit")
    case .startOrLater: Wording("START yes  LEFT later", "START ja LINKS später")
    case .install: Wording("Install?", "Installieren?")
    case .atNextStart: Wording("At the next start", "Beim nächsten Start")
    case .libraryWaits: Wording("Drug library waits", "Bibliothek bereit")
    case .configurationWaits: Wording("Settings wait", "Einstellung bereit")
    case .atOnce: Wording("At once", "Sofort")
    case .yesOrNo: Wording("OK yes  PAUSE no", "OK ja  PAUSE nein")
    case .restartToUpdate: Wording("Restart to update", "Update: Neustart")
    case .mainsFirst: Wording("Connect mains first", "Erst ans Netz")
    case .updateAgreed: Wording("Update agreed", "Update bestätigt")
    case .updateKept: Wording("Update done", "Update fertig")
    case .updateReturned: Wording("Update returned", "Update misslungen")
    case .noController: Wording("NO CONTROLLER", "KEINE STEUERUNG")
    case .deliveryUnknown: Wording("Delivery not known", "Förderung unbekannt")
    case .checkPatient: Wording("Check the patient,", "Patient prüfen,")
    case .clampLine: Wording("clamp the line", "Leitung abklemmen")
    case .fileChanged: Wording("file", "Datei")
    case .signIn: Wording("Sign in", "Anmelden")
    case .signOff: Wording("Sign off", "Abmelden")
    case .badge: Wording("Badge number", "Ausweisnummer")
    case .pin: Wording("PIN, not shown", "PIN, verdeckt")
    case .pinAgain: Wording("PIN again", "PIN noch einmal")
    case .digitKeys: Wording("UP/DOWN  RIGHT next", "AUF/AB RECHTS weiter")
    case .okOrBack: Wording("OK done  LEFT back", "OK fertig LINKS rück")
    case .setupCode: Wording("Setup code", "Startcode")
    case .leftSignsIn: Wording("LEFT to sign in", "LINKS: anmelden")
    case .emergency: Wording("EMERGENCY", "NOTFALL")
    case .signedIn: Wording("Signed in", "Angemeldet")
    case .signedOff: Wording("Signed off", "Abgemeldet")
    case .signedOffIdle: Wording("No key for a while", "Lange keine Taste")
    case .ordersWait: Wording("Orders wait", "Aufträge")
    case .noProposals: Wording("No order waits", "Kein Auftrag")
    case .takeOrLeave: Wording("OK take  LEFT leave", "OK nehmen LINKS Ende")
    case .notDone: Wording("Not done", "Nicht ausgeführt")
    case .notSignedIn: Wording("Not signed in", "Nicht angemeldet")
    case .wrongPIN: Wording("Wrong badge or PIN", "Ausweis/PIN falsch")
    case .wait: Wording("Wait", "Warten:")
    case .signInFirst: Wording("Sign in first", "Erst anmelden")
    case .notPermitted: Wording("Not permitted now", "Jetzt nicht erlaubt")
    case .emergencyLimits: Wording("Beyond emergency", "Über Notfallgrenze")
    case .emergencyFigures: Wording("100 mL/h, 50 mL", "100 mL/h, 50 mL")
    case .serviceBusy: Wording("Service is busy", "Dienst beschäftigt")
    case .noAnswer: Wording("Service: no answer", "Dienst ohne Antwort")
    case .proposalGone: Wording("The order is gone", "Auftrag ist weg")
    case .outsideLimits: Wording("Outside the limits", "Außerhalb der Grenze")
    case .serviceRefuses: Wording("The service refuses", "Dienst lehnt ab")
    case .pinDigits: Wording("PIN: 6 to 12 digits", "PIN: 6 bis 12 Ziffern")
    }
  }
}
