// SPDX-License-Identifier: Apache-2.0

import Cryptography
public import Units

/// The way on which somebody signs in, and the only one on which their session counts.
public enum SessionWay: Hashable, Sendable {
  /// The pump's own sockets and its panel.
  case pump
  /// A node of the network, by the SHA-256 of its certificate.
  case network(certificate: [UInt8])

  var isNetwork: Bool { self != .pump }

  var binding: [UInt8] {
    switch self {
    case .pump: []
    case .network(let certificate): Array("network".utf8) + certificate
    }
  }
}

/// What a signed-in client holds: 32 random bytes that mean something to this pump alone.
public struct SessionToken: Equatable, Sendable {
  public let bytes: [UInt8]
  /// The way on which it comes.
  public let way: SessionWay

  public init(_ bytes: [UInt8], via way: SessionWay = .pump) {
    self.bytes = bytes
    self.way = way
  }

  // SEC-404: on another way, or with another certificate, it is the token of no session.
  /// What its session is found by.
  fileprivate var key: [UInt8] { SHA256.hash(bytes + way.binding) }

  /// A number that tells sessions apart in a record, and from which no token can be had.
  public var label: UInt64 {
    SHA256.hash(Array("session label".utf8) + bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}

/// How long sessions last.
public struct SessionTimes: Equatable, Sendable {
  /// Without a request the session ends after this.
  public var idle = Interval.minutes(5)
  /// A session ends after this at the latest.
  public var longest = Interval.hours(12)
  /// For this long a secret that was given again counts as just given.
  public var stepUp = Interval.minutes(2)

  public init() {}
}

/// The sessions there are; kept in memory alone, so that a restart ends them all.
struct Sessions {
  struct Session {
    let person: PersonID
    let began: Instant
    var used: Instant
    var steppedUp: Instant?
    let isNetwork: Bool
  }

  /// Sessions at a time on either way; beyond, the one of that way that was unused the longest ends.
  static let capacity = 32

  /// By the hash of the token: whoever reads the memory of the table has no token.
  private var sessions: [[UInt8]: Session] = [:]

  mutating func begin(
    _ person: PersonID, via way: SessionWay, at now: Instant, steppedUp: Instant? = nil
  ) throws(CryptographyError) -> SessionToken {
    let token = SessionToken(try RandomBytes.make(32), via: way)
    // SEC-405: who signs in over the network takes no place of somebody at the pump.
    let alike = sessions.filter { $0.value.isNetwork == way.isNetwork }
    if alike.count >= Self.capacity,
      let oldest = alike.min(by: {
        $0.value.used != $1.value.used
          ? $0.value.used < $1.value.used : $0.key.lexicographicallyPrecedes($1.key)
      })
    {
      sessions[oldest.key] = nil
    }
    sessions[token.key] = Session(
      person: person, began: now, used: now, steppedUp: steppedUp, isNetwork: way.isNetwork)
    return token
  }

  // a session ends by itself; nothing of the therapy knows of it.
  /// The session of the token, which by this is used; nil when there is none or it has ended.
  mutating func use(
    _ token: SessionToken, at now: Instant, _ times: SessionTimes
  ) -> Session? {
    let key = token.key
    guard var session = sessions[key] else { return nil }
    guard now - session.used < times.idle, now - session.began < times.longest else {
      sessions[key] = nil
      return nil
    }
    session.used = now
    sessions[key] = session
    return session
  }

  /// Ends those whose time is over; their people in ascending order.
  mutating func expire(at now: Instant, _ times: SessionTimes) -> [PersonID] {
    let over = sessions.filter {
      now - $0.value.used >= times.idle || now - $0.value.began >= times.longest
    }
    for key in over.keys { sessions[key] = nil }
    return over.values.map(\.person).sorted()
  }

  /// Ends those of the network; their people in ascending order.
  mutating func endAllOfNetwork() -> [PersonID] {
    let over = sessions.filter { $0.value.isNetwork }
    for key in over.keys { sessions[key] = nil }
    return over.values.map(\.person).sorted()
  }

  mutating func end(_ token: SessionToken) { sessions[token.key] = nil }

  mutating func endAll(of person: PersonID) {
    sessions = sessions.filter { $0.value.person != person }
  }
}
