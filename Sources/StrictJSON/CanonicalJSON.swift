// SPDX-License-Identifier: Apache-2.0

/// The bytes that a signature of signed metadata is made over.
///
/// OLPC canonical JSON as The Update Framework uses it: keys in the order of their UTF-8 bytes, no
/// white space, whole numbers in decimal, and in a string only `\` and `"` escaped: every other
/// character, control characters too, stands for itself.
public enum CanonicalJSON {
  /// The one spelling of a value.
  public static func bytes(_ node: JSONNode) -> [UInt8] {
    var text: [UInt8] = []
    write(node, escapesControls: false, into: &text)
    return text
  }

  /// The value as JSON that every reader takes: as ``bytes(_:)``, with control characters escaped.
  public static func text(_ node: JSONNode) -> [UInt8] {
    var text: [UInt8] = []
    write(node, escapesControls: true, into: &text)
    return text
  }

  // The depth is bounded by the reader that made the node.
  private static func write(
    _ node: JSONNode, escapesControls: Bool, into text: inout [UInt8]
  ) {
    switch node.content {
    case .null: text += Array("null".utf8)
    case .bool(let truth): text += Array((truth ? "true" : "false").utf8)
    case .integer(let number): text += Array(String(number).utf8)
    case .unsigned(let number): text += Array(String(number).utf8)
    case .string(let string): write(string, escapesControls: escapesControls, into: &text)
    case .array(let nodes):
      text.append(UInt8(ascii: "["))
      for (index, node) in nodes.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        write(node, escapesControls: escapesControls, into: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      // The order of UTF-8 bytes is the order of code points, which the signing side sorts by.
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, member) in sorted.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        write(member.key, escapesControls: escapesControls, into: &text)
        text.append(UInt8(ascii: ":"))
        write(member.node, escapesControls: escapesControls, into: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }

  private static func write(
    _ string: String, escapesControls: Bool, into text: inout [UInt8]
  ) {
    text.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      if escapesControls, byte < 0x20 {
        let digits = Array("0123456789abcdef".utf8)
        text += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        continue
      }
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        text.append(UInt8(ascii: "\\"))
      }
      text.append(byte)
    }
    text.append(UInt8(ascii: "\""))
  }
}
