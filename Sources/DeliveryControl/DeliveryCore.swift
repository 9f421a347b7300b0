// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Units

/// The therapy: takes what one cycle saw and says what to do.
///
/// Pure: the same inputs in the same order give the same actions on every machine. It reads no
/// clock, keeps no reference and allocates nothing; whoever calls it performs the actions.
public struct DeliveryCore: Sendable {
  /// Status of the monitor older than this is no status (RC-018).
  public static var monitorFreshness: Interval { .milliseconds(150) }

  var machine = TherapyMachine()
  /// What is held, whole.
  var held: Prescription? { didSet { plan = held.map { InfusionPlan($0) } } }
  /// What motion follows of it; never set but through ``held``.
  private(set) var plan: InfusionPlan?
  var pending: Prescription?
  var confirmations: UInt32 = 0
  /// When the read-back on show lapses, and when it appeared.
  var deadline: Instant?
  var shownAt: Instant = .zero
  var book = TravelBook()
  var uncertainty: Volume = .zero
  /// An infusion has been opened in the book since start; its motion is booked even after its end.
  var opened = false
  /// The infusion of ``held`` has begun, and its VTBI has been reached.
  var begun = false
  var complete = false

  var stopKey = KeyReader()
  var confirmKey = KeyReader()
  var air = AirWatch()
  var watch = Watch()
  var lapsed = false
  var faultCause: AlarmID?
  var conditions = AlarmSet()

  var simulated: Bool
  var startedAt: Instant
  var lastCycle: Instant
  var stateSince: Instant
  var commandedRate: FlowRate = .zero
  var commandedSpeed = DriveSpeed.zero
  /// The speed of the present rate, before correction, and until when the drive slows down to it.
  var steadySpeed = DriveSpeed.zero
  var slowsUntil = Instant.min
  var lastServiceReply: Reply?
  var lastPanelReply: Reply?
  var reply: Reply?
  var seen = Sensed()
  var seated: Syringe?
  var batteryTime: Interval?
  /// Alarms that the journal's restoration raises once, with the first decision.
  var restored = AlarmSet()

  public init(simulated: Bool, at now: Instant) {
    self.simulated = simulated
    startedAt = now
    lastCycle = now
    stateSince = now
  }

  /// Takes up the volume that the journal gave back after a restart (RC-006).
  public mutating func restore(delivered: Volume, kvo: Volume, uncertainty: Volume) {
    book.carry(delivered, kvo: kvo)
    self.uncertainty = uncertainty
    // SRS-069: a volume cut off in motion is uncertain.
    restored.set(.deliveryUncertain, uncertainty > .zero)
    stand()
  }

  /// The journal could not be read, or holds nothing that can be trusted.
  public mutating func restoreFailed() { restored.insert(.journalFault) }

  /// The pump's own files are not proved to be those that were signed: nothing is ever started.
  // RC-140 SRS-213: a fault from the first decision on, which nothing ends but a start with a good verdict.
  public mutating func softwareUnproved() { faultCause = .softwareUnproved }

  /// What the last decision left: read by whoever stores and signals it.
  public struct Standing: Hashable, Sendable, BitwiseCopyable {
    public var state: TherapyState = .standby
    public var delivered: Volume = .zero
    public var deliveredKVO: Volume = .zero
    public var heldHash: ContentHash = .none
    /// The programmed rate of what is held; zero when nothing is.
    public var heldRate: FlowRate = .zero
  }

  /// The board behind the drivers is a simulation (RC-030).
  public var simulatedBoard: Bool { simulated }
  public private(set) var standing = Standing()
  /// The state now.
  public var state: TherapyState { standing.state }
  public var delivered: Volume { standing.delivered }
  public var deliveredKVO: Volume { standing.deliveredKVO }
  public var heldHash: ContentHash { standing.heldHash }

