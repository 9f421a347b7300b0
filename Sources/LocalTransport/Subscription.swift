// SPDX-License-Identifier: Apache-2.0

public import Messages
public import Units

/// A connection to another process's hub that comes back by itself.
///
/// While nobody is there, it asks again every 100 ms of the pump's time and never waits. A new
/// connection begins with a new ``FreshnessGate``, since the process behind it may have started
/// again.
public struct Subscription: Sendable {
  private let path: String
  private let policy: PeerPolicy
  private let maximumAge: Interval
  private var connection: Connection?
  private var inlet: Inlet
  private var retryAt = Instant.min
  private var numbering = FrameNumbering()

  /// Frames refused since the beginning.
  public private(set) var refused: UInt32 = 0
  /// Why the last one was refused.
  public private(set) var lastRefusal: InletRefusal?

  /// A subscription to the hub at a path; it connects at the first use.
  public init(
    to path: String, allowing policy: PeerPolicy = .sameUser, maximumAge: Interval = .seconds(1)
  ) {
    self.path = path
    self.policy = policy
    self.maximumAge = maximumAge
    inlet = Inlet(maximumAge: maximumAge)
  }

  public var connected: Bool { connection != nil }

  /// The descriptor to wait on, while connected.
  public var descriptor: Int32? { connection?.descriptor }

  /// Sends a frame; ``SendOutcome/closed`` when nobody is there.
  public mutating func send(_ frame: Frame, at now: Instant) -> SendOutcome {
    guard let connection = open(at: now) else { return .closed }
    let outcome = connection.send(numbering.encode(frame, at: now))
    if outcome == .closed { close(at: now) }
    return outcome
  }

  /// The next good frame, looking at no more than `most` packets.
  public mutating func receive(at now: Instant, most: Int = 16) -> Frame? {
    guard let connection = open(at: now) else { return nil }
    for _ in 0..<Swift.max(0, most) {
      switch inlet.take(from: connection, at: now) {
      case .frame(_, let frame): return frame
      case .refused(let why):
        refused &+= 1
        lastRefusal = why
      case .nothing: return nil
      case .closed:
        close(at: now)
        return nil
      }
    }
    return nil
  }

  private mutating func open(at now: Instant) -> Connection? {
    if let connection { return connection }
    guard now >= retryAt else { return nil }
    retryAt = now + .milliseconds(100)
    connection = try? Connection(to: path, allowing: policy)
    inlet = Inlet(maximumAge: maximumAge)
    return connection
  }

  private mutating func close(at now: Instant) {
    connection = nil
    retryAt = now + .milliseconds(100)
  }
}
