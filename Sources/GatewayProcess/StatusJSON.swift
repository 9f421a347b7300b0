// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Domain
import ServiceAPI
import StrictJSON
import Units

/// What the pump says as JSON: whole numbers, each with its unit in its name; null where nobody says it.
enum StatusJSON {
  static func device(_ control: ControlStatus) -> JSONNode {
    .object([
      ("api", .string("1")), ("name", .string("ReferencePump")),
      ("notice", .string("Reference design and simulator. Not a medical device.")),
      ("simulated", .bool(control.simulated)),
      // SRS-183: a specimen has no UDI, and none is made up.
      ("udi_di", .null), ("udi_pi", .null),
    ])
  }

  // RC-005: what the pump says it holds.
  static func status(_ control: ControlStatus, _ safety: SafetyStatus?) -> JSONNode {
    .object([
      ("battery_ppm", control.battery.map { .integer($0.partsPerMillion) } ?? .null),
      ("delivered_nL", .integer(control.delivered.nanolitres)),
      ("deliveredKVO_nL", .integer(control.deliveredKVO.nanolitres)),
      ("gate", safety.map { .string("\($0.gate)") } ?? .null),
      ("held", control.held.map(\.json) ?? .null),
      ("mains", .bool(control.mains)),
      ("measured_nL", safety.map { .integer($0.measured.nanolitres) } ?? .null),
      ("pending", control.pending.map(\.json) ?? .null),
      ("pressure_Pa", control.pressure.map { .integer($0.pascals) } ?? .null),
      ("rate_nL_h", .integer(control.commandedRate.nanolitresPerHour)),
      ("simulated", .bool(control.simulated)), ("state", .string("\(control.state)")),
      ("timeRemaining_ms", .integer(control.timeRemaining.milliseconds)),
      ("uncertainty_nL", .integer(control.uncertainty.nanolitres)),
    ])
  }

  static func alarms(_ control: ControlStatus, _ safety: SafetyStatus?) -> JSONNode {
    func names(_ set: AlarmSet) -> JSONNode {
      .array(AlarmID.allCases.filter { set.contains($0) }.map { .string("\($0)") })
    }
    return .object([
      ("controller", names(control.alarms)), ("monitor", safety.map { names($0.alarms) } ?? .null),
    ])
  }

  // SRS-223: what the updater says, which asks and commands nothing; null when it says nothing.
  static func update(_ notice: UpdateNotice?, _ intake: IntakeView?) -> JSONNode {
    func hex(_ hash: ContentHash) -> String {
      let words = [hash.word0, hash.word1, hash.word2, hash.word3]
      return Hex.encode(
        words.flatMap { word in
          (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) }
        })
    }
    func name(_ name: ShortName?) -> JSONNode {
      name.flatMap { $0.count == 0 ? nil : .string($0.text) } ?? .null
    }
    let digest = notice?.digest ?? .none
    return .object([
      ("candidate", name(notice?.candidate)),
      ("candidate_sha256", digest == .none ? .null : .string(hex(digest))),
      ("ended", name(notice?.ended)), ("intake", intake?.json ?? .null),
      ("kind", notice.map { .string("\($0.kind)") } ?? .null),
      ("needs_power", notice.map { .bool($0.needsPower) } ?? .null),
      ("outcome", notice.map { .string("\($0.outcome)") } ?? .null),
      ("reason", name(notice?.reason)), ("running", name(notice?.running)),
      ("stage", notice.map { .string("\($0.stage)") } ?? .null),
    ])
  }

  static func event(_ heard: PumpView.Heard) -> JSONNode {
    let event = heard.event
    return .object([
      ("a", .integer(event.a)), ("at_ns", .integer(event.at.nanoseconds)), ("b", .integer(event.b)),
      ("kind", .string("\(event.kind)")), ("source", .string("\(event.source)")),
      ("subject", .integer(Int64(event.subject))),
    ])
  }
}
