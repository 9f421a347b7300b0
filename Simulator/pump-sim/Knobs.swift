// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Plant

/// Lists the knobs from their one table.
struct Knobs: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List every knob with unit, range, default and meaning.")

  @Flag(help: "As a Markdown table, for the documents.")
  var markdown = false

  func run() {
    if markdown { print("| knob | unit | range | default | meaning |\n|---|---|---|---|---|") }
    for knob in Knob.allCases {
      let spec = knob.spec
      let standard = spec.kind == .toggle ? "\(spec.default == 1)" : "\(spec.default)"
      if markdown {
        print(
          "| `\(spec.name)` | \(spec.unit) | \(range(of: spec)) | \(standard) | \(spec.summary) |")
      } else {
        print("\(spec.name)  [\(spec.unit)]  \(range(of: spec)), default \(standard)")
        print("    \(spec.summary)")
      }
    }
  }

  private func range(of spec: KnobSpec) -> String {
    switch spec.kind {
    case .toggle: "true, false"
    case .choice: spec.choices.map { "\($0)" }.joined(separator: ", ")
    case .continuous, .impulse: "\(spec.range.lowerBound) to \(spec.range.upperBound)"
    }
  }
}
