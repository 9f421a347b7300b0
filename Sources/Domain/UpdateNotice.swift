// SPDX-License-Identifier: Apache-2.0

/// What an update replaces.
public enum UpdateKind: UInt8, Sendable, BitwiseCopyable {
  /// The pump's programs; tried at the next start.
  case firmware = 0
  /// The hospital's drug library; active at once.
  case drugLibrary = 1
  /// The hospital's configuration; active at once.
  case configuration = 2
}

/// Where an update of the software stands.
public enum UpdateStage: UInt8, Sendable, BitwiseCopyable {
  /// Nothing is under way.
  case none = 0
  /// A verified image waits for a person.
  case offered = 1
  /// A person agreed: the next start of the pump tries it.
  case agreed = 2
  /// It runs and has not yet shown that it is well.
  case onTrial = 3
}

/// How the last update ended.
public enum UpdateOutcome: UInt8, Sendable, BitwiseCopyable {
  /// None ended that somebody still has to be told of.
  case none = 0
  /// The new software showed that it is well and is kept.
  case confirmed = 1
  /// The new software failed, and the pump runs the old one again.
  case returned = 2
}

#if !hasFeature(Embedded)
  extension UpdateKind: CaseIterable {}
  extension UpdateStage: CaseIterable {}
  extension UpdateOutcome: CaseIterable {}
#endif

/// What the updater tells the pump: the full state of one kind, repeated.
///
/// One kind at a time: an outcome that is not on record first, then what waits for a person.
///
/// It asks for nothing and commands nothing (SEC-366).
public struct UpdateNotice: Hashable, Sendable, Fielded {
  /// What everything below speaks of.
  public var kind: UpdateKind
  public var stage: UpdateStage
  /// The version that runs.
  public var running: ShortName
  /// The version that is offered, agreed to or on trial; empty without one.
  public var candidate: ShortName
  /// The SHA-256 of that image: what an agreement is to; ``ContentHash/none`` without one.
  public var digest: ContentHash
  public var outcome: UpdateOutcome
  /// The version that ``outcome`` speaks of; empty without one.
  public var ended: ShortName
  /// The SHA-256 of that version's content; ``ContentHash/none`` without one.
  public var endedDigest: ContentHash
  /// The code of why that version was returned from; empty for any other outcome, and where it is not known.
  public var reason: ShortName
  /// The service has recorded the outcome.
  public var recorded: Bool
  /// What is offered cannot be agreed to before mains or battery suffice.
  public var needsPower: Bool

  /// Nothing is under way and nothing is to be told.
  public init() {
    kind = .firmware
    stage = .none
    running = ShortName()
    candidate = ShortName()
    digest = .none
    outcome = .none
    ended = ShortName()
    endedDigest = .none
    reason = ShortName()
    recorded = false
    needsPower = false
  }

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&kind)
    try visitor.field(&stage)
    try running.fields(&visitor)
    try candidate.fields(&visitor)
    try digest.fields(&visitor)
    try visitor.field(&outcome)
    try ended.fields(&visitor)
    try endedDigest.fields(&visitor)
    try reason.fields(&visitor)
    try visitor.field(&recorded)
    try visitor.field(&needsPower)
    // A stage without what it speaks of would ask a person to agree to nothing.
    guard (stage == .none) == (digest == .none) else { throw .outOfRange }
    guard outcome != .none || !recorded else { throw .outOfRange }
    guard outcome == .returned || reason.count == 0 else { throw .outOfRange }
    // What is active at once is never on trial and never returned from.
    guard kind == .firmware || stage != .onTrial && outcome != .returned else { throw .outOfRange }
  }
}

/// What the updater is told in return.
public enum UpdateAnswerKind: UInt8, Sendable, BitwiseCopyable {
  /// A person at the panel agrees to the image that the answer names.
  case agree = 1
  /// A person at the panel has seen that the update was returned from.
  case seen = 2
  /// The service has recorded the outcome.
  case recorded = 3
}

#if !hasFeature(Embedded)
  extension UpdateAnswerKind: CaseIterable {}
#endif

/// An answer to an ``UpdateNotice``.
public struct UpdateAnswer: Hashable, Sendable, Fielded {
  public var kind: UpdateAnswerKind
  /// What the answer is about.
  public var about: UpdateKind
  /// The image that is agreed to, exactly as the notice named it; ``ContentHash/none`` for the other kinds.
  public var digest: ContentHash

  public init(
    _ kind: UpdateAnswerKind, to digest: ContentHash = .none, about: UpdateKind = .firmware
  ) {
    self.kind = kind
    self.about = about
    self.digest = digest
  }

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&kind)
    try visitor.field(&about)
    try digest.fields(&visitor)
    guard (kind == .agree) == (digest != .none) else { throw .outOfRange }
  }
}

/// A bundle that was refused, as the updater tells it until the service gives the same value back: on record.
public struct UpdateRefusal: Hashable, Sendable, Fielded {
  /// Counts the refusals of this pump's updater, from 1.
  public var number: UInt32
  /// The code of the reason.
  public var code: ShortName
  /// The permit of the upload that it came by; 0 for a bundle that came on another way.
  public var permit: UInt32

  public init(number: UInt32, code: ShortName, permit: UInt32 = 0) {
    self.number = number
    self.code = code
    self.permit = permit
  }

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&number)
    try code.fields(&visitor)
    try visitor.field(&permit)
    guard number != 0, code.count != 0 else { throw .outOfRange }
  }
}
