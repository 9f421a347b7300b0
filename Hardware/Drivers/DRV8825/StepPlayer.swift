// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Units

/// The bits of a step/direction driver's lines in their bank.
public struct StepLines: Hashable, Sendable, BitwiseCopyable {
  public let step: UInt32
  public let direction: UInt32
  public let enable: UInt32
  /// Inputs.
  public let supplied: UInt32
  public let fault: UInt32

  public init(step: UInt32, direction: UInt32, enable: UInt32, supplied: UInt32, fault: UInt32) {
    self.step = step
    self.direction = direction
    self.enable = enable
    self.supplied = supplied
    self.fault = fault
  }
}

/// Plays a schedule at the lines of a DRV8825, in whatever time it is called in.
///
/// ``turn(at:)`` does the one thing that is due and says when to call again; a thread of its own does
/// so on a device, and the simulator in virtual time. A call that comes late makes its step late: it
/// is neither left out nor made twice, and those behind it keep the shortest period.
public struct StepPlayer: Sendable {
  /// A STEP pulse is high and low for at least 1.9 µs each, and DIR stands 650 ns before the rise
  /// (data sheet, 7.6 "Timing requirements").
  public static var settle: Interval { .microseconds(2) }
  /// Microsteps a second²: that of the motion controller of the reference board.
  public static var referenceAcceleration: Int64 { 52_000 }
  /// A wait shorter than this is spun away: going to sleep takes longer.
  @inlinable public static var spin: Interval { .microseconds(20) }
  /// How far ahead steps are computed, and how often inputs are read.
  public static var horizon: Interval { .milliseconds(1) }

  public private(set) var report = StepReport()
  /// The latest that a step came after its time, since the start.
  public private(set) var worstLateness: Interval = .zero
  private let lines: StepLines
  /// The shortest time between two rises.
  private let shortest: Interval
  private var schedule: StepSchedule
  private var due: StepSchedule.Step?
  private var high = false
  private var backwards = false
  private var changedAt: Instant
  private var roseAt: Instant
  private var sampledAt: Instant?
  private var wanted = false

  /// Everything off.
  ///
  /// `rateCap` in microsteps a second; steps that are late catch up a quarter faster.
  public init(
    lines: StepLines, rateCap: Int64, acceleration: Int64, timeout: Interval, at now: Instant
  ) {
    self.lines = lines
    shortest = Interval(native: 800_000_000 / Swift.max(1, rateCap))
    schedule = StepSchedule(acceleration: acceleration, timeout: timeout, at: now)
    changedAt = now
    roseAt = now - .seconds(1)
  }

  /// Energises, where the supply is there, and goes to a speed.
  public mutating func command(_ speed: Int64, at then: Instant) {
    wanted = report.supplied
    schedule.command(speed, at: then)
  }

  /// Renews the command in force.
  public mutating func renew(at then: Instant) { schedule.renew(at: then) }

  /// De-energises with the next turn.
  public mutating func off() { wanted = false }

  /// Does what is due at `now` and says when something is due next.
  ///
  /// A failed write leaves the step due, uncounted; the caller stops.
  public mutating func turn<Bank: DigitalLines>(at now: Instant, on bank: inout Bank)
    throws(BusError) -> Instant
  {
    if high {
      guard now - changedAt >= Self.settle else { return changedAt + Self.settle }
      try bank.write(0, mask: lines.step)
      high = false
      changedAt = now
    }
    if sampledAt.map({ now - $0 >= Self.horizon }) ?? true { try sample(at: now, on: &bank) }
    try energise(at: now, on: &bank)
    guard report.energised else { return now + Self.horizon }
    if due == nil { due = schedule.next(until: now + Self.horizon) }
    report.timedOut = schedule.timedOut
    guard let step = due else { return schedule.now }
    return try make(step, at: now, on: &bank)
  }

  private mutating func sample<Bank: DigitalLines>(at now: Instant, on bank: inout Bank)
    throws(BusError)
  {
    sampledAt = now
    let levels = try bank.sample().levels
    report.supplied = levels & lines.supplied != 0
    report.fault = levels & lines.fault != 0
    // The driver's counter is lost with its supply: it takes a new command to go on.
    if !report.supplied { wanted = false }
  }

  private mutating func energise<Bank: DigitalLines>(at now: Instant, on bank: inout Bank)
    throws(BusError)
  {
    guard report.energised != wanted else { return }
    try bank.write(wanted ? lines.enable : 0, mask: lines.enable)
    report.energised = wanted
    due = nil
    report.timedOut = false
    if wanted {
      schedule.skip(to: now)
      changedAt = now
    } else {
      schedule.halt()
    }
  }

  private mutating func make<Bank: DigitalLines>(
    _ step: StepSchedule.Step, at now: Instant, on bank: inout Bank
  )
    throws(BusError) -> Instant
  {
    if step.backwards != backwards {
      try bank.write(step.backwards ? lines.direction : 0, mask: lines.direction)
      backwards = step.backwards
      changedAt = now
    }
    let ready = Swift.max(step.at, Swift.max(roseAt + shortest, changedAt + Self.settle))
    guard now >= ready else { return ready }
    try bank.write(lines.step, mask: lines.step)
    high = true
    report.made += step.backwards ? -1 : 1
    worstLateness = Swift.max(worstLateness, now - step.at)
    roseAt = now
    changedAt = now
    due = nil
    return now + Self.settle
  }
}
