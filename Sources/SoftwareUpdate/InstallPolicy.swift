// SPDX-License-Identifier: Apache-2.0

/// What the pump says of itself, as far as an installation asks.
public struct PumpCondition: Hashable, Sendable {
  /// No therapy is programmed, running, paused or held at KVO.
  public var standby: Bool
  public var mains: Bool
  /// Percent, 0 to 100; nil when the gauge does not answer.
  public var battery: Int?

  public init(standby: Bool, mains: Bool, battery: Int?) {
    self.standby = standby
    self.mains = mains
    self.battery = battery
  }
}

/// Why an image is not installed now; what was taken in stays.
public enum Postponed: String, Error, Sendable, CaseIterable {
  case noAnswer = "the pump does not answer"
  case therapy = "a therapy is in progress; install it in standby"
  case power = "connect mains power, or charge the battery to 50 %"

  /// A short word that never changes its meaning.
  public var code: String {
    switch self {
    case .noAnswer: "no-answer"
    case .therapy: "therapy"
    case .power: "power"
    }
  }
}

/// When an image may be switched to.
public enum InstallPolicy {
  /// Percent of battery that suffices without mains.
  public static var enoughBattery: Int { 50 }

  public static func check(_ condition: PumpCondition?) throws(Postponed) {
    // SEC-317: who does not know whether a patient is connected does not install.
    guard let condition else { throw .noAnswer }
    guard condition.standby else { throw .therapy }
    guard condition.mains || (condition.battery ?? 0) >= enoughBattery else { throw .power }
  }
}

/// Judges a new image by what it shows over time; time is a parameter.
public struct HealthWatch: Sendable {
  public enum Verdict: Hashable, Sendable {
    case wait, healthy
    case failed(SlotFailure)
  }

  /// Seconds without interruption for which everything must be well.
  public let needed: Int64
  /// Seconds after which an image that never was is given up.
  public let patience: Int64
  private let began: Int64
  private var wellSince: Int64?

  public init(needed: Int64, patience: Int64, now: Int64) {
    self.needed = needed
    self.patience = patience
    began = now
  }

  /// - Parameters:
  ///   - now: seconds of a monotonic clock.
  ///   - alive: the image's process runs.
  ///   - well: controller and monitor are heard and the service answers.
  public mutating func observe(now: Int64, alive: Bool, well: Bool) -> Verdict {
    guard alive else { return .failed(.ended) }
    guard well else {
      wellSince = nil
      return now - began > patience ? .failed(.notWell) : .wait
    }
    let since = wellSince ?? now
    wellSince = since
    if now - since >= needed { return .healthy }
    return now - began > patience + needed ? .failed(.notWell) : .wait
  }
}
