// SPDX-License-Identifier: Apache-2.0

/// The families of items, with the families that may stand above each.
///
/// The table of Docs/Requirements/README.md as code. No family stands above itself at any distance,
/// so the items form no circle.
public enum Family: String, CaseIterable, Sendable {
  case need = "UN"
  case hazard = "HAZ"
  case control = "RC"
  case system = "SYS"
  case security = "SEC"
  case software = "SRS"

  /// The families that a parent may come from; empty where an item has none.
  public var parents: [Family] {
    switch self {
    case .need, .hazard: []
    case .control: [.hazard]
    case .system: [.need, .control]
    case .security: [.hazard, .need, .control, .system]
    case .software: [.system, .control, .security]
    }
  }

  /// The families of which a child has to exist; empty where none has to.
  public var children: [Family] {
    switch self {
    case .need: [.system, .security]
    case .hazard: [.control, .security]
    case .control, .system, .security, .software: []
    }
  }

  /// Whether a line of code has to carry the id.
  public var needsCode: Bool { self == .control || self == .security || self == .software }
}

/// The id of an item: a family and three digits.
public struct ItemID: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let family: Family
  public let number: Int

  public init(_ family: Family, _ number: Int) {
    self.family = family
    self.number = number
  }

  /// Reads `RC-012`, and nothing but that form.
  public init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 2, let family = Family(rawValue: String(parts[0])),
      parts[1].utf8.count == 3, parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let number = Int(parts[1])
    else { return nil }
    self.init(family, number)
  }

  public var description: String {
    let digits = String(number)
    return "\(family.rawValue)-\(String(repeating: "0", count: 3 - digits.utf8.count))\(digits)"
  }

  public static func < (left: ItemID, right: ItemID) -> Bool {
    left.family == right.family
      ? left.number < right.number : left.family.order < right.family.order
  }
}

extension Family {
  /// The order of the families in reports: that of their declaration.
  var order: Int { Family.allCases.firstIndex(of: self) ?? 0 }
}

/// An id as it stands in a text, right or wrong.
public struct Mention: Hashable, Sendable {
  public let written: String
  public let line: Int
  /// `nil` when it is written wrongly, such as with two digits.
  public let id: ItemID?
}

extension Mention {
  /// Every id in a text, also one that is written wrongly: it must be seen, not missed.
  ///
  /// With `underscores`, as in the names of Python functions, an underscore stands for the dash.
  public static func all(in text: some StringProtocol, underscores: Bool = false) -> [Mention] {
    var found: [Mention] = []
    let bytes = Array(text.utf8)
    var line = 1
    var index = 0
    while index < bytes.count {
      if bytes[index] == 0x0A { line += 1 }
      guard bytes[index].isCapital, index == 0 || !bytes[index - 1].isAlphanumeric,
        let end = Family.allCases.lazy.compactMap({ $0.ending(in: bytes, at: index) }).first
      else {
        index += 1
        continue
      }
      let written = String(decoding: bytes[index..<end], as: UTF8.self)
      let plain = underscores ? written.map { $0 == "_" ? "-" : String($0) }.joined() : written
      found.append(Mention(written: written, line: line, id: ItemID(plain)))
      index = end
    }
    return found
  }
}

extension Family {
  /// The end of an id of this family that begins here, however it is written.
  ///
  /// UN38.3 and SEC1 are names of standards, UN-3480 is a transport number: a family whose letters
  /// mean something else too counts only with a dash, and a need not with four digits.
  fileprivate func ending(in bytes: [UInt8], at start: Int) -> Int? {
    var index = start
    for byte in rawValue.utf8 {
      guard index < bytes.count, bytes[index] == byte else { return nil }
      index += 1
    }
    guard index < bytes.count else { return nil }
    let separator = bytes[index]
    let dashed = separator == 0x2D
    if dashed || separator == 0x5F { index += 1 }
    let unmistakable = self == .control || self == .hazard || self == .software
    let first = index
    while index < bytes.count, bytes[index].isDigit { index += 1 }
    let digits = index - first
    guard digits > 0, index == bytes.count || !bytes[index].isAlphanumeric else { return nil }
    if self == .need, digits == 4 { return nil }
    guard dashed || unmistakable || (separator == 0x5F && digits == 3) else { return nil }
    return index
  }
}

extension UInt8 {
  var isDigit: Bool { (0x30...0x39).contains(self) }
  var isCapital: Bool { (0x41...0x5A).contains(self) }
  var isAlphanumeric: Bool { isDigit || isCapital || (0x61...0x7A).contains(self) }
}
