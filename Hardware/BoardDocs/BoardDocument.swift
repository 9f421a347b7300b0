// SPDX-License-Identifier: Apache-2.0

public import Board

/// One generated file of a board.
public struct BoardDocument: Hashable, Sendable {
  /// Below the folder of the boards, with "/".
  public let path: String
  public let text: String

  /// Every file of a board, from its map alone: the same map gives the same bytes.
  public static func all(of map: BoardMap) -> [BoardDocument] {
    [
      BoardDocument(path: "\(map.id)/wiring.svg", text: wiring(map)),
      BoardDocument(path: "\(map.id)/interface.md", text: interface(map)),
      BoardDocument(path: "\(map.id)/gpio-lines.tsv", text: lines(map)),
      BoardDocument(path: "\(map.id)/overlay.dts", text: overlay(map)),
      BoardDocument(path: "\(map.id)/parts.csv", text: parts(map)),
      BoardDocument(path: "\(map.id)/bring-up.md", text: bringUp(map)),
      BoardDocument(path: "\(map.id)/bring-up.json", text: bringUpJSON(map)),
      BoardDocument(path: "\(map.id)/calibration.md", text: calibration(map)),
      BoardDocument(path: "\(map.id)/calibration.json", text: calibrationJSON(map)),
    ]
  }

  /// Every file of every board.
  public static var everything: [BoardDocument] { BoardMap.all.flatMap(all(of:)) }

  static let origin = "Generated from Hardware/Board/Map by `make board-docs`; do not edit."
  static let notice = "SPECIMEN – not a medical device."

  static func hex(_ address: UInt8) -> String {
    let digits = String(address, radix: 16)
    return "0x" + (digits.count < 2 ? "0" : "") + digits
  }

  /// A table of Markdown.
  static func table(_ head: [String], _ rows: [[String]]) -> String {
    let lines =
      [head, head.map { _ in "---" }] + rows
    return lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }

  static func safe(_ line: BoardLine) -> String {
    guard case .output(let safe) = line.kind else { return "–" }
    return safe ? "1" : "0"
  }

  /// The level of the pin while the line reads or writes `on`.
  static func pin(_ line: BoardLine, on: Bool) -> String { on != line.activeLow ? "high" : "low" }
}
