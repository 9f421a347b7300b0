// SPDX-License-Identifier: Apache-2.0

/// Where an update of a pair of slots stands; the word is what the journal holds.
public enum SlotPhase: String, Sendable, CaseIterable {
  /// The active slot is confirmed and nothing is under way.
  case idle
  /// The other slot is being written.
  case writing
  /// The other slot holds a whole, verified image and waits for a person.
  case staged
  /// A person agreed: the next start tries the other slot.
  case armed
  /// The other slot was started and has not shown yet that it is healthy.
  case trying
  /// The new image showed that it is healthy: it is active, and the security floor is being raised.
  case confirming
  /// The new image failed: the old one stays active, and the other slot is being emptied.
  case returning
}

/// What can happen to a pair of slots.
public enum SlotEvent: String, Sendable, CaseIterable {
  /// An image that metadata vouches for is about to be written.
  case begin
  /// It was written whole and verified.
  case written
  /// A person agreed to it, the pump being in standby.
  case arm
  /// The device starts.
  case start
  /// The new image showed that it is healthy.
  case healthy
  /// The new image failed, or was taken back by a person.
  case fail
  /// What a phase had to do to the storage is done.
  case settled
}

/// Why an event changes nothing.
public enum SlotRefusal: String, Error, Sendable {
  case busyWriting = "an image is being written"
  case waitsForStart = "an image waits for the next start"
  case onTrial = "a new image is on trial"
  case notSettled = "the last change is still being finished"
  case nothingBegun = "no image is being written"
  case nothingStaged = "no image waits to be installed"
  case nothingOnTrial = "no image is on trial"
  case nothingToTakeBack =
    "nothing is under way; an older version comes back only as a newly signed release"
  case alreadyStaged = "the image is already written"
  case nothingToSettle = "nothing has to be finished"
}

/// The life of an update as a pure machine: no event is without an answer in any phase.
public enum SlotMachine {
  public static func next(_ phase: SlotPhase, _ event: SlotEvent) throws(SlotRefusal) -> SlotPhase {
    switch (phase, event) {
    case (.idle, .begin): return .writing
    // A newer offer replaces one that nobody agreed to yet.
    case (.staged, .begin): return .writing
    case (.writing, .begin): throw .busyWriting
    case (.armed, .begin): throw .waitsForStart
    case (.trying, .begin): throw .onTrial
    case (.confirming, .begin), (.returning, .begin): throw .notSettled

    case (.writing, .written): return .staged
    case (.staged, .written): throw .alreadyStaged
    case (.idle, .written), (.armed, .written), (.trying, .written), (.confirming, .written),
      (.returning, .written):
      throw .nothingBegun

    case (.staged, .arm): return .armed
    case (.armed, .arm): throw .waitsForStart
    case (.writing, .arm): throw .busyWriting
    case (.trying, .arm): throw .onTrial
    case (.idle, .arm): throw .nothingStaged
    case (.confirming, .arm), (.returning, .arm): throw .notSettled

    // A start in the midst of writing leaves half an image: it is dropped.
    case (.writing, .start): return .returning
    // SEC-038 SEC-315: tried once. A second start without confirmation is a failure of the first.
    case (.armed, .start): return .trying
    case (.trying, .start): return .returning
    case (.idle, .start): return .idle
    case (.staged, .start): return .staged
    case (.confirming, .start): return .confirming
    case (.returning, .start): return .returning

    case (.trying, .healthy): return .confirming
    case (.idle, .healthy), (.writing, .healthy), (.staged, .healthy), (.armed, .healthy),
      (.confirming, .healthy), (.returning, .healthy):
      throw .nothingOnTrial

    case (.writing, .fail), (.staged, .fail), (.armed, .fail), (.trying, .fail): return .returning
    case (.idle, .fail): throw .nothingToTakeBack
    case (.confirming, .fail), (.returning, .fail): throw .notSettled

    case (.confirming, .settled), (.returning, .settled): return .idle
    case (.idle, .settled), (.writing, .settled), (.staged, .settled), (.armed, .settled),
      (.trying, .settled):
      throw .nothingToSettle
    }
  }
}
