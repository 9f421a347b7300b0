// SPDX-License-Identifier: Apache-2.0

public import Units

/// Why something is not done; none of them says whether a login exists.
public enum Refusal: Error, Equatable, Sendable {
  /// No session, or it has ended.
  case notSignedIn
  /// The role may not, or not in this condition.
  case notPermitted
  /// The secret has to be given again first.
  case needsStepUp
  /// Noted; another person has to do the same.
  case needsSecondPerson
  /// Login and secret do not belong together.
  case wrongSecret
  /// Not before this has passed.
  case wait(Interval)
  /// Another secret is being checked; ask again.
  case busy
  /// Records or keys cannot be had now.
  case unavailable
  /// Another person has this login.
  case loginTaken
  /// Another person's PIN belongs to this badge.
  case badgeTaken
  /// Not 1 to 64 printable ASCII characters without spaces.
  case notALogin
  case secret(SecretFault)
  /// No such person.
  case nobody
  /// The pump would have no administrator.
  case lastAdministrator
  /// The one-time code is not this one, was used, or is too old.
  case wrongCode
}

/// What was allowed, and in whose name; for the record.
public struct Grant: Equatable, Sendable {
  public let action: Action
  /// Nil when nobody needs to be signed in.
  public let person: PersonID?
  public let role: Role?
  /// Whoever asked first, where it takes two.
  public let first: PersonID?
  /// Whether this is break-glass: it goes on record and is looked at afterwards.
  public let isEmergency: Bool
}
