// SPDX-License-Identifier: Apache-2.0

/// Rows of text in aligned columns under their names.
struct Table {
  let names: [String]
  let rows: [[String]]
  /// What is said when there is no row.
  let empty: String

  init(_ names: [String], _ rows: [[String]], empty: String) {
    self.names = names
    self.rows = rows
    self.empty = empty
  }

  var text: String {
    guard !rows.isEmpty else { return empty }
    let all = [names] + rows
    let widths = names.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell
        // Nothing is filled up behind the last.
        guard column < row.count - 1 else { break }
        line += String(repeating: " ", count: widths[column] - cell.count + 2)
      }
      return line
    }.joined(separator: "\n")
  }
}