  mutating func stand() {
    standing.state = machine.therapy
    standing.delivered = book.delivered
    standing.deliveredKVO = book.deliveredKVO
    standing.heldHash = plan?.hash ?? .none
    standing.heldRate = plan?.rate ?? .zero
  }

  /// One decision, in the place of the last one's actions.
  // RC-095 SRS-106: no reading traps the controller.
  public mutating func decide(_ inputs: DeliveryInputs, into actions: inout DeliveryActions) {
    actions.reset()
    let before = machine.therapy
    let elapsed = Self.between(inputs.now - lastCycle)
    lastCycle = inputs.now
    seen = inputs.sensed
    actions.conditions = restored
    restored = AlarmSet()

    let counted = count(inputs, after: elapsed)
    // RC-002: STOP comes before everything that could ask for motion.
    stopPressed(inputs, &actions)
    obey(inputs, &actions)
    confirmPressed(inputs, &actions)
    expire(inputs, &actions)
    progress(inputs)
    // Supervision measures how long the state has stood, the one entered just now included.
    if machine.therapy != before { stateSince = inputs.now }
    supervise(inputs, counted, &actions)
    settle(before, inputs.now, &actions)
    move(inputs, after: elapsed, &actions)
    conditions = actions.conditions
    stand()
  }

  /// A missed second or more is a hung process, not time to catch up on with a burst.
  private static func between(_ time: Interval) -> Interval {
    Swift.min(Swift.max(time, .zero), .seconds(1))
  }

  /// Books a change of state, and enters the new one.
  private mutating func settle(
    _ before: TherapyState, _ now: Instant, _ actions: inout DeliveryActions
  ) {
    let after = machine.therapy
    guard after != before else { return }
    stateSince = now
    actions.stateChanged = true
    actions.events.append(
      PumpEvent(
        source: .control, kind: .stateChanged, at: now, a: Int64(before.rawValue),
        b: Int64(after.rawValue)))
    switch after {
    case .standby:
      if begun {
        actions.events.append(
          PumpEvent(
            source: .control, kind: .infusionEnded, at: now, a: book.delivered.native,
            b: book.deliveredKVO.native))
      }
      held = nil
      begun = false
      complete = false
    case .infusing, .kvo: book.follow()
    case .relieving:
      book.beginWithdrawal()
      book.follow()
    case .programmed, .awaitingConfirm, .starting, .paused, .halted, .faulted: break
    }
    if !machine.changeWaits { pending = nil }
    if after != .awaitingConfirm && !machine.changeWaits { deadline = nil }
    if before == .relieving {
      actions.events.append(
        PumpEvent(
          source: .control, kind: .reliefEnded, at: now, a: seen.pressure?.native ?? 0,
          b: book.withdrawnVolume.native))
    }
  }

  /// Fills in what this core knows of the pump's status (RC-005).
  public func describe(_ status: inout ControlStatus) {
    status.state = machine.therapy
    // RC-030: a simulated board is named in every status.
    status.simulated = simulated
    status.held = held?.draft
    status.heldHash = plan?.hash ?? .none
    status.pending = pending?.draft
    status.confirmations = confirmations
    status.confirmDeadline = deadline
    status.commandedRate = commandedRate
    status.commandedSpeed = commandedSpeed
    status.position = book.position
    status.delivered = book.delivered
    status.uncertainty = uncertainty
    status.deliveredKVO = book.deliveredKVO
    status.timeRemaining = timeRemaining
    status.pressure = seen.pressure
    status.seated = seated
    status.doorClosed = seen.doorClosed
    status.plungerEngaged = seen.plungerEngaged
    status.mains = seen.mains
    status.battery = seen.batteryCharge
    status.batteryTime = batteryTime
    status.reply = reply
  }

  // SRS-122: time left is shown.
  var timeRemaining: Interval {
    guard let plan, !complete else { return .zero }
    let rest = begun ? plan.vtbi - book.delivered : plan.vtbi
    return rest > .zero ? rest.duration(at: plan.rate) ?? .zero : .zero
  }
}
