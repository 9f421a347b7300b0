// SPDX-License-Identifier: Apache-2.0

import Domain
import StrictJSON
import Units

/// The text of a library.
///
/// ```json
/// {"format": 1, "name": "Example hospital", "careAreas": [
///   {"name": "ICU", "drugs": [
///     {"drug": "Noradrenaline", "rateMicrolitresPerHour": [100, 500, 20000, 50000],
///      "vtbiMicrolitres": [1000, 5000, 50000, 50000]}]}]}
/// ```
///
/// Four numbers are a limit: absolute lower, recommended lower, recommended upper, absolute upper.
extension DrugLibrary {
  // SEC-381 SRS-192: any bytes give a library or a reason; what is not understood is not passed over.
  public init(_ bytes: [UInt8]) throws(LibraryError) {
    let limits = JSONLimits(depth: 8, size: Self.largest, integer: JSONLimits.exactInteger)
    let node: JSONNode
    do { node = try JSONReader.read(bytes, limits: limits) } catch {
      throw LibraryError(
        line: error.place.line, column: error.place.column, reason: error.reason)
    }
    let members = try Members(node, ["format", "name", "careAreas"])
    guard try members["format"].integer == 1 else {
      throw LibraryError(try members["format"], "the format is not 1")
    }
    name = try Self.name(try members["name"])
    careAreas = try Self.list(try members["careAreas"], most: Self.mostCareAreas) {
      (node: JSONNode) throws(LibraryError) in try CareArea(node)
    }
    try Self.distinct(careAreas.map(\.name), try members["careAreas"])
    guard entries <= Self.mostEntries else {
      throw LibraryError(
        try members["careAreas"], "more than \(Self.mostEntries) entries in all")
    }
  }

  fileprivate static func name(_ node: JSONNode) throws(LibraryError) -> ShortName {
    guard let name = node.string.flatMap({ ShortName($0) }), name.count > 0 else {
      throw LibraryError(node, "not a name of 1 to 24 printable ASCII characters")
    }
    return name
  }

  fileprivate static func list<Item>(
    _ node: JSONNode, most: Int, _ read: (JSONNode) throws(LibraryError) -> Item
  ) throws(LibraryError) -> [Item] {
    guard let nodes = node.array, !nodes.isEmpty, nodes.count <= most else {
      throw LibraryError(node, "not a list of 1 to \(most)")
    }
    var items: [Item] = []
    for node in nodes { items.append(try read(node)) }
    return items
  }

  // Two entries of one drug would be two opinions about its limits.
  fileprivate static func distinct(_ names: [ShortName], _ node: JSONNode) throws(LibraryError) {
    guard Set(names).count == names.count else {
      throw LibraryError(node, "a name stands twice")
    }
  }
}

extension DrugLibrary.CareArea {
  fileprivate init(_ node: JSONNode) throws(LibraryError) {
    let members = try Members(node, ["name", "drugs"])
    name = try DrugLibrary.name(try members["name"])
    let drugs = try members["drugs"]
    entries = try DrugLibrary.list(drugs, most: DrugLibrary.mostEntries) {
      (node: JSONNode) throws(LibraryError) in try DrugLibrary.Entry(node)
    }
    try DrugLibrary.distinct(entries.map(\.drug), drugs)
  }
}

extension DrugLibrary.Entry {
  fileprivate init(_ node: JSONNode) throws(LibraryError) {
    let rate = "rateMicrolitresPerHour"
    let vtbi = "vtbiMicrolitres"
    let members = try Members(node, ["drug", rate], optional: [vtbi])
    drug = try DrugLibrary.name(try members["drug"])
    self.rate = try Guardrail(
      try members[rate], FlowRate.microlitresPerHour, within: DeviceLimits.rate)
    self.vtbi =
      if let node = members.optional(vtbi) {
        try Guardrail(node, Volume.microlitres, within: DeviceLimits.vtbi)
      } else { nil }
  }
}

extension Guardrail {
  /// Four numbers that do not fall, inside the device's own limits.
  // SRS-193: no library widens what the device allows.
  fileprivate init(
    _ node: JSONNode, _ make: (Int64) -> Value, within device: Bounds<Value>
  ) throws(LibraryError) {
    var numbers: [Int64] = []
    for node in node.array ?? [] {
      // A thousand litres in microlitres; beyond it the quantity's own type would saturate.
      guard let number = node.integer, (0...1_000_000_000).contains(number) else {
        throw LibraryError(node, "not a whole number from 0 to 1000000000")
      }
      numbers.append(number)
    }
    guard numbers.count == 4, zip(numbers, numbers.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw LibraryError(
        node, "not four numbers that do not fall: absolute, recommended, recommended, absolute")
    }
    let values = numbers.map(make)
    guard device.contains(values[0]), device.contains(values[3]) else {
      throw LibraryError(node, "outside what the device allows")
    }
    self.init(
      recommended: Bounds(lower: values[1], width: values[2] - values[1]),
      below: values[1] - values[0], above: values[3] - values[2])
  }
}

/// The members of an object that holds these keys and no others.
private struct Members {
  private let node: JSONNode

  init(
    _ node: JSONNode, _ keys: Set<String>, optional: Set<String> = []
  ) throws(LibraryError) {
    guard let members = node.members else { throw LibraryError(node, "not an object") }
    for member in members where !keys.contains(member.key) && !optional.contains(member.key) {
      throw LibraryError(member.node, "unknown key \"\(member.key)\"")
    }
    self.node = node
  }

  subscript(_ key: String) -> JSONNode {
    get throws(LibraryError) {
      guard let value = node[key] else { throw LibraryError(node, "the key \"\(key)\" is missing") }
      return value
    }
  }

  func optional(_ key: String) -> JSONNode? { node[key] }
}

extension LibraryError {
  fileprivate init(_ node: JSONNode, _ reason: String) {
    self.init(line: node.place.line, column: node.place.column, reason: reason)
  }
}
