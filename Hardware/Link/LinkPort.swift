// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import LocalTransport
import Messages
public import Units

/// One conversation with a board behind a socket: a request, then its reply.
///
/// The reply carries the number of its request, so that an answer that came too late is told from
/// the one that is due and dropped.
struct LinkPort: Sendable {
  private let connection: Connection
  private let clock: MonotonicSource
  private let patience: Interval
  private var numbering = FrameNumbering()

  init(_ connection: Connection, clock: MonotonicSource, patience: Interval) {
    self.connection = connection
    self.clock = clock
    self.patience = patience
  }

  /// Asks and waits for the reply, at most `patience` of real time.
  mutating func ask(_ request: BusRequest) throws(BusError) -> BusReply {
    let bytes = numbering.encode(.busRequest(request), at: clock.now())
    guard bytes.count > 0 else { throw .badRequest }
    switch connection.send(bytes) {
    case .sent: break
    case .full: throw .bus
    case .closed: throw .noAcknowledge
    }
    let deadline = MonotonicSource.machine + patience
    while true {
      switch connection.receive() {
      case .frame(let answer):
        if let reply = try match(answer) { return reply }
      case .nothing:
        let left = deadline - MonotonicSource.machine
        guard left > .zero, connection.wait(upTo: left) else { throw .timeout }
      case .closed: throw .noAcknowledge
      case .tooLong: throw .badAnswer
      }
    }
  }

  /// The reply when the answer is to the last request, `nil` when it is to an earlier one.
  // RC-023: a damaged or late answer of the board is never taken for the one that is due.
  private func match(_ answer: FrameBytes) throws(BusError) -> BusReply? {
    var decoded: (header: FrameHeader, frame: Frame)
    do throws(FrameRefusal) { decoded = try decode(answer) } catch { throw .badAnswer }
    guard case .busReply(let reply) = decoded.frame else { throw .badAnswer }
    guard decoded.header.sequence == numbering.last else { return nil }
    if case .failed(let code) = reply { throw BusError(rawValue: code) ?? .badAnswer }
    return reply
  }
}

/// A board's socket and how to talk to it.
public struct BoardLink: Sendable {
  /// How long a bus may take for one transfer, of real time.
  ///
  /// Ten times the contract of ``I2CBus``: the board is a process of its own, and a busy development
  /// machine may keep it waiting. Half of what the gate's watchdog and the monitor tolerate.
  public static var patience: Interval { .milliseconds(50) }

  private let path: String
  private let policy: PeerPolicy
  private let clock: MonotonicSource
  private let patience: Interval
  private let startup: Interval

  /// The board at a socket's path, for example `board-a.sock` of the run folder.
  ///
  /// `startup` is how long, in real time, the first connection waits for the board to be there.
  public init(
    at path: String, allowing policy: PeerPolicy = .sameUser, clock: MonotonicSource,
    patience: Interval = BoardLink.patience, startup: Interval = .zero
  ) {
    self.path = path
    self.policy = policy
    self.clock = clock
    self.patience = patience
    self.startup = startup
  }

  /// The board's I²C bus, over a connection of its own.
  public func bus() throws(TransportError) -> LinkI2C { LinkI2C(try port()) }

  /// The board's digital lines, over a connection of their own.
  public func lines() throws(TransportError) -> LinkLines { LinkLines(try port()) }

  private func port() throws(TransportError) -> LinkPort {
    let deadline = MonotonicSource.machine + startup
    while true {
      do throws(TransportError) {
        let connection = try Connection(to: path, allowing: policy)
        return LinkPort(connection, clock: clock, patience: patience)
      } catch {
        guard error == .nobodyThere, MonotonicSource.machine < deadline else { throw error }
      }
      MonotonicSource().sleep(until: MonotonicSource.machine + .milliseconds(20))
    }
  }
}

/// The pump's clock is a ``MonotonicClock`` to whoever needs no more.
extension MonotonicSource: MonotonicClock {}
