// SPDX-License-Identifier: Apache-2.0

import Alarms
public import Domain
import Units

/// The newest events as the panel heard them, newest first.
///
/// A convenience for the bedside: the record that counts is the service's.
public struct PanelHistory: Sendable {
  /// What is kept; the oldest goes when another comes.
  public static let capacity = 64

  public private(set) var events: [PumpEvent] = []

  public init() {}

  /// Takes an event; one that tells a person nothing is not kept.
  public mutating func append(_ event: PumpEvent) {
    guard Self.heading(of: event) != nil else { return }
    if events.count == Self.capacity { events.removeLast() }
    events.insert(event, at: 0)
  }

  /// An event in a line, as the panel's history words it.
  public static func line(of event: PumpEvent, in language: Language) -> String {
    let heading = heading(of: event)?.text(language) ?? ""
    let detail = detail(of: event, in: language)
    return detail.isEmpty ? heading : "\(heading): \(detail)"
  }

  /// What kind of thing happened; `nil` for what is of no use at the bedside.
  static func heading(of event: PumpEvent) -> Phrase? {
    switch event.kind {
    case .started: event.source == .control ? .started : nil
    case .stateChanged: .state
    case .commandAccepted: .command
    case .commandRefused: .refused
    case .confirmed: .confirmed
    case .stopPressed: .stopKey
    case .alarmRaised: .alarm
    case .alarmCleared: .alarmOver
    case .audioPaused: .audioPaused
    case .audioResumed: .audioBack
    case .rateChanged: .newRate
    case .infusionEnded: .ended
    case .journalRestored: .restored
    case .journalFailed: .recordFault
    case .tripped: .objected
    case .reliefStarted: .relief
    case .reliefEnded: .relieved
    case .softwareOffered: .updateWaits
    case .softwareAgreed: .updateAgreed
    case .softwareConfirmed: .updateKept
    case .softwareReturned: .updateReturned
    case .peerChanged:
      switch EventPeer(rawValue: event.subject) {
      case .gateway: event.a == 0 ? .networkLost : .networkBack
      // An alarm says it already.
      case .service, .panel, nil: nil
      }
    case .gateChanged, .frameRefused, .cycleMissed: nil
    }
  }

  /// What exactly: an alarm's text, a state, a rate, a volume.
  ///
  /// Empty when the heading says it all.
  static func detail(of event: PumpEvent, in language: Language) -> String {
    switch event.kind {
    case .alarmRaised, .alarmCleared, .tripped:
      AlarmID(rawValue: event.subject).map { AlarmTable.row($0).text[language].description } ?? ""
    case .stateChanged:
      UInt8(exactly: event.b).flatMap(TherapyState.init(rawValue:))
        .map { Screens.word(for: $0, language) } ?? ""
    case .commandAccepted, .commandRefused: Self.word(for: event.subject)
    case .confirmed: "\(Figures.rate(FlowRate(native: event.b))) mL/h"
    case .rateChanged:
      "\(Figures.rate(FlowRate(native: event.a))) > \(Figures.rate(FlowRate(native: event.b))) mL/h"
    case .infusionEnded, .journalRestored: "\(Figures.volume(Volume(native: event.a))) mL"
    case .reliefStarted, .reliefEnded: "\(Figures.volume(Volume(native: event.b))) mL"
    case .started, .stopPressed, .audioPaused, .audioResumed, .journalFailed, .gateChanged,
      .frameRefused, .cycleMissed, .peerChanged, .softwareOffered, .softwareAgreed,
      .softwareConfirmed, .softwareReturned:
      ""
    }
  }

  /// A command's name as clients write it, which is the same in every language.
  private static func word(for number: UInt8) -> String {
    guard let kind = CommandKind(rawValue: number) else { return "" }
    return switch kind {
    case .program: "program"
    case .start: "start"
    case .pause: "pause"
    case .stop: "stop"
    case .silence: "silence"
    case .clear: "clear"
    case .cancel: "cancel"
    case .heartbeat: ""
    }
  }
}
