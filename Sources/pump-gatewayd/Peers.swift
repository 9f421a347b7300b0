// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Synchronization

/// The certificates of those who are connected, and how many were not let in.
final class Peers: Sendable {
  private struct Contents {
    var certificates: [ObjectIdentifier: Certificate] = [:]
    var refused: Int64 = 0
  }

  private let contents = Mutex(Contents())

  func add(_ id: ObjectIdentifier, _ certificate: Certificate) {
    contents.withLock { $0.certificates[id] = certificate }
  }

  func remove(_ id: ObjectIdentifier) { contents.withLock { $0.certificates[id] = nil } }

  func certificate(_ id: ObjectIdentifier) -> Certificate? {
    contents.withLock { $0.certificates[id] }
  }

  func refuse() { contents.withLock { $0.refused += 1 } }

  var count: Int64 { contents.withLock { Int64($0.certificates.count) } }
  var refusedCount: Int64 { contents.withLock { $0.refused } }
}
