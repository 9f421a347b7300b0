// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Plant
public import StrictJSON
public import Units

/// A written trial of the pump: its rig, what is done to it and when, and what must come of it.
///
/// `scenario.schema.json` beside this file is the published form.
public struct Scenario: Sendable {
  /// The longest trial: ten days.
  public static var longest: Interval { .hours(240) }

  public var name: String
  /// One sentence for a person; empty when there is none.
  public var summary: String
  /// Where chance begins.
  public var seed: UInt64
  /// The rig at the start, as far as it differs from the nominal one, in the order written.
  public var knobs: [KnobTurn]
  /// In the order of their times.
  public var steps: [Step]
  /// When the trial ends.
  public var end: Interval
  /// Between two rows of `samples.csv`.
  public var sampleEvery: Interval
  public var outcome: Outcome
}

/// A knob and the value it is turned to.
public struct KnobTurn: Sendable, Hashable {
  public var knob: Knob
  public var value: Double

  public init(knob: Knob, value: Double) {
    self.knob = knob
    self.value = value
  }
}

/// One line of a scenario.
public struct Step: Sendable {
  public var when: When
  public var what: What
  /// Where it stands in the file.
  public var place: TextPosition

  /// Times count from the start of the trial.
  public enum When: Sendable, Hashable {
    case at(Interval)
    /// From the latest `at` before it, for as long as written.
    case within(from: Interval, to: Interval)

    /// When the step begins to count.
    public var begin: Interval {
      switch self {
      case .at(let time): time
      case .within(let from, _): from
      }
    }
  }

  public enum What: Sendable {
    case program(PrescriptionDraft)
    case ask(CommandKind)
    case press(HardKey, Interval)
    case turn([KnobTurn])
    case expect(Expectation)
  }
}

/// The keys with a line of their own.
public enum HardKey: String, Sendable, CaseIterable {
  case confirm
  case stop
}

/// What must be so at a time, or come to be so within a window.
public enum Expectation: Sendable, Hashable {
  case state(TherapyState)
  /// The alarm signals, raised by either process.
  case alarm(AlarmID)
  /// The alarm does not signal.
  case noAlarm(AlarmID)
  case gate(GateState)
  /// Only within a window.
  case event(EventKind, AlarmID?)
}

/// What must be so when the trial ends.
public struct Outcome: Sendable, Hashable {
  /// Fluid that the plant delivered to the patient.
  public var delivered: Target?
  /// The most air that may have reached the patient.
  public var airAtMost: Volume?
  /// The highest true line pressure that may have occurred.
  public var pressureAtMost: Pressure?
  public var state: TherapyState?
  /// Every alarm that signalled at any time, in any order; `nil` when not checked.
  public var alarms: AlarmSet?

  /// A volume and how far off it may be.
  public struct Target: Sendable, Hashable {
    public var value: Volume
    public var tolerance: Tolerance

    public var allowed: Volume {
      switch tolerance {
      case .share(let share): value.scaled(by: share.native, over: 1_000_000) ?? .zero
      case .volume(let volume): volume
      }
    }
  }

  public enum Tolerance: Sendable, Hashable {
    case share(Fraction)
    case volume(Volume)
  }
}
