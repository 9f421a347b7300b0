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
    write(node, into: &text)
    return text
  }

  // The depth is bounded by the reader that made the node.
  private static func write(_ node: JSONNode, into text: inout [UInt8]) {
    switch node.content {
    case .null: text += Array("null".utf8)
    case .bool(let truth): text += Array((truth ? "true" : "false").utf8)
    case .integer(let number): text += Array(String(number).utf8)
    case .string(let string): write(string, into: &text)
    case .array(let nodes):
      text.append(UInt8(ascii: "["))
      for (index, node) in nodes.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        write(node, into: &text)
      }
      text.append(UInt8(ascii: "]"))
    case .object(let members):
      text.append(UInt8(ascii: "{"))
      // The order of UTF-8 bytes is the order of code points, which the signing side sorts by.
      let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
      for (index, member) in sorted.enumerated() {
        if index > 0 { text.append(UInt8(ascii: ",")) }
        write(member.key, into: &text)
        text.append(UInt8(ascii: ":"))
        write(member.node, into: &text)
      }
      text.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ string: String, into text: inout [UInt8]) {
    text.append(UInt8(ascii: "\""))
    for byte in string.utf8 {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        text.append(UInt8(ascii: "\\"))
      }
      text.append(byte)
    }
    text.append(UInt8(ascii: "\""))
  }
}
