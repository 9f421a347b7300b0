// SPDX-License-Identifier: Apache-2.0

import Domain

extension Refusal {
  /// What a person is told: what is the matter, and what to do next.
  func advice(detail: UInt8) -> String {
    switch self {
    case .prescriptionInvalid:
      "the prescription is outside the limits: "
        + (PrescriptionError(rawValue: detail).map { "\($0)" } ?? "reason \(detail)")
    case .nothingProgrammed: "nothing is programmed; use 'pumpctl program' first"
    case .alreadyInfusing: "the pump is already infusing"
    case .notInfusing: "the pump is not infusing"
    case .therapyActive: "a therapy is active; stop it first"
    case .nothingToConfirm: "nothing waits for CONFIRM; use 'pumpctl start' first"
    case .nothingPending: "there is no read-back or change to cancel"
    case .alarmPresent:
      "an alarm is present: " + (AlarmID(rawValue: detail).map { "\($0)" } ?? "number \(detail)")
        + "; remove its cause and clear it"
    case .syringeNotReady: "the syringe is not ready; seat the prescribed syringe and its plunger"
    case .doorOpen: "the door is open; close it"
    case .monitorAbsent: "the safety monitor is absent; the pump does not start without it"
    case .realtimeUnavailable: "the machine gives no real-time guarantees"
    case .faulted: "the pump has a fault; restart it"
    case .changeNotAllowed: "a running infusion may change rate and volume only"
    case .nothingToSilence: "no alarm sounds"
    case .nothingToClear: "no alarm can be cleared; those present still have their cause"
    case .originNotAllowed: "this may not be asked from here"
    case .alreadyStarting: "the pump is already starting"
    case .infusionComplete: "the infusion is complete; program another"
    case .relievingPressure: "the pump is relieving pressure; wait a moment"
    case .batteryDepleted: "the battery is empty; connect mains"
    case .vtbiAlreadyDelivered: "that volume is already delivered"
    }
  }
}
