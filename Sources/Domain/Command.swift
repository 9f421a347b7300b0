// SPDX-License-Identifier: Apache-2.0

/// What a person or a system can ask of the controller.
///
/// None of it moves the motor by itself: `start` shows the read-back, and only the CONFIRM key
/// starts (RC-001).
public enum CommandKind: UInt8, Sendable, BitwiseCopyable {
  /// Hold this prescription; while infusing, a change that waits for its own confirmation.
  case program = 1
  /// Show the held prescription (or the resumption) and wait for CONFIRM.
  case start = 2
  /// Stop delivery; the infusion can be resumed.
  case pause = 3
  /// Stop delivery and end the infusion; the delivered volume stays on show.
  case stop = 4
  /// Pause the audio of the present alarms (RC-024).
  case silence = 5
  /// Clear latched alarms whose condition has gone.
  case clear = 6
  /// Drop the read-back or the pending change.
  case cancel = 7
  /// Say "I am here": a service or panel that stops saying so is reported as lost (RC-008).
  case heartbeat = 8
}

#if !hasFeature(Embedded)
  extension CommandKind: CaseIterable {}
#endif

/// Who asks.
///
/// Decides what is allowed: see ``CommandOrigin/mayAsk(_:)``.
public enum CommandOrigin: UInt8, Sendable, BitwiseCopyable {
  case service = 1
  case panel = 2

  /// The service may ask everything, having checked who asks.
  ///
  /// The panel reaches the controller past the service for what must work without it: pause, stop,
  /// silence (RC-008, RC-009), and while the service is lost an emergency order (SRS-087).
  // RC-009 SEC-002: stopping and silencing need no service; everything else does.
  public func mayAsk(_ kind: CommandKind) -> Bool {
    switch (self, kind) {
    case (.service, _): true
    case (.panel, .pause), (.panel, .stop), (.panel, .silence), (.panel, .heartbeat): true
    case (.panel, .program), (.panel, .start), (.panel, .clear), (.panel, .cancel): false
    }
  }

  /// What may be asked while the service is lost: the panel stands in for it, within ``EmergencyLimits``.
  public func mayAskWithoutService(_ kind: CommandKind) -> Bool {
    switch (self, kind) {
    case (.panel, .program), (.panel, .start), (.panel, .clear), (.panel, .cancel): true
    default: mayAsk(kind)
    }
  }
}

#if !hasFeature(Embedded)
  extension CommandOrigin: CaseIterable {}
#endif

/// One request to the controller.
public struct Command: Hashable, Sendable, Fielded {
  public var kind: CommandKind
  public var origin: CommandOrigin
  /// The asker's own count: the reply carries it, and a repeat with the same number is answered
  /// again without being done again.
  public var number: UInt32
  /// Present exactly for `program`.
  public var draft: PrescriptionDraft?

  public init(
    _ kind: CommandKind, from origin: CommandOrigin, number: UInt32,
    draft: PrescriptionDraft? = nil
  ) {
    self.kind = kind
    self.origin = origin
    self.number = number
    self.draft = draft
  }

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&kind)
    try visitor.field(&origin)
    try visitor.field(&number)
    try visitor.field(&draft, absent: .absent)
    guard (draft != nil) == (kind == .program) else { throw .outOfRange }
  }
}

/// Why the controller does not do what it was asked.
///
/// The text a person sees says what to do next.
public enum Refusal: UInt8, Error, Sendable, BitwiseCopyable {
  /// The draft is outside the device's limits; the detail is a ``PrescriptionError``.
  case prescriptionInvalid = 1
  case nothingProgrammed = 2
  case alreadyInfusing = 3
  case notInfusing = 4
  case therapyActive = 5
  case nothingToConfirm = 6
  case nothingPending = 7
  /// An alarm that stops delivery is still present; the detail is its ``AlarmID``.
  case alarmPresent = 8
  case syringeNotReady = 9
  case doorOpen = 10
  case monitorAbsent = 11
  case realtimeUnavailable = 12
  case faulted = 13
  /// A change while infusing may alter rate and VTBI only, not drug, syringe or concentration.
  case changeNotAllowed = 14
  case nothingToSilence = 15
  case nothingToClear = 16
  /// The asker may not ask this; see ``CommandOrigin/mayAsk(_:)``.
  case originNotAllowed = 17
  case alreadyStarting = 18
  case infusionComplete = 19
  case relievingPressure = 20
  case batteryDepleted = 21
  /// The VTBI of a change is already delivered.
  case vtbiAlreadyDelivered = 22
}

#if !hasFeature(Embedded)
  extension Refusal: CaseIterable {}
#endif

/// The controller's answer to a command.
public struct Reply: Hashable, Sendable, Fielded {
  public var number: UInt32
  public var origin: CommandOrigin
  public var kind: CommandKind
  public var accepted: Bool
  /// Zero when accepted, else a ``Refusal``.
  public var reason: UInt8
  /// What the reason names: a ``PrescriptionError`` or an ``AlarmID``; else zero.
  public var detail: UInt8

  public init(to command: Command, refusal: Refusal? = nil, detail: UInt8 = 0) {
    number = command.number
    origin = command.origin
    kind = command.kind
    accepted = refusal == nil
    reason = refusal?.rawValue ?? 0
    self.detail = detail
  }

  public var refusal: Refusal? { Refusal(rawValue: reason) }

  @inlinable public mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&number)
    try visitor.field(&origin)
    try visitor.field(&kind)
    try visitor.field(&accepted)
    try visitor.field(&reason)
    try visitor.field(&detail)
    guard accepted == (reason == 0), accepted || Refusal(rawValue: reason) != nil else {
      throw .unknownCase
    }
  }
}
