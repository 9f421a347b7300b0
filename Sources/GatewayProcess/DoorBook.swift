// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import LocalTransport
import ServiceAPI
import Synchronization

/// Counts who came, went and was refused until it is told to the service.
final class DoorBook: Sendable {
  private struct Contents {
    var opened: [String: Int64] = [:]
    var closed: [String: Int64] = [:]
    var refused: [DoorRefusal: (count: Int64, address: String)] = [:]
    /// All that were refused since this gateway began.
    var allRefused: Int64 = 0

    mutating func add(_ reason: DoorRefusal, _ count: Int64, _ address: String) {
      refused[reason] = ((refused[reason]?.count ?? 0) + count, address)
    }
  }

  private let contents = Mutex(Contents())

  func opened(_ node: String) { contents.withLock { $0.opened[node, default: 0] += 1 } }

  func closed(_ node: String) { contents.withLock { $0.closed[node, default: 0] += 1 } }

  /// Somebody was not let in, or not any more.
  func refused(_ reason: DoorRefusal, from address: String) {
    contents.withLock { contents in
      contents.allRefused += 1
      contents.add(reason, 1, address)
    }
  }

  var allRefused: Int64 { contents.withLock { $0.allRefused } }

  /// What there is to tell; from here on it counts anew.
  func take() -> [DoorReport] {
    contents.withLock { contents in
      defer { (contents.opened, contents.closed, contents.refused) = ([:], [:], [:]) }
      let nodes = Set(contents.opened.keys).union(contents.closed.keys).sorted()
      let refused = DoorRefusal.allCases.compactMap { reason in
        contents.refused[reason].map {
          DoorReport.refused(reason, count: $0.count, address: $0.address)
        }
      }
      // Beyond the nodes that a pump can know, which took another list meanwhile, the rest waits for no one.
      return nodes.prefix(NetworkStanding.mostNodes).map {
        .node($0, opened: contents.opened[$0] ?? 0, closed: contents.closed[$0] ?? 0)
      } + refused
    }
  }

  /// What the service did not take counts on.
  func giveBack(_ reports: [DoorReport]) {
    contents.withLock { contents in
      for report in reports {
        switch report {
        case .node(let name, let opened, let closed):
          contents.opened[name, default: 0] += opened
          contents.closed[name, default: 0] += closed
        case .refused(let reason, let count, let address): contents.add(reason, count, address)
        }
      }
    }
  }

  // SRS-222 SEC-410: told at once when it was quiet, and under a crowd once a minute.
  /// Tells the service on a thread of its own: a second after something happened, then ever more seldom up to
  /// once a minute for as long as more of it happens.
  func tell(_ link: ServiceLink) {
    let thread = Thread { [self] in
      var pause = ReportPause()
      while true {
        Thread.sleep(forTimeInterval: 1)
        guard pause.isOver() else { continue }
        let reports = take()
        if reports.isEmpty {
          pause.wasQuiet()
        } else {
          if (try? link.ask(.report(reports))) != .noted { giveBack(reports) }
          pause.wasTold()
        }
      }
    }
    thread.name = "door"
    thread.start()
  }
}

/// How many seconds there are between reports: 1 after quiet, doubled by each report up to 60.
struct ReportPause {
  static let longest = 60
  private var pause = 1
  private var left = 1

  /// A second has passed; whether a report is due.
  mutating func isOver() -> Bool {
    left -= 1
    return left <= 0
  }

  mutating func wasQuiet() { (pause, left) = (1, 1) }

  mutating func wasTold() {
    pause = min(2 * pause, Self.longest)
    left = pause
  }
}

extension DoorRefusal {
  init(_ refusal: CertificateRefusal) {
    self =
      switch refusal {
      case .malformed: .malformed
      case .issuer: .issuer
      case .notYetValid: .notYetValid
      case .expired: .expired
      case .revoked: .revoked
      case .usage: .usage
      case .name: .name
      case .revocationList: .revocationList
      case .other: .other
      }
  }
}
