// SPDX-License-Identifier: Apache-2.0

/// What has crossed the rig's border, for the balance of volumes.
// RC-099 SRS-117: fluid is conserved in the plant.
struct Ledger: Sendable {
  /// What was there at the start or was brought in since: fresh syringes and lines, air drawn in.
  var introduced = Contents.nothing
  /// What has entered the patient, less what came back.
  var patient = Contents.nothing
  /// What was lost to the room.
  var lost = Contents.nothing
  /// Everything that ever came back from the patient.
  var reverse_fL: Int64 = 0
}
