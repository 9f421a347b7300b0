// SPDX-License-Identifier: Apache-2.0

public import ServiceAPI
import Units

/// Two lines over the foot of a screen for some seconds: what became of what was asked.
// SRS-204: what the service refuses is shown with its reason.
public struct PanelNotice: Sendable, Equatable {
  /// How long one stays, unless a key ends it.
  static let lifetime = Interval.seconds(6)

  let first: Phrase
  let second: Phrase
  /// Seconds that stand behind the second line.
  var seconds: Int64?
  /// Who it is about, in the place of the second line.
  var name: String?

  init(_ first: Phrase, _ second: Phrase, name: String? = nil) {
    self.first = first
    self.second = second
    self.name = name
  }

  /// Why the service did not do it.
  public init(_ refusal: ServiceRefusal) {
    switch refusal.reason {
    case .wrongSecret: self.init(.notSignedIn, .wrongPIN)
    case .wait:
      self.init(.notSignedIn, .wait)
      seconds = ((refusal.milliseconds ?? 0) + 999) / 1_000
    case .notSignedIn: self.init(.notDone, .signInFirst)
    case .notPermitted: self.init(.notDone, .notPermitted)
    case .needsStepUp: self.init(.notDone, .pinAgain)
    case .beyondEmergencyLimits: self.init(.emergencyLimits, .emergencyFigures)
    case .busy: self.init(.notDone, .serviceBusy)
    case .unavailable: self.init(.notDone, .noAnswer)
    case .noProposal, .proposalEnded: self.init(.notDone, .proposalGone)
    case .notAnOrder: self.init(.notDone, .outsideLimits)
    case .notUnderstood, .needsSecondPerson, .loginTaken, .badgeTaken, .notALogin, .secretTooShort,
      .secretTooLong, .notABadge, .secretNotDigits, .secretGuessable, .nobody, .noSuchRole,
      .lastAdministrator, .wrongCode, .keyUsed, .notAName, .notACertificate, .uploadBusy, .noSpace,
      .noUpdater:
      self.init(.notDone, .serviceRefuses)
    }
  }
}
