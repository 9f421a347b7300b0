// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Domain
public import Units

/// What the panel knows of an update, and how a person agrees to it.
///
/// Two different keys one after the other, for the image that is on the screen and for no other.
public struct UpdatePrompt: Sendable, Equatable {
  /// Without word of the updater for so long nothing is offered any more.
  public static var freshness: Interval { .seconds(3) }
  /// For so long an offer stays away after LEFT.
  public static var later: Interval { .minutes(10) }
  /// The longest version that the screen shows whole.
  static var widest: UInt8 { 20 }

  /// The updater's last word.
  public private(set) var notice: UpdateNotice?
  private var heardAt = Instant.min
  /// The image that the question on the screen is about.
  public private(set) var asked: ContentHash?
  private var hiddenUntil = Instant.min

  public init() {}

  public mutating func hear(_ new: UpdateNotice, at now: Instant) {
    // RC-125: another image is another question.
    if new.digest != notice?.digest || new.kind != notice?.kind || new.stage != .offered {
      asked = nil
      hiddenUntil = .min
    }
    notice = new
    heardAt = now
  }

  /// What waits for a person now.
  ///
  /// A version that the screen cannot show whole is not offered: nobody agrees to what they cannot read.
  public func offer(at now: Instant) -> UpdateNotice? {
    guard let notice, notice.stage == .offered, now - heardAt <= Self.freshness,
      now >= hiddenUntil, notice.running.count <= Self.widest, notice.candidate.count <= Self.widest
    else { return nil }
    return notice
  }

  /// The alarms that the updater's word means; they last until a person has seen them.
  // RC-126 SRS-166: also when the updater has fallen silent since.
  public var alarms: AlarmSet {
    notice?.outcome == .returned ? .of(.updateReturned) : AlarmSet()
  }

  /// What a key leads to while an offer is on the screen.
  public enum Outcome: Sendable, Equatable {
    /// The key was meant for the offer.
    case taken
    /// A person agrees to this image.
    case agreed(ContentHash)
    /// The key means what it always means.
    case passed
  }

  /// Takes the keys newly pressed on the screen of an offer.
  // RC-125 SRS-165: START, then OK; every other key leads away from it.
  public mutating func press(_ keys: PanelKeys, on offer: UpdateNotice, at now: Instant) -> Outcome
  {
    if let image = asked {
      asked = nil
      guard keys == .ok, image == offer.digest else { return .taken }
      // Until the updater has written it; an agreement that it could not follow asks again.
      hiddenUntil = now + .seconds(5)
      return .agreed(image)
    }
    switch keys {
    case .start:
      if !offer.needsPower { asked = offer.digest }
      return .taken
    case .left:
      hiddenUntil = now + Self.later
      return .taken
    default: return .passed
    }
  }

  /// The agreement was not passed on: the offer comes back at once.
  mutating func refused() { hiddenUntil = .min }

  /// Nobody pressed a key for a while: the question is dropped.
  mutating func forget() { asked = nil }
}
