// SPDX-License-Identifier: Apache-2.0

/// What a person or a node is to the pump.
public enum Role: UInt8, CaseIterable, Sendable {
  case clinician = 1
  case pharmacist = 2
  /// Biomedical engineering.
  case service = 3
  case administrator = 4
  case auditor = 5
  /// The network gateway: a process, not a person.
  case gateway = 6

  public var title: String {
    switch self {
    case .clinician: "clinician"
    case .pharmacist: "pharmacist"
    case .service: "service"
    case .administrator: "administrator"
    case .auditor: "auditor"
    case .gateway: "gateway"
    }
  }
}

/// What can be asked of the pump.
public enum Action: UInt8, CaseIterable, Sendable {
  case viewStatus = 1
  case pause = 2
  case stop = 3
  case silence = 4
  case emergencyStart = 5
  case program = 6
  case start = 7
  case clearAlarm = 8
  case overrideSoftLimit = 9
  case proposeOrder = 10
  case authorLibrary = 11
  case releaseLibrary = 12
  case activateLibrary = 13
  case changeConfiguration = 14
  case calibrate = 15
  case takeUpdate = 16
  case installUpdate = 17
  case managePeople = 18
  case readAudit = 19
  case exportAudit = 20
  case backup = 21
  case restore = 22
  case decommission = 23
  case manageNetwork = 24

  public var title: String {
    switch self {
    case .viewStatus: "view the status"
    case .pause: "pause"
    case .stop: "stop"
    case .silence: "silence an alarm"
    case .emergencyStart: "emergency start"
    case .program: "program an order"
    case .start: "ask for the start"
    case .clearAlarm: "clear an alarm"
    case .overrideSoftLimit: "override a soft limit"
    case .proposeOrder: "propose an order from the network"
    case .authorLibrary: "author a drug library"
    case .releaseLibrary: "release a drug library"
    case .activateLibrary: "activate a drug library"
    case .changeConfiguration: "change the configuration"
    case .calibrate: "calibrate"
    case .takeUpdate: "take in an update"
    case .installUpdate: "install an update"
    case .managePeople: "manage people"
    case .readAudit: "read the audit log"
    case .exportAudit: "export the audit log"
    case .backup: "back up"
    case .restore: "restore a backup"
    case .decommission: "decommission"
    case .manageNetwork: "manage the network"
    }
  }
}

/// What the pump is doing, as far as permissions go.
public enum Condition: UInt8, CaseIterable, Sendable {
  /// No order is held.
  case standby = 1
  /// An order is held, running or paused.
  case therapy = 2
  /// The pump refuses therapy.
  case fault = 3

  public var title: String {
    switch self {
    case .standby: "standby"
    case .therapy: "therapy"
    case .fault: "fault"
    }
  }
}

/// What must be there before an action is done.
public enum Requirement: UInt8, CaseIterable, Sendable {
  /// Nobody needs to be signed in.
  case nothing = 1
  /// A session of the role.
  case session = 2
  /// A session whose person has just given their secret again.
  case stepUp = 3
  /// As before, and another person has done the same for the same thing.
  case twoPersons = 4

  public var title: String {
    switch self {
    case .nothing: "anyone"
    case .session: "yes"
    case .stepUp: "with step-up"
    case .twoPersons: "two persons"
    }
  }
}
