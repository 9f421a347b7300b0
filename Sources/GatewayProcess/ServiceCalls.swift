// SPDX-License-Identifier: Apache-2.0

import LocalTransport
import NIOPosix
import ServiceAPI

/// Requests to the service for those who wait on an event loop: one after the other, on a thread that may wait.
struct ServiceCalls: Sendable {
  private let link: ServiceLink
  private let thread = NIOThreadPool(numberOfThreads: 1)

  /// `patience` is how long one answer may take.
  init(path: String, service: PeerPolicy, patience: Duration = .seconds(2)) {
    link = ServiceLink(path: path, service: service, patience: patience)
    thread.start()
  }

  func ask(_ request: NetworkRequest) async throws(Problem) -> NetworkAnswer {
    let link = link
    do {
      return try await thread.runIfActive { try link.ask(request) }
    } catch {
      throw .serviceSilent
    }
  }
}
