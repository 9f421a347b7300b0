// SPDX-License-Identifier: Apache-2.0

/// Everything that the audit log can say has happened; the whole list stands in
/// `Docs/Security/audit-events.md`.
///
/// The number is the event's name in records and is never given to another event. Those of the pump's
/// two lower processes are 100 and the number of their `EventKind`.
// SEC-200: the closed list; a number that is not here is refused.
public enum AuditEvent: UInt16, CaseIterable, Sendable {
  // MARK: The log itself
  /// The first record of a log; `reference`: its origin, `payload`: the first key.
  case logCreated = 1
  /// The log was opened after a start; `a`: the heartbeat in seconds, `b`: records that a power cut had
  /// left unfinished and that were dropped.
  case logOpened = 2
  case logClosed = 3
  /// Stands before each checkpoint; `a`: the counter as it will be after it, `payload`: the state root.
  case anchor = 4
  /// Nothing else happened for a while.
  case heartbeat = 5
  /// From the next checkpoint on another key signs; `a`: the epoch, `payload`: the key.
  case keyChanged = 6
  /// Records that were not kept one by one; `a`: how many, `b`: the monotonic time of the first;
  /// `subject`: their event, or 0 for ordinary ones of any kind.
  case recordsSummarised = 7
  /// No room for ordinary records.
  case storageFull = 8
  /// The medium failed; `reference`: how.
  case storageFailed = 9
  case storageRecovered = 10
  /// The counter is not where the log says it was; `a`: the counter, `b`: the log's.
  case rollbackDetected = 11
  case counterUnavailable = 12
  /// An older log could not be continued; `reference`: why, `a`: its size by its last checkpoint.
  case logReplaced = 13
  case logExported = 14
  /// The wall clock was set; `a`: old, `b`: new, in milliseconds since 1970.
  case clockChanged = 15
  /// A process of the pump counted events that never came; `a`: how many.
  case eventsMissed = 16

  // MARK: People
  case loginSucceeded = 20
  case loginFailed = 21
  case logout = 22
  case automaticLogoff = 23
  case privilegesChanged = 24
  case personCreated = 25
  case personChanged = 26
  case personDeleted = 27
  case credentialChanged = 28
  case stepUp = 29
  case secondPersonApproved = 30
  case breakGlass = 31
  case accessDenied = 32

  // MARK: Data
  case personalDataShown = 40
  case dataCreated = 41
  case dataChanged = 42
  case dataDeleted = 43
  case dataExported = 44
  case dataImported = 45
  case mediaAttached = 46
  case patientShredded = 47
  case backupMade = 48
  case backupRestored = 49
  /// The sealed store is not as the newest anchor says; `reference`: the table and what is wrong.
  case storeAltered = 50

  // MARK: Connections and requests
  case connectionOpened = 60
  case connectionClosed = 61
  case connectionRefused = 62
  /// Somebody asked for something; `subject`: the command, `a`: the asker's number.
  case requestReceived = 63
  case requestRefused = 64
  case requestUnanswered = 65
  case remoteSupportStarted = 66
  case remoteSupportEnded = 67
  case certificateChanged = 68

  // MARK: Configuration, software, keys
  case configurationChanged = 80
  case libraryInstalled = 81
  case libraryActivated = 82
  case libraryRefused = 83
  case updateStaged = 84
  case updateInstalled = 85
  case updateRefused = 86
  case updateRolledBack = 87
  case startVerified = 88
  case startRefused = 89
  case selfTestFailed = 90
  case keyRotated = 91
  case keyDestroyed = 92
  case decommissioned = 93

  // MARK: Therapy: as the pump's processes report it
  case started = 101
  case stateChanged = 102
  case commandAccepted = 103
  case commandRefused = 104
  case confirmed = 105
  case stopPressed = 106
  case alarmRaised = 107
  case alarmCleared = 108
  case audioPaused = 109
  case audioResumed = 110
  case rateChanged = 111
  case infusionEnded = 112
  case journalRestored = 113
  case journalFailed = 114
  case gateChanged = 115
  case tripped = 116
  case frameRefused = 117
  case cycleMissed = 118
  case peerChanged = 119
  case reliefStarted = 120
  case reliefEnded = 121
  // Told by the service on what the updater says.
  case softwareOffered = 122
  case softwareAgreed = 123
  case softwareConfirmed = 124
  case softwareReturned = 125
}

