// SPDX-License-Identifier: Apache-2.0

import Foundation
import LocalTransport
import ServiceAPI
import Units

/// Conversations with pump-updated at its socket for uploads, each on a connection of its own.
///
/// It waits for answers, so it is used on threads that may wait.
struct UpdaterLink: Sendable {
  /// Where the updater listens, and what it is known by.
  struct Place: Hashable, Sendable {
    /// The folder of its socket.
    var folder: String
    var updater: PeerPolicy
    /// Nobody else can put a socket into the folder: whoever listens there is the updater.
    var vouches = false
  }

  /// How long an answer may take.
  static let patience = Interval.seconds(2)

  let place: Place

  /// The updater's answer; nil when it gives none.
  func ask(_ request: IntakeRequest) -> IntakeAnswer? {
    guard let connection = connect(),
      let bytes = connection.ask(request.bytes, patience: Self.patience)
    else { return nil }
    return try? IntakeAnswer(bytes)
  }

  private func connect() -> Connection? {
    // SEC-422: looked at each time, since the folder comes and goes with the updater.
    guard !place.vouches || GatewayOptions.isClosed(place.folder) == true else { return nil }
    return try? Connection(to: place.folder + "/intake.sock", allowing: place.updater)
  }

  /// Begins an upload; nil when the updater does not answer.
  func begin(_ token: [UInt8]) -> (answer: IntakeAnswer, upload: Upload)? {
    guard let connection = connect(),
      let bytes = connection.ask(IntakeRequest.upload(token: token).bytes, patience: Self.patience),
      let answer = try? IntakeAnswer(bytes)
    else { return nil }
    return (answer, Upload(connection: connection))
  }

  /// An upload that the updater takes; it ends with its last copy.
  struct Upload: Sendable {
    fileprivate let connection: Connection

    /// Passes bytes on as fast as the updater takes them; its answer when it takes no more.
    // SRS-231: what the updater has not taken yet waits at the node, not in this process.
    func send(_ bytes: [UInt8]) throws(Problem) -> IntakeAnswer? {
      var rest = bytes[...]
      let end = ContinuousClock.now + .seconds(15)
      while !rest.isEmpty {
        let part = Array(rest.prefix(Connection.longestText))
        switch connection.send(text: part) {
        case .sent: rest = rest.dropFirst(part.count)
        case .closed: return try last()
        case .full:
          guard ContinuousClock.now < end else { throw .noUpdater }
          // Ends early when the updater says that it takes no more.
          if connection.wait(upTo: .milliseconds(2)) { return try last() }
        }
      }
      return nil
    }

    /// What the updater says at the end.
    func last() throws(Problem) -> IntakeAnswer {
      guard let bytes = connection.next(patience: UpdaterLink.patience),
        let answer = try? IntakeAnswer(bytes)
      else { throw .noUpdater }
      return answer
    }
  }
}
