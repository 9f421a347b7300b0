// SPDX-License-Identifier: Apache-2.0

import Domain
public import Messages
public import Units

/// Why a packet that came does not count (RC-023).
public enum InletRefusal: Error, Hashable, Sendable {
  /// Longer than any frame.
  case tooLong
  case frame(FrameRefusal)
  case freshness(FreshnessRefusal)
}

extension InletRefusal {
  /// The reason as the one number that an event carries: 1 a packet longer than any frame, from 16 on
  /// what ``FrameRefusal`` names in its order, from 32 on a ``FieldRefusal``, from 48 on a
  /// ``FreshnessRefusal``.
  public var code: UInt8 {
    switch self {
    case .tooLong: 1
    case .frame(.tooShort): 16
    case .frame(.badMagic): 17
    case .frame(.badVersion): 18
    case .frame(.badKind): 19
    case .frame(.badLength): 20
    case .frame(.badChecksum): 21
    case .frame(.badField(let field)): 32 + field.rawValue
    case .freshness(let freshness): 48 + freshness.rawValue
    }
  }
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
