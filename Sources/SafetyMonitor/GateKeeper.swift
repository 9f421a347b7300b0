// SPDX-License-Identifier: Apache-2.0

import Domain

/// The gate's state machine: what the gate does on each thing that can happen to it.
struct GateKeeper: Sendable {
  private enum State: Sendable {
    case untested
    case open
    case provingOpen
    case provingClosed
    case closed
    case tripped
  }

  /// What happened in a cycle; of several things, the first of this list.
  enum Event: Sendable {
    /// A check objects.
    case object
    /// A person has cleared the objection and its cause is gone.
    case forgive
    /// The controller asks for no power.
    case release
    /// The present position of the gate is proved.
    case proved
    /// The controller asks for power, with the monitor's agreement.
    case ask
  }

  private var state = State.untested

  var isClosed: Bool {
    switch state {
    case .provingClosed, .closed: true
    case .untested, .open, .provingOpen, .tripped: false
    }
  }

  var isProving: Bool {
    switch state {
    case .provingOpen, .provingClosed: true
    case .untested, .open, .closed, .tripped: false
    }
  }

  var isTripped: Bool { state == .tripped }

  /// The state as the other processes know it.
  var shown: GateState {
    switch state {
    case .untested: .untested
    case .open: .open
    case .provingOpen, .provingClosed: .proving
    case .closed: .closed
    case .tripped: .tripped
    }
  }

  mutating func handle(_ event: Event) {
    switch (state, event) {
    case (.untested, .object), (.open, .object), (.provingOpen, .object),
      (.provingClosed, .object), (.closed, .object), (.tripped, .object):
      state = .tripped
    case (.untested, .proved): state = .open
    // Before the gate has once been seen to open, it closes for nobody.
    case (.untested, .ask), (.untested, .release), (.untested, .forgive): break
    // RC-028 SRS-020: the way to a closed gate leads through the proof that it opens.
    case (.open, .ask): state = .provingOpen
    // At rest the proof goes on and has nothing to tell.
    case (.open, .proved), (.open, .release), (.open, .forgive): break
    // SRS-026: the gate is proved before each infusion.
    case (.provingOpen, .proved): state = .provingClosed
    case (.provingClosed, .proved): state = .closed
    // The proof is not finished.
    case (.provingOpen, .ask), (.provingClosed, .ask): break
    case (.provingOpen, .release), (.provingClosed, .release), (.closed, .release): state = .open
    // Nothing is there to be forgiven.
    case (.provingOpen, .forgive), (.provingClosed, .forgive), (.closed, .forgive): break
    // Closed already.
    case (.closed, .ask), (.closed, .proved): break
    case (.tripped, .forgive): state = .open
    // An objection ends only when a person has cleared it.
    case (.tripped, .ask), (.tripped, .release), (.tripped, .proved): break
    }
  }
}
