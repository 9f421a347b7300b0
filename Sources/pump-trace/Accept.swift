// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Trace

struct Accept: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write down that items were read again: stamp their relations and inspections.")

  @OptionGroup var places: Places
  @Argument(help: "The items that were reviewed, such as SRS-001.") var ids: [String] = []
  @Flag(help: "Stamp every relation that has no fingerprint yet.") var unreviewed = false

  func validate() throws {
    if ids.isEmpty != unreviewed {
      throw ValidationError("Name the items that were reviewed, or give --unreviewed.")
    }
  }

  func run() throws {
    let tree = places.tree
    let project = Project(files: try tree.texts())
    let known = Set(project.items.map(\.id))
    var chosen: Set<ItemID> = []
    for text in ids {
      guard let id = ItemID(text), known.contains(id) else {
        throw ValidationError("No item has the id '\(text)'.")
      }
      chosen.insert(id)
    }
    let acceptance = Acceptance(unreviewed ? .unreviewed : .items(chosen), in: project)
    for (path, text) in acceptance.changed.sorted(by: { $0.key < $1.key }) {
      try tree.write(text, to: path)
      print("trace: wrote \(path)")
    }
    print("trace: \(acceptance.stamped) stamped")
  }
}
