// SPDX-License-Identifier: Apache-2.0

import LocalTransport
import ServiceAPI
import Synchronization
import Units

/// One conversation with the service at its socket for the gateway; opened again when it broke.
///
/// It waits for the answer, so it is used on threads that may wait, and by one caller at a time.
final class ServiceLink: Sendable {
  /// Why there is no answer.
  enum Failure: Error {
    case unreachable
    case notUnderstood
  }

  /// How long an answer may take.
  private let patience: Duration
  private let path: String
  private let service: PeerPolicy
  private let connection = Mutex<Connection?>(nil)

  init(path: String, service: PeerPolicy, patience: Duration = .seconds(2)) {
    self.path = path
    self.service = service
    self.patience = patience
  }

  func ask(_ request: NetworkRequest) throws(Failure) -> NetworkAnswer {
    try connection.withLock { (connection) throws(Failure) in
      guard let open = connection ?? (try? Connection(to: path, allowing: service)) else {
        throw .unreachable
      }
      // Whatever goes wrong from here on, the next request begins with a new connection.
      connection = nil
      let answer = try ask(request, open)
      connection = open
      return answer
    }
  }

  private func ask(
    _ request: NetworkRequest, _ connection: Connection
  ) throws(Failure) -> NetworkAnswer {
    guard connection.send(text: request.bytes) == .sent else { throw .unreachable }
    let end = ContinuousClock.now + patience
    while ContinuousClock.now < end {
      switch connection.receiveText() {
      case .nothing: _ = connection.wait(upTo: .milliseconds(50))
      case .closed: throw .unreachable
      case .tooLong: throw .notUnderstood
      case .text(let bytes):
        do throws(NotUnderstood) { return try NetworkAnswer(bytes) } catch {
          throw .notUnderstood
        }
      }
    }
    throw .unreachable
  }
}
