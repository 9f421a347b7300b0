// SPDX-License-Identifier: Apache-2.0

/// A Merkle tree (RFC 6962 §2.1) that grows at its right edge.
///
/// It keeps the roots of the complete subtrees that make up its present size, at most 64 of them: a leaf
/// costs one hash and a half on average, a root at most 63. The tree of no leaves has the root
/// SHA-256(""), and is never signed.
public struct Tree: Sendable {
  /// How many leaves.
  public private(set) var size: UInt64 = 0
  /// Roots of complete subtrees, the widest first; their heights are the bits of `size`.
  private(set) var edge: [Hash] = []

  public init() {}

  /// The tree of `size` leaves with the roots of its complete subtrees, widest first; nil when their
  /// count is not that of the size.
  init?(size: UInt64, edge: [Hash]) {
    guard edge.count == size.nonzeroBitCount else { return nil }
    self.size = size
    self.edge = edge
  }

  /// Adds a leaf by its hash.
  ///
  /// `each` is told of every complete subtree that this completes: its height and root, the leaf first.
  public mutating func append(_ leaf: Hash, each: (Int, Hash) -> Void = { _, _ in }) {
    var hash = leaf
    var height = 0
    each(height, hash)
    while size >> UInt64(height) & 1 == 1, let left = edge.popLast() {
      hash = Hash.node(left, hash)
      height += 1
      each(height, hash)
    }
    edge.append(hash)
    size += 1
  }

  /// The root over all leaves.
  public var root: Hash {
    guard var hash = edge.last else { return Tree.emptyRoot }
    for left in edge.dropLast().reversed() { hash = Hash.node(left, hash) }
    return hash
  }

  /// SHA-256 of nothing.
  static let emptyRoot = sha256([])
}
