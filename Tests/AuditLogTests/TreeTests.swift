// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import AuditLog

/// All subtrees of leaves that are held in memory.
struct Leaves: SubtreeSource {
  /// Roots of complete subtrees by height.
  private let levels: [[Hash]]

  var hashes: [Hash] { levels[0] }

  init(_ count: Int) {
    var levels = [(0..<count).map { Hash.leaf(Array("entry \($0)".utf8).span) }]
    while let below = levels.last, below.count > 1 {
      levels.append((0..<below.count / 2).map { Hash.node(below[2 * $0], below[2 * $0 + 1]) })
    }
    self.levels = levels
  }

  func subtree(height: Int, index: UInt64) -> Hash { levels[height][Int(index)] }
}

@Suite struct TreeTests {
  @Test func `agrees with the root that four other programs computed`() throws {
    // golang.org/x/mod, aics-tlog, pymerkle and sigstore over "entry 0" … "entry 10".
    #expect(
      "\(Leaves(11).root(size: 11))" == "MpIghwdLQvu/Ojo2cjqyeCX9m62x4pvd68P+qD6ewE0=")
    #expect("\(Tree().root)" == "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")
  }

  @Test func `grows to the same root that is computed at once, for all sizes`() {
    let leaves = Leaves(300)
    var tree = Tree()
    for size in UInt64(0)...300 {
      #expect(tree.root == leaves.root(size: size))
      if size < 300 { tree.append(leaves.hashes[Int(size)]) }
    }
  }

  @Test func `inclusion proofs hold for every leaf of every size up to 130, and for nothing else`()
  {
    let leaves = Leaves(131)
    var wrong = 0
    for size in UInt64(1)...130 {
      let root = leaves.root(size: size)
      #expect(leaves.inclusionProof(of: size, size: size) == nil)
      for index in 0..<size {
        guard let proof = leaves.inclusionProof(of: index, size: size) else {
          Issue.record("no proof of \(index) in \(size)")
          continue
        }
        func holds(
          leaf: Hash? = nil, at place: UInt64? = nil, in other: UInt64? = nil, _ changed: [Hash]
        ) -> Bool {
          verifyInclusion(
            leaf: leaf ?? leaves.hashes[Int(index)], index: place ?? index, size: other ?? size,
            proof: changed, root: root)
        }
        if !holds(proof) { wrong += 1 }
        if holds(leaf: leaves.hashes[130], proof) { wrong += 1 }
        if holds(at: index + 1, proof) { wrong += 1 }
        if index > 0, holds(at: index - 1, proof) { wrong += 1 }
        if holds(in: 0, proof) || holds(proof + [root]) || holds([root] + proof) { wrong += 1 }
        if !proof.isEmpty, holds(proof.dropLast()) { wrong += 1 }
        for place in proof.indices {
          var changed = proof
          changed[place] = root
          if holds(changed) { wrong += 1 }
        }
      }
    }
    #expect(wrong == 0)
  }

  @Test func `consistency proofs hold between all sizes up to 100, and for nothing else`() {
    let leaves = Leaves(101)
    let roots = (UInt64(0)...101).map { leaves.root(size: $0) }
    var wrong = 0
    for new in UInt64(1)...100 {
      #expect(leaves.consistencyProof(from: new + 1, to: new) == nil)
      for old in UInt64(1)...new {
        guard let proof = leaves.consistencyProof(from: old, to: new) else {
          Issue.record("no proof from \(old) to \(new)")
          continue
        }
        func holds(_ one: Hash, _ other: Hash, _ proof: [Hash], _ from: UInt64) -> Bool {
          verifyConsistency(from: from, root: one, to: new, root: other, proof: proof)
        }
        let (one, other) = (roots[Int(old)], roots[Int(new)])
        if !holds(one, other, proof, old) { wrong += 1 }
        if holds(roots[101], other, proof, old) || holds(one, roots[101], proof, old) { wrong += 1 }
        if holds(one, other, proof + [one], old) { wrong += 1 }
        if !proof.isEmpty, holds(one, other, proof.dropLast(), old) { wrong += 1 }
        if old > 1, holds(one, other, proof, old - 1) { wrong += 1 }
        for place in proof.indices {
          var changed = proof
          changed[place] = roots[101]
          if holds(one, other, changed, old) { wrong += 1 }
        }
      }
    }
    #expect(wrong == 0)
  }
}
