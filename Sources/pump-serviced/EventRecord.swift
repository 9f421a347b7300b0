// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import Units

/// An event as the sealed store keeps it: one line of JSON.
struct EventRecord: Encodable {
  let source: String
  let number: UInt32
  /// Events of this source that never came, between the one before and this one.
  let missed: UInt32
  let kind: String
  let subject: UInt8
  /// What the subject's number stands for, where the kind says so.
  let subjectName: String?
  /// The pump's monotonic clock, in nanoseconds.
  let at: Int64
  // RC-011: wall time labels the record and decides nothing.
  /// The wall clock when the record was made, UTC.
  let recorded: String
  let a: Int64
  let b: Int64

  init(_ event: PumpEvent, missed: UInt32, recorded: Date) {
    source = "\(event.source)"
    number = event.number
    self.missed = missed
    kind = "\(event.kind)"
    subject = event.subject
    subjectName = Self.name(of: event)
    at = event.at.nanoseconds
    self.recorded = Date.ISO8601FormatStyle(includingFractionalSeconds: true).format(recorded)
    a = event.a
    b = event.b
  }

  /// The record as one line; its keys are in alphabetical order.
  func line() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data([0x0a])
  }

  private static func name(of event: PumpEvent) -> String? {
    switch event.kind {
    case .alarmRaised, .alarmCleared, .tripped:
      AlarmID(rawValue: event.subject).map { "\($0)" }
    case .commandAccepted, .commandRefused:
      CommandKind(rawValue: event.subject).map { "\($0)" }
    case .peerChanged:
      EventPeer(rawValue: event.subject).map { "\($0)" }
    case .started, .stateChanged, .confirmed, .stopPressed, .audioPaused, .audioResumed,
      .rateChanged, .infusionEnded, .journalRestored, .journalFailed, .gateChanged, .frameRefused,
      .cycleMissed, .reliefStarted, .reliefEnded, .softwareOffered, .softwareAgreed,
      .softwareConfirmed, .softwareReturned:
      nil
    }
  }
}
