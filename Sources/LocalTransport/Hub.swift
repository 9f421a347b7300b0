// SPDX-License-Identifier: Apache-2.0

public import Messages
public import Units

/// A listener with its peers: sends every frame to all, takes frames from each in turn.
///
/// Bounded on every side (RC-008): at most ``capacity`` peers, one arrival and a given number of
/// frames a round; nothing is queued here, and a peer that does not read loses its own frames.
public struct Hub: Sendable {
  private struct Peer: Sendable {
    let connection: Connection
    var inlet: Inlet
  }

  private let listener: Listener
  private var peers: [Peer] = []
  private var turn = 0
  private var numbering = FrameNumbering()
  private let maximumAge: Interval

  /// How many peers there is room for.
  public let capacity: Int
  /// Frames that a peer had no room for.
  public private(set) var lost: UInt32 = 0
  /// Connections sent away: a wrong user, or no room.
  public private(set) var turnedAway: UInt32 = 0
  /// Frames refused, of all peers ever.
  public private(set) var refused: UInt32 = 0
  /// Why the last one was refused.
  public private(set) var lastRefusal: InletRefusal?
  /// The user that the last frame came from, as the kernel knows it.
  public private(set) var sender: UInt32 = 0

  /// Listens at a path; frames older than `maximumAge` are refused.
  public init(
    path: String, allowing policy: PeerPolicy = .sameUser, capacity: Int = 8,
    maximumAge: Interval = .seconds(1)
  ) throws(TransportError) {
    listener = try Listener(path: path, allowing: policy)
    self.capacity = Swift.max(1, capacity)
    self.maximumAge = maximumAge
    peers.reserveCapacity(self.capacity)
  }

  /// How many peers are connected.
  public var count: Int { peers.count }

  /// The descriptors to wait on.
  public var descriptors: [Int32] {
    [listener.descriptor] + peers.map { $0.connection.descriptor }
  }

  /// Takes in at most one arrival.
  // SEC-006: a flood changes no delivery.
  public mutating func accept() {
    switch listener.accept() {
    case .connection(let connection) where peers.count < capacity:
      peers.append(Peer(connection: connection, inlet: Inlet(maximumAge: maximumAge)))
    case .connection, .refused: turnedAway &+= 1
    case .nobody: break
    }
  }

  /// Sends a frame to every peer.
  // RC-008 SRS-074: a slow reader loses its own frames; the sender never waits.
  public mutating func send(_ frame: Frame, at now: Instant) {
    let bytes = numbering.encode(frame, at: now)
    var position = peers.count
    while position > 0 {
      position -= 1
      switch peers[position].connection.send(bytes) {
      case .sent: break
      case .full: lost &+= 1
      case .closed: peers.remove(at: position)
      }
    }
  }

  /// The next good frame, looking at no more than `most` packets and at the peers in turn.
  // SRS-075 SRS-129: peers are heard in turn.
  public mutating func receive(at now: Instant, most: Int = 16) -> Frame? {
    var looked = 0
    var silent = 0
    while looked < most, silent < peers.count {
      if turn >= peers.count { turn = 0 }
      switch peers[turn].inlet.take(from: peers[turn].connection, at: now) {
      case .frame(_, let frame):
        sender = peers[turn].connection.peerUser
        turn += 1
        return frame
      case .refused(let why):
        refused &+= 1
        lastRefusal = why
        looked += 1
        turn += 1
        silent = 0
      case .nothing:
        silent += 1
        turn += 1
      case .closed: peers.remove(at: turn)
      }
    }
    return nil
  }
}
