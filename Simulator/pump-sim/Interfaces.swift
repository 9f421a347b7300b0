// SPDX-License-Identifier: Apache-2.0

import Alarms
import ArgumentParser
import Domain

/// What the code itself says of alarms and of who may ask what, for the documents and their probes.
struct Interfaces: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the pump's alarms, or who may ask what, as CSV.")

  enum List: String, CaseIterable, ExpressibleByArgument {
    case alarms
    case roles
  }

  @Argument(help: "alarms or roles.") var list: List

  func run() {
    switch list {
    case .alarms:
      print("number,id,priority,stops,latching,text")
      for alarm in AlarmID.allCases {
        let row = AlarmTable.row(alarm)
        print(
          "\(alarm.rawValue),\(alarm),\(row.priority),\(row.stops ? "yes" : "no"),"
            + "\(row.latching ? "yes" : "no"),\(row.text.english)")
      }
    case .roles:
      print("role,may_ask,may_not_ask")
      for role in CommandOrigin.allCases {
        let allowed = CommandKind.allCases.filter(role.mayAsk)
        let refused = CommandKind.allCases.filter { !role.mayAsk($0) }
        print("\(role),\(Self.words(allowed)),\(Self.words(refused))")
      }
    }
  }

  private static func words(_ kinds: [CommandKind]) -> String {
    kinds.map { "\($0)" }.joined(separator: " ")
  }
}
