// SPDX-License-Identifier: Apache-2.0

import AuditLog
import LocalTransport
import ServiceAPI
import Synchronization
import Units

/// Asks pump-updated to let bundles come, and knows who brings which, so that what becomes of one is on record under
/// their name.
///
/// In memory: after the service started again, a refusal has the permit's number alone, which the record of the
/// request has as well.
final class UploadBook: Sendable {
  /// Permits that are remembered; beyond, the oldest is forgotten.
  static let capacity = 64
  /// How long the updater may take to answer.
  static let patience = Interval.seconds(2)

  private struct Permit {
    let number: UInt32
    let actor: AuditActor
    let node: String
  }

  private let path: String?
  private let updaters: PeerPolicy
  private let permits = Mutex<[Permit]>([])

  /// - Parameter folder: that of the updater's socket; without one no bundle comes.
  init(folder: String? = nil, updaters: PeerPolicy = .sameUser) {
    path = folder.map { $0 + "/intake.sock" }
    self.updaters = updaters
  }

  /// The updater's answer; nil when it gives none.
  func ask(_ request: IntakeRequest) -> IntakeAnswer? {
    guard let path, let connection = try? Connection(to: path, allowing: updaters),
      let bytes = connection.ask(request.bytes, patience: Self.patience)
    else { return nil }
    return try? IntakeAnswer(bytes)
  }

  func note(_ number: UInt32, _ actor: AuditActor, from node: String) {
    permits.withLock { permits in
      permits.append(Permit(number: number, actor: actor, node: node))
      permits.removeFirst(max(0, permits.count - Self.capacity))
    }
  }

  /// The entry of a refused bundle, with who brought it where that is known.
  // SEC-427 SEC-401: person, node and reason.
  func entry(_ code: String, number: UInt32, permit: UInt32) -> AuditEntry {
    var entry = AuditEntry(
      .updateRefused, outcome: .refused, source: .updater, number: number, b: Int64(permit),
      reference: code)
    guard permit != 0 else { return entry }
    guard let known = permits.withLock({ $0.last { $0.number == permit } }) else {
      entry.reference += " permit \(permit)"
      return entry
    }
    entry.actor = known.actor
    entry.reference += " from \(known.node)"
    return entry
  }
}
