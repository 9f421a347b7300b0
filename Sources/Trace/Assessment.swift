// SPDX-License-Identifier: Apache-2.0

/// How strongly a claim is shown: derived from what ran, never written down.
public enum Strength: String, Sendable, CaseIterable, Comparable, Encodable {
  case gap
  case declared
  case inspected
  case tested
  case exhausted
  case proven

  public static func < (left: Strength, right: Strength) -> Bool { left.rank < right.rank }

  private var rank: Int { Strength.allCases.firstIndex(of: self) ?? 0 }

  init(_ kind: TestOutcome.Kind) {
    switch kind {
    case .example: self = .tested
    case .exhaustive: self = .exhausted
    case .proof: self = .proven
    }
  }
}

/// An item with what was found for it.
public struct Assessment: Sendable {
  public let item: Item
  public let markers: [Marker]
  public let tests: [TestOutcome]
  public let children: [ItemID]
  public let lacks: [Lack]
  public let strength: Strength
}

/// All items of a project, each with its evidence.
public struct Assessments: Sendable {
  /// In the order of the ids; an id that is given twice stands for its first item.
  public let all: [Assessment]
  private let byID: [ItemID: Assessment]

  public subscript(id: ItemID) -> Assessment? { byID[id] }

  /// Assesses a project; `outcomes` is `nil` when no run is looked at, and then no test is missed.
  public init(of project: Project, outcomes: [TestOutcome]?) {
    var items: [ItemID: Item] = [:]
    for item in project.items where items[item.id] == nil { items[item.id] = item }
    let markers = Dictionary(grouping: project.markers, by: \.id)
    var tests: [ItemID: [TestOutcome]] = [:]
    for outcome in outcomes ?? [] {
      for id in outcome.ids { tests[id, default: []].append(outcome) }
    }
    var children: [ItemID: Set<ItemID>] = [:]
    for item in items.values {
      for relation in item.relations { children[relation.parent, default: []].insert(item.id) }
    }
    let inspected = Set(
      project.inspections.filter { inspection in
        project.files[inspection.path].map { SHA256.hex($0) == inspection.sha256 } ?? false
      }.map(\.id))

    var done: [ItemID: Assessment] = [:]
    // Children before parents: a family stands only below families that come before it in this order.
    let order: [Family] = [.software, .security, .system, .control, .hazard, .need]
    for family in order {
      for item in items.values where item.id.family == family {
        let own = Evidence(
          item: item, markers: markers[item.id] ?? [], tests: tests[item.id] ?? [],
          children: (children[item.id] ?? []).sorted(), isInspected: inspected.contains(item.id),
          hasRun: outcomes != nil)
        done[item.id] = own.assess { done[$0]?.strength }
      }
    }
    byID = done
    all = done.values.sorted { $0.item.id < $1.item.id }
  }
}

/// What there is for one item.
private struct Evidence {
  let item: Item
  let markers: [Marker]
  let tests: [TestOutcome]
  let children: [ItemID]
  let isInspected: Bool
  let hasRun: Bool

  func assess(strengthOf: (ItemID) -> Strength?) -> Assessment {
    let family = item.id.family
    var lacks: [Lack] = []
    if !family.parents.isEmpty, item.relations.isEmpty { lacks.append(.parent) }
    let right = children.filter { family.children.contains($0.family) }
    if !family.children.isEmpty, right.isEmpty { lacks.append(.child) }
    // The weakest child; only children that were assessed count.
    let inherited = children.compactMap(strengthOf).min() ?? .gap
    var strength: Strength
    switch item.verification {
    case .declaration:
      strength = .declared
    case .inspection:
      strength = isInspected ? .inspected : .gap
      if !isInspected { lacks.append(.test) }
    case .test:
      strength = shown
      if strength == .gap, family == .need || family == .hazard || family == .system {
        strength = inherited
      }
      let isUp = family == .need || family == .hazard
      if hasRun, strength == .gap, !isUp { lacks.append(.test) }
      if family.needsCode, markers.isEmpty {
        lacks.append(.code)
        strength = .gap
      }
    }
    return Assessment(
      item: item, markers: markers, tests: tests, children: children, lacks: lacks.sorted(),
      strength: strength)
  }

  /// What the item's own tests show: nothing, as soon as one of them failed.
  private var shown: Strength {
    guard !tests.contains(where: { $0.result == .failed || $0.result == .unfinished }) else {
      return .gap
    }
    return tests.filter { $0.result == .passed }.map(\.kind).max().map { Strength($0) } ?? .gap
  }
}
