// SPDX-License-Identifier: Apache-2.0

public import Domain
public import StrictJSON
import Units

/// An order as JSON: whole numbers, each with its unit in its name.
///
/// An order given as a dose is not among them: it is programmed where the dose can be read back.
extension PrescriptionDraft {
  public init(json node: JSONNode) throws(NotUnderstood) {
    var fields = try Fields(node)
    let name = try fields.string("drug", longest: DrugName.capacity)
    guard let drug = DrugName(name) else {
      throw NotUnderstood(
        "\"drug\": expected up to \(DrugName.capacity) printable ASCII characters")
    }
    let millilitres = try fields.integer("syringe_mL", in: 1...60)
    guard let raw = UInt8(exactly: millilitres), let syringe = Syringe(rawValue: raw) else {
      throw NotUnderstood("\"syringe_mL\": there is no syringe of \(millilitres) mL")
    }
    // The controller holds them against the device's limits.
    self.init(
      drug: drug, syringe: syringe, rate: .nLPerHour(try fields.integer("rate_nL_h")),
      vtbi: .nanolitres(try fields.integer("vtbi_nL")),
      kvo: .nLPerHour(try fields.integer("kvo_nL_h")),
      occlusion: .pascals(try fields.integer("occlusion_Pa")))
    try fields.end()
  }

  public var json: JSONNode {
    .object([
      ("drug", .string(drug.text)), ("kvo_nL_h", .integer(kvo.nanolitresPerHour)),
      ("occlusion_Pa", .integer(occlusion.pascals)),
      ("rate_nL_h", .integer(rate.nanolitresPerHour)),
      ("syringe_mL", .integer(Int64(syringe.rawValue))), ("vtbi_nL", .integer(vtbi.nanolitres)),
    ])
  }
}
