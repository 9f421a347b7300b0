// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// The bring-up of a board, step by step, as it is generated from the board's map.
public struct Checklist: Hashable, Sendable {
  public struct Step: Hashable, Sendable {
    /// How a step is measured.
    public enum Way: Hashable, Sendable {
      /// By a person.
      case observe
      /// Each of these lines is there once.
      case lines([String])
      /// The chips on the adapter of this number, and no other.
      case bus(adapter: Int, addresses: [UInt8])
      /// The level of a line while the thing is so, and while it is not.
      case line(String, high: Bool)
    }

    public let number: Int
    public let what: String
    public let expected: String
    public let way: Way
  }

  public let board: String
  public let steps: [Step]

  public init(bytes: [UInt8]) throws(RecordRefusal) {
    let node = try SignedRecord.read(bytes)
    guard node["format"]?.integer == 1 else { throw .malformed("format") }
    guard let board = node["board"]?.string else { throw .malformed("board") }
    guard let nodes = node["steps"]?.array, !nodes.isEmpty else { throw .malformed("steps") }
    var steps: [Step] = []
    for (index, node) in nodes.enumerated() {
      guard let what = node["do"]?.string, let expected = node["expected"]?.string,
        let way = Self.way(node)
      else { throw .malformed("step \(index + 1)") }
      steps.append(Step(number: index + 1, what: what, expected: expected, way: way))
    }
    self.board = board
    self.steps = steps
  }

  private static func way(_ node: JSONNode) -> Step.Way? {
    switch node["way"]?.string {
    case "observe": return .observe
    case "lines":
      guard let names = node["lines"]?.array, !names.isEmpty else { return nil }
      var texts: [String] = []
      for name in names {
        guard let text = name.string else { return nil }
        texts.append(text)
      }
      return .lines(texts)
    case "bus":
      guard let adapter = node["adapter"]?.integer, (0..<256).contains(adapter),
        let addresses = numbers(node["addresses"])
      else { return nil }
      return .bus(adapter: Int(adapter), addresses: addresses)
    case "line":
      guard let name = node["line"]?.string, let high = node["high"]?.bool else { return nil }
      return .line(name, high: high)
    default: return nil
    }
  }

  private static func numbers(_ node: JSONNode?) -> [UInt8]? {
    guard let nodes = node?.array else { return nil }
    var found: [UInt8] = []
    for node in nodes {
      guard let number = node.integer, let byte = UInt8(exactly: number) else { return nil }
      found.append(byte)
    }
    return found
  }
}

/// What the usual tools of a Linux board print, read.
public enum ToolOutput {
  /// The addresses in the grid of `i2cdetect`; nil when a kernel's driver holds one of them (`UU`).
  public static func addresses(inGrid text: String) -> [UInt8]? {
    var found: [UInt8] = []
    for line in text.split(separator: "\n") {
      guard let colon = line.firstIndex(of: ":") else { continue }
      for word in line[line.index(after: colon)...].split(separator: " ") where word != "--" {
        guard word != "UU" else { return nil }
        if word.utf8.count == 2, let address = UInt8(word, radix: 16) { found.append(address) }
      }
    }
    return found.sorted()
  }

  /// How often each quoted name stands in the list of `gpioinfo`, of either version of libgpiod.
  public static func count(of name: String, inLines text: String) -> Int {
    text.split(separator: "\n").count { $0.contains("\"\(name)\"") }
  }

  /// The level that `gpioget` printed: a digit, alone; nil for anything else.
  public static func level(_ text: String) -> Bool? {
    switch text.filter({ !$0.isWhitespace }) {
    case "0": false
    case "1": true
    default: nil
    }
  }
}