extension AuditEvent {
  /// Whether the log must keep each one: it gets the reserve of a full disk, and a checkpoint.
  public var isSafetyRelevant: Bool {
    switch self {
    case .started, .stateChanged, .commandAccepted, .commandRefused, .confirmed, .stopPressed,
      .alarmRaised, .alarmCleared, .audioPaused, .audioResumed, .rateChanged, .infusionEnded,
      .journalRestored, .journalFailed, .gateChanged, .tripped, .reliefStarted, .reliefEnded,
      .eventsMissed, .softwareOffered, .softwareAgreed, .softwareConfirmed, .softwareReturned:
      true
    case .logCreated, .logOpened, .logClosed, .keyChanged, .recordsSummarised, .storageFull,
      .storageFailed, .storageRecovered, .rollbackDetected, .counterUnavailable, .logReplaced,
      .clockChanged:
      true
    case .privilegesChanged, .breakGlass, .libraryActivated, .configurationChanged,
      .updateInstalled, .updateRolledBack, .startRefused, .selfTestFailed, .keyDestroyed,
      .decommissioned, .patientShredded, .backupRestored, .storeAltered:
      true
    case .anchor, .heartbeat, .logExported, .loginSucceeded, .loginFailed, .logout,
      .automaticLogoff, .personCreated, .personChanged, .personDeleted, .credentialChanged,
      .stepUp, .secondPersonApproved, .accessDenied, .personalDataShown, .dataCreated,
      .dataChanged, .dataDeleted, .dataExported, .dataImported, .mediaAttached, .backupMade,
      .connectionOpened, .connectionClosed, .connectionRefused, .requestReceived,
      .requestRefused, .requestUnanswered, .remoteSupportStarted, .remoteSupportEnded,
      .certificateChanged, .libraryInstalled, .libraryRefused, .updateStaged, .updateRefused,
      .startVerified, .keyRotated, .frameRefused, .cycleMissed, .peerChanged:
      false
    }
  }

  /// The question of MDS2 (ANSI/NEMA HN 1-2019, section AUDT) that the event answers.
  public var mds2: String {
    switch self {
    case .loginSucceeded, .logout, .automaticLogoff: "AUDT-2.1"
    case .loginFailed, .accessDenied: "AUDT-2.2"
    case .privilegesChanged: "AUDT-2.3"
    case .personCreated, .personChanged, .personDeleted, .credentialChanged: "AUDT-2.4"
    case .personalDataShown: "AUDT-2.5"
    case .dataCreated, .dataChanged, .dataDeleted, .patientShredded, .configurationChanged,
      .storeAltered:
      "AUDT-2.6"
    case .dataExported, .dataImported, .mediaAttached, .backupMade, .backupRestored,
      .logExported:
      "AUDT-2.7"
    case .connectionOpened, .connectionClosed, .connectionRefused, .certificateChanged:
      "AUDT-2.8"
    case .remoteSupportStarted, .remoteSupportEnded: "AUDT-2.8.1"
    case .requestReceived, .requestRefused, .requestUnanswered: "AUDT-2.8.2"
    case .breakGlass: "AUDT-2.9"
    case .logCreated, .logOpened, .logClosed, .anchor, .heartbeat, .keyChanged,
      .recordsSummarised, .storageFull, .storageFailed, .storageRecovered, .rollbackDetected,
      .counterUnavailable, .logReplaced, .clockChanged, .eventsMissed, .stepUp,
      .secondPersonApproved, .libraryInstalled, .libraryActivated, .libraryRefused,
      .updateStaged, .updateInstalled, .updateRefused, .updateRolledBack, .startVerified,
      .startRefused, .selfTestFailed, .keyRotated, .keyDestroyed, .decommissioned, .started,
      .stateChanged, .commandAccepted, .commandRefused, .confirmed, .stopPressed, .alarmRaised,
      .alarmCleared, .audioPaused, .audioResumed, .rateChanged, .infusionEnded,
      .journalRestored, .journalFailed, .gateChanged, .tripped, .frameRefused, .cycleMissed,
      .peerChanged, .reliefStarted, .reliefEnded, .softwareOffered, .softwareAgreed,
      .softwareConfirmed, .softwareReturned:
      "AUDT-2.10"
    }
  }
}
