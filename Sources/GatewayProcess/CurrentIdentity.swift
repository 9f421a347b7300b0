// SPDX-License-Identifier: Apache-2.0

import Foundation
import LocalTransport
import ServiceAPI
import Synchronization
import Units

/// The identity as the service says it, asked each second on a thread of its own.
final class CurrentIdentity: Sendable {
  /// How often the service is asked.
  static let period: TimeInterval = 1
  /// An identity that was not heard of for so long is none.
  static let lifetime = Duration.seconds(5)

  private struct Contents {
    var identity: Identity?
    var heardAt = ContinuousClock.now
    var left = false
    var told: String?
  }

  private let contents = Mutex(Contents())
  private let link: ServiceLink
  private let signer: HandshakeSigner

  init(path: String, service: PeerPolicy, clock: MonotonicSource) {
    link = ServiceLink(path: path, service: service)
    signer = HandshakeSigner(link: ServiceLink(path: path, service: service))
  }

  // SEC-373: without a service that says so, nobody is taken for anybody.
  /// What the pump is on the network now; nil when it is on none, or nobody says so.
  var value: Identity? {
    contents.withLock { contents in
      ContinuousClock.now - contents.heardAt < Self.lifetime ? contents.identity : nil
    }
  }

  /// Whether the pump was on a network and was taken off it.
  var hasLeft: Bool { contents.withLock { $0.left } }

  func start() {
    let thread = Thread { [self] in
      var manager = ServiceWatchdog()
      while true {
        let words = read()
        if words != contents.withLock({ $0.told }) { report(words) }
        contents.withLock { $0.told = words }
        manager.stroke(good: true)
        Thread.sleep(forTimeInterval: Self.period)
      }
    }
    thread.name = "identity"
    thread.start()
  }

  /// Asks the service; gives what there is to tell.
  private func read() -> String {
    let answer: NetworkAnswer
    do throws(ServiceLink.Failure) { answer = try link.ask(.standing) } catch {
      return "the service does not say what the pump is on the network"
    }
    switch answer {
    case .none:
      contents.withLock { contents in
        contents.left = contents.left || contents.identity != nil
        contents.identity = nil
      }
      return "the pump is on no network"
    case .standing(let standing): return take(standing)
    case .signature, .refused, .proposal, .proposals, .proposalStanding, .withdrawn, .person,
      .audit, .noted, .permit, .intake:
      return "the service does not say what the pump is on the network"
    }
  }

  private func take(_ standing: NetworkStanding) -> String {
    if contents.withLock({ $0.identity?.standing }) != standing {
      let identity: Identity
      do { identity = try Identity(standing, signer: signer) } catch {
        contents.withLock { $0.identity = nil }
        return "nobody is let in: \(error)"
      }
      contents.withLock { $0.identity = identity }
    }
    contents.withLock { $0.heardAt = .now }
    return "on the network; \(standing.nodes.count) nodes are known"
  }
}
