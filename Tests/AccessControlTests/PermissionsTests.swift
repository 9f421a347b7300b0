// SPDX-License-Identifier: Apache-2.0

import AccessControl
import EveryCase
import Foundation
import Testing

/// What each role may do, written down a second time and by hand: `action: role=requirement, …` in the
/// conditions of the action (s standby, t therapy, f fault).
private let expected = """
  viewStatus stf * nothing
  pause stf * nothing
  stop stf * nothing
  silence stf * nothing
  emergencyStart st * nothing
  program st clinician session
  start st clinician session
  clearAlarm stf clinician session
  clearAlarm stf service session
  overrideSoftLimit st clinician stepUp
  proposeOrder st gateway session
  authorLibrary stf pharmacist session
  releaseLibrary stf pharmacist twoPersons
  activateLibrary s pharmacist stepUp
  activateLibrary s service stepUp
  changeConfiguration sf service stepUp
  calibrate sf service stepUp
  takeUpdate stf service stepUp
  installUpdate sf service stepUp
  managePeople stf administrator stepUp
  manageNetwork stf administrator stepUp
  readAudit stf auditor session
  readAudit stf administrator session
  exportAudit stf auditor stepUp
  backup stf service session
  backup stf administrator session
  restore sf service twoPersons
  decommission sf administrator twoPersons
  """

@Suite struct `The permissions` {
  @Test(.tags(.`SEC-011`))
  func
    `SEC-011 every role, action and condition is as the second table says, and the rest is refused`()
  {
    var allowed: [String: Requirement] = [:]
    for line in expected.split(separator: "\n") {
      let words = line.split(separator: " ").map(String.init)
      let requirement = Requirement.allCases.first { "\($0)" == words[3] }
      let everyone = ["nil"] + Role.allCases.map { "\($0)" }
      for role in words[2] == "*" ? everyone : [words[2]] {
        for letter in words[1] { allowed["\(words[0]) \(role) \(letter)"] = requirement }
      }
    }
    let roles = [nil] + Role.allCases.map(Optional.some)
    let cases = pairs(Action.allCases, pairs(roles, Condition.allCases))
    #expect(cases.count == 24 * 7 * 3)
    everyCase(of: cases) { action, who in
      let (role, condition) = who
      let key = "\(action) \(role.map { "\($0)" } ?? "nil") \("\(condition)".prefix(1))"
      #expect(
        Permissions.requirement(for: action, by: role, in: condition) == allowed[key], "\(key)")
    }
  }

  @Test(.tags(.`SEC-013`))
  func `SEC-013 stopping, pausing and silencing need nobody in any condition`() {
    for action in [Action.stop, .pause, .silence, .viewStatus] {
      for condition in Condition.allCases {
        #expect(Permissions.requirement(for: action, by: nil, in: condition) == .nothing)
      }
    }
  }

  @Test func `nothing from the network starts, raises or resumes`() {
    for condition in Condition.allCases {
      let may = Action.allCases.filter {
        let requirement = Permissions.requirement(for: $0, by: .gateway, in: condition)
        return requirement != nil && requirement != .nothing
      }
      #expect(may == (condition == .fault ? [] : [.proposeOrder]))
    }
  }

  @Test(.tags(.`SEC-011`)) func `SEC-011 the page of the documents is that of the table`() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Docs/Security/permissions.md")
    #expect(try String(contentsOf: page, encoding: .utf8) == Permissions.markdown())
  }
}
