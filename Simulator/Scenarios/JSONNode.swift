// SPDX-License-Identifier: Apache-2.0

import StrictJSON

extension JSONNode {
  func string(_ what: String) throws(InputError) -> String {
    guard case .string(let text) = content else { throw mismatch(what, "a string") }
    return text
  }

  func integer(_ what: String) throws(InputError) -> Int64 {
    guard case .integer(let number) = content else { throw mismatch(what, "a whole number") }
    return number
  }

  func bool(_ what: String) throws(InputError) -> Bool {
    guard case .bool(let truth) = content else { throw mismatch(what, "true or false") }
    return truth
  }

  func array(_ what: String) throws(InputError) -> [JSONNode] {
    guard case .array(let nodes) = content else { throw mismatch(what, "a list") }
    return nodes
  }

  func members(_ what: String) throws(InputError) -> [Member] {
    guard case .object(let members) = content else { throw mismatch(what, "an object") }
    return members
  }

  /// The one of an enumeration's cases whose name stands here.
  func name<Name: CaseIterable>(of type: Name.Type, _ what: String) throws(InputError) -> Name {
    let text = try string(what)
    for candidate in Name.allCases where "\(candidate)" == text { return candidate }
    let known = Name.allCases.map { "\($0)" }.joined(separator: ", ")
    throw InputError(.unknownName, at: place, "there is no \(what) '\(text)'; known: \(known)")
  }

  private func mismatch(_ what: String, _ wanted: String) -> InputError {
    InputError(.wrongType, at: place, "\(what) must be \(wanted), not \(kindName)")
  }
}

/// Takes an object apart key by key, and refuses in the end what nobody asked for.
struct ObjectReader {
  private let members: [JSONNode.Member]
  private var asked: [String] = []
  let place: TextPosition
  private let what: String

  init(_ node: JSONNode, _ what: String) throws(InputError) {
    members = try node.members(what)
    place = node.place
    self.what = what
  }

  /// The value of a key that may be absent.
  mutating func optional(_ key: String) -> JSONNode? {
    asked.append(key)
    return members.first { $0.key == key }?.node
  }

  /// The value of a key that must be there.
  mutating func required(_ key: String) throws(InputError) -> JSONNode {
    guard let node = optional(key) else {
      throw InputError(.missingKey, at: place, "\(what) needs \"\(key)\"")
    }
    return node
  }

  /// Refuses the first key that was never asked for.
  func finish() throws(InputError) {
    for member in members where !asked.contains(member.key) {
      throw InputError(
        .unknownKey, at: member.place,
        "\(what) has no \"\(member.key)\"; known: \(asked.joined(separator: ", "))")
    }
  }
}
