// SPDX-License-Identifier: Apache-2.0

/// The one table of who may do what in which condition of the pump.
///
/// Code, document and tests are made from it. What it does not name is refused.
public enum Permissions {
  // SEC-011: one table; what it does not name is refused.
  /// What it takes for the role (nil: nobody signed in) to do that in this condition; nil means never.
  public static func requirement(
    for action: Action, by role: Role?, in condition: Condition
  ) -> Requirement? {
    // SEC-013: what keeps a patient safe needs nobody signed in, whatever else is wrong.
    switch action {
    case .viewStatus, .pause, .stop, .silence: return .nothing
    // break-glass; the limits are the caller's, the record is the access control's.
    case .emergencyStart: return condition == .fault ? nil : .nothing
    default: break
    }
    guard let role, let requirement = signedIn[action]?[role] else { return nil }
    return conditions(of: action).contains(condition) ? requirement : nil
  }

  /// What a signed-in role may do at all, and what it takes.
  private static let signedIn: [Action: [Role: Requirement]] = [
    .program: [.clinician: .session],
    .start: [.clinician: .session],
    .clearAlarm: [.clinician: .session, .service: .session],
    .overrideSoftLimit: [.clinician: .stepUp],
    .proposeOrder: [.gateway: .session],
    .authorLibrary: [.pharmacist: .session],
    .releaseLibrary: [.pharmacist: .twoPersons],
    .activateLibrary: [.pharmacist: .stepUp, .service: .stepUp],
    .changeConfiguration: [.service: .stepUp],
    .calibrate: [.service: .stepUp],
    .takeUpdate: [.service: .stepUp],
    .installUpdate: [.service: .stepUp],
    .managePeople: [.administrator: .stepUp],
    .manageNetwork: [.administrator: .stepUp],
    .readAudit: [.auditor: .session, .administrator: .session],
    .exportAudit: [.auditor: .stepUp],
    .backup: [.service: .session, .administrator: .session],
    .restore: [.service: .twoPersons],
    .decommission: [.administrator: .twoPersons],
  ]

  /// The conditions in which the action can be done by anyone at all.
  private static func conditions(of action: Action) -> Set<Condition> {
    switch action {
    case .viewStatus, .pause, .stop, .silence, .clearAlarm, .authorLibrary, .releaseLibrary,
      .takeUpdate, .managePeople, .manageNetwork, .readAudit, .exportAudit, .backup:
      [.standby, .therapy, .fault]
    case .emergencyStart, .program, .start, .overrideSoftLimit, .proposeOrder:
      [.standby, .therapy]
    case .activateLibrary:
      [.standby]
    case .changeConfiguration, .calibrate, .installUpdate, .restore, .decommission:
      [.standby, .fault]
    }
  }

  /// The table as a page of the documents.
  public static func markdown() -> String {
    let roles: [Role?] = [nil] + Role.allCases
    var lines = [
      "# Who may do what", "", "SPECIMEN – not a medical device.", "",
      "Made from `Sources/AccessControl/Permissions.swift`; a test compares the two. Everything that is not",
      "named is refused. *Anyone* needs nobody signed in. *Step-up* asks for the secret again. *Two persons*",
      "asks that of two distinct people.", "",
      "| action | condition | " + roles.map { $0?.title ?? "nobody" }.joined(separator: " | ")
        + " |",
      "|---|---|" + String(repeating: "---|", count: roles.count),
    ]
    for action in Action.allCases {
      for condition in Condition.allCases {
        let cells = roles.map { requirement(for: action, by: $0, in: condition)?.title ?? "–" }
        lines.append(
          "| \(action.title) | \(condition.title) | \(cells.joined(separator: " | ")) |")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}
