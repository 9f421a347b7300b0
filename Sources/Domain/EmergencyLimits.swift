// SPDX-License-Identifier: Apache-2.0

public import Units

/// What can be started without a person's name: a basic infusion in mL/h.
///
/// Chosen for the specimen, not taken from a source: enough for fluid and for any syringe it takes.
// SEC-018 SRS-150: break-glass has limits of its own, below the device's.
public enum EmergencyLimits {
  public static var rate: FlowRate { .mLPerHour(100) }
  public static var vtbi: Volume { .millilitres(50) }

  public static func allow(_ draft: PrescriptionDraft) -> Bool {
    draft.rate <= rate && draft.vtbi <= vtbi && draft.dosing == nil
  }

  /// Whether this may be asked for as an emergency while the controller holds that in that state.
  ///
  /// An infusion that was confirmed and then paused or halted may go on at its own rate.
  public static func allow(
    _ kind: CommandKind, _ draft: PrescriptionDraft?, held: PrescriptionDraft?,
    state: TherapyState
  ) -> Bool {
    switch kind {
    case .program: return draft.map { allow($0) } ?? false
    case .start:
      guard let held else { return false }
      return state == .paused || state == .halted || allow(held)
    case .pause, .stop, .silence, .clear, .cancel, .heartbeat: return true
    }
  }
}
