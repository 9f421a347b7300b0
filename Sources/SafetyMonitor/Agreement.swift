// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// What the monitor has agreed to see delivered, and whether it still may be.
///
/// One press of CONFIRM buys one stretch of delivery of one prescription. The press is used up when
/// the stretch begins; whatever interrupts delivery ends the stretch, and another needs another press.
struct Agreement: Sendable {
  /// What the controller's status asks of the gate.
  enum Verdict: Hashable, Sendable, BitwiseCopyable {
    /// The motor has to be without power.
    case rest
    /// The motor may have power; it stands still.
    case ready
    case infuse
    case keepOpen
    case relieve
    /// The controller does, or is about to do, what nobody has agreed to.
    case violation
  }

  /// The prescription agreed to; kept through interruptions, until the infusion is over.
  private var prescription: Prescription? {
    didSet {
      plan = prescription.map { InfusionPlan($0) }
      mostInfused = plan.map { MonitorLimits.mostInfused(of: $0) } ?? .zero
    }
  }
  /// What motion follows of it.
  private(set) var plan: InfusionPlan?
  /// The most that the screw may displace in its infusion.
  private(set) var mostInfused = Volume.zero

  /// Confirmations that have bought their stretch.
  private var spent: UInt32 = 0
  /// The controller has been seen at rest: a monitor that comes late does not guess.
  private var acquainted = false
  /// A stretch is under way.
  private var running = false

  mutating func judge(_ status: ControlStatus) -> Verdict {
    switch status.state {
    case .standby, .programmed:
      if plan != nil { prescription = nil }
      return rest(status)
    case .awaitingConfirm, .paused, .halted, .faulted:
      return rest(status)
    case .starting:
      guard acquainted else { return .rest }
      guard running && holds(status) || change(to: status) else { return .violation }
      return .ready
    case .infusing, .kvo:
      guard acquainted else { return .rest }
      guard running, holds(status) || change(to: status) else { return .violation }
      return status.state == .kvo ? .keepOpen : .infuse
    case .relieving:
      guard acquainted else { return .rest }
      // After relief only another press leads back to delivery.
      running = false
      spent = status.confirmations
      return holds(status) ? .relieve : .violation
    }
  }

  private mutating func rest(_ status: ControlStatus) -> Verdict {
    acquainted = true
    running = false
    spent = status.confirmations
    return .rest
  }

  private func holds(_ status: ControlStatus) -> Bool {
    guard let plan, status.heldHash == plan.hash else { return false }
    return status.held == prescription?.draft
  }

  // RC-001 SRS-014: without a press that has bought nothing yet there is no agreement.
  // RC-007 SRS-099: the monitor checks the limits by itself and names the content by itself.
  private mutating func agree(to status: ControlStatus) -> Bool {
    guard status.confirmations > spent, let draft = status.held else { return false }
    guard let checked = try? Prescription(draft), checked.hash == status.heldHash else {
      return false
    }
    prescription = checked
    spent = status.confirmations
    running = true
    return true
  }

  /// Within an infusion the syringe may not change: the travel counted so far would lie.
  private mutating func change(to status: ControlStatus) -> Bool {
    if let plan, status.held?.syringe != plan.syringe { return false }
    return agree(to: status)
  }
}
