// SPDX-License-Identifier: Apache-2.0

/// Where the roots of complete subtrees come from.
public protocol SubtreeSource {
  associatedtype Failure: Error
  /// The root of leaves `index << height ..< (index + 1) << height`, all of which are there.
  func subtree(height: Int, index: UInt64) throws(Failure) -> Hash
}

extension SubtreeSource {
  /// The root over the first `size` leaves.
  public func root(size: UInt64) throws(Failure) -> Hash {
    size == 0 ? Tree.emptyRoot : try root(0, size)
  }

  /// PATH(m, D[n]) of RFC 6962 §2.1.1: hashes from the leaf's sibling to the child of the root.
  ///
  /// Nil when the tree has no such leaf.
  // SEC-202: the proofs of RFC 6962, byte for byte those of others.
  public func inclusionProof(of index: UInt64, size: UInt64) throws(Failure) -> [Hash]? {
    guard index < size else { return nil }
    var proof: [Hash] = []
    var low: UInt64 = 0
    var high = size
    while high - low > 1 {
      let middle = low + split(high - low)
      if index < middle {
        proof.append(try root(middle, high))
        high = middle
      } else {
        proof.append(try root(low, middle))
        low = middle
      }
    }
    return proof.reversed()
  }

  /// PROOF(m, D[n]) of RFC 6962 §2.1.2: that the first `old` leaves are the same in the tree of `size`.
  ///
  /// Empty when the two are the same or `old` is 0; nil when `old` is the larger.
  public func consistencyProof(from old: UInt64, to size: UInt64) throws(Failure) -> [Hash]? {
    guard old <= size else { return nil }
    guard old > 0, old < size else { return [] }
    var proof: [Hash] = []
    var low: UInt64 = 0
    var high = size
    var whole = true
    while old != high {
      let middle = low + split(high - low)
      if old <= middle {
        proof.append(try root(middle, high))
        high = middle
      } else {
        proof.append(try root(low, middle))
        low = middle
        whole = false
      }
    }
    if !whole { proof.append(try root(low, high)) }
    return proof.reversed()
  }

  /// The root over leaves `low..<high`, where `low` is a multiple of a power of two that is not below
  /// their count.
  private func root(_ low: UInt64, _ high: UInt64) throws(Failure) -> Hash {
    var edge: [Hash] = []
    var start = low
    while start < high {
      let height = (high - start).bitWidth - 1 - (high - start).leadingZeroBitCount
      edge.append(try subtree(height: height, index: start >> UInt64(height)))
      start += 1 << UInt64(height)
    }
    var hash = edge.popLast() ?? Tree.emptyRoot
    while let left = edge.popLast() { hash = Hash.node(left, hash) }
    return hash
  }
}

/// The largest power of two below `count`, which is above 1.
private func split(_ count: UInt64) -> UInt64 {
  1 << UInt64(63 - (count - 1).leadingZeroBitCount)
}

/// Whether the proof shows that the leaf stands at `index` in the tree of this size and root
/// (RFC 9162 §2.1.3.2).
public func verifyInclusion(
  leaf: Hash, index: UInt64, size: UInt64, proof: [Hash], root: Hash
) -> Bool {
  guard index < size else { return false }
  var first = index
  var second = size - 1
  var hash = leaf
  for next in proof {
    guard second > 0 else { return false }
    if first & 1 == 1 || first == second {
      hash = Hash.node(next, hash)
      while first & 1 == 0 && first != 0 {
        first >>= 1
        second >>= 1
      }
    } else {
      hash = Hash.node(hash, next)
    }
    first >>= 1
    second >>= 1
  }
  return second == 0 && hash == root
}

/// Whether the proof shows that the tree of `size` begins with the leaves of the tree of `old`
/// (RFC 9162 §2.1.4.2).
public func verifyConsistency(
  from old: UInt64, root oldRoot: Hash, to size: UInt64, root: Hash, proof: [Hash]
) -> Bool {
  guard old <= size else { return false }
  if old == size { return proof.isEmpty && oldRoot == root }
  // Every tree begins with that of no leaves; that is no statement worth a proof.
  if old == 0 { return proof.isEmpty && oldRoot == Tree.emptyRoot }
  var path = proof[...]
  var first = old - 1
  var second = size - 1
  while first & 1 == 1 {
    first >>= 1
    second >>= 1
  }
  var oldHash = oldRoot
  // Where the old tree is not complete, its own right edge begins the proof.
  if old.nonzeroBitCount != 1 {
    guard let start = path.popFirst() else { return false }
    oldHash = start
  }
  var newHash = oldHash
  for next in path {
    guard second > 0 else { return false }
    if first & 1 == 1 || first == second {
      oldHash = Hash.node(next, oldHash)
      newHash = Hash.node(next, newHash)
      while first & 1 == 0 && first != 0 {
        first >>= 1
        second >>= 1
      }
    } else {
      newHash = Hash.node(newHash, next)
    }
    first >>= 1
    second >>= 1
  }
  return second == 0 && oldHash == oldRoot && newHash == root
}
