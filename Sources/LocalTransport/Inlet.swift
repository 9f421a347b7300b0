// SPDX-License-Identifier: Apache-2.0

public import Messages
public import Units

/// Why a packet that came does not count (RC-023).
public enum InletRefusal: Error, Hashable, Sendable {
  /// Longer than any frame.
  case tooLong
  case frame(FrameRefusal)
  case freshness(FreshnessRefusal)
}

/// The receiving side of one connection: decodes, and lets fresh frames through in their order.
public struct Inlet: Sendable {
  private var gate: FreshnessGate

  public init(maximumAge: Interval) { gate = FreshnessGate(maximumAge: maximumAge) }

  /// What one look at a connection gives.
  public enum Outcome: Hashable, Sendable {
    case frame(FrameHeader, Frame)
    case refused(InletRefusal)
    case nothing
    case closed
  }

  /// Takes one packet from the connection, if one is there.
  // RC-023: damaged, foreign, repeated and stale frames end here, each with its reason.
  public mutating func take(from connection: Connection, at now: Instant) -> Outcome {
    switch connection.receive() {
    case .nothing: .nothing
    case .closed: .closed
    case .tooLong: .refused(.tooLong)
    case .frame(let bytes): admit(bytes, at: now)
    }
  }

  private mutating func admit(_ bytes: FrameBytes, at now: Instant) -> Outcome {
    var decoded: (header: FrameHeader, frame: Frame)
    do throws(FrameRefusal) { decoded = try decode(bytes) } catch {
      return .refused(.frame(error))
    }
    do throws(FreshnessRefusal) { try gate.admit(decoded.header, at: now) } catch {
      return .refused(.freshness(error))
    }
    return .frame(decoded.header, decoded.frame)
  }
}
