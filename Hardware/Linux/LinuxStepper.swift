// SPDX-License-Identifier: Apache-2.0

import CRealtime
public import DeviceInterface
public import Drivers
import Glibc
import Synchronization
import Units

/// What the step thread and its owner tell each other, without a lock.
private final class StepMailbox: Sendable {
  // From the owner. A speed stands before its number is raised, so that the thread that sees the
  // number has the speed.
  let speed = Atomic<Int64>(0)
  let orders = Atomic<UInt64>(0)
  let offs = Atomic<UInt64>(0)
  let renewedAt = Atomic<Int64>(0)
  let ends = Atomic<Bool>(false)
  // From the thread.
  let made = Atomic<Int64>(0)
  let flags = Atomic<UInt8>(0)
  let worstLateness = Atomic<Int64>(0)
  /// The thread did not get its real-time class.
  let ordinary = Atomic<Bool>(false)
  /// A line failed; the thread has then ended.
  let failure = Atomic<Bool>(false)

  static let energised: UInt8 = 1
  static let supplied: UInt8 = 2
  static let fault: UInt8 = 4
  static let timedOut: UInt8 = 8
}

/// The step generator of a device: a thread of its own that plays steps at GPIO lines.
///
/// The thread looks for orders every millisecond and between steps. It takes SCHED_FIFO above the
/// controller's cycle, or keeps the cycle's own priority where the service manager gave that and forbids
/// more: a cycle on the same core may then hold a step back for as long as it takes itself. Without
/// SCHED_FIFO every report throws `permission`. A step that is late is made late, none is left out (see
/// `StepPlayer`). A line that fails ends the motion: the enable goes, and every later report throws.
// RC-042: steps are counted where they are made, and stop by themselves without renewal.
public final class LinuxStepper: StepPort {
  private let mailbox = StepMailbox()
  private let thread: pthread_t
  private let needsRealtime: Bool
  private var offs: UInt64 = 0
  private var orders: UInt64 = 0

  /// Above the controller's cycle (50), below the monitor's (60).
  private static let priority: Int32 = 55
  /// What the controller's cycle has, and what a thread of its process begins with.
  private static let inherited: Int32 = 50

  /// Starts the thread, stopped, on lines that carry at most `rateCap` microsteps a second.
  ///
  /// Only a test goes without the real-time class.
  public init(
    on bank: LinuxLines, lines: StepLines, rateCap: Int64, needsRealtime: Bool = true
  ) throws(DeviceError) {
    self.needsRealtime = needsRealtime
    let context = StepThread(mailbox: mailbox, bank: bank, lines: lines, rateCap: rateCap)
    let retained = unsafe Unmanaged.passRetained(context)
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    // Twice what rp_prefault_stack touches.
    unsafe pthread_attr_setstacksize(&attributes, 512 * 1_024)
    var started = pthread_t()
    let result = unsafe pthread_create(
      &started, &attributes,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<StepThread>.fromOpaque(argument).takeRetainedValue()
          .run(priorities: (LinuxStepper.priority, LinuxStepper.inherited))
        return nil
      }, retained.toOpaque())
    unsafe pthread_attr_destroy(&attributes)
    thread = started
    guard result == 0 else {
      unsafe retained.release()
      throw DeviceError(.stepThread, code: -result)
    }
  }

  deinit {
    mailbox.ends.store(true, ordering: .releasing)
    pthread_join(thread, nil)
  }

  /// The latest that a step came after its time, since the start.
  public var worstLateness: Int64 { mailbox.worstLateness.load(ordering: .relaxed) }

  public func run(at microstepsPer10000Seconds: Int64) throws(BusError) {
    mailbox.speed.store(microstepsPer10000Seconds, ordering: .relaxed)
    mailbox.renewedAt.store(rp_clock(), ordering: .relaxed)
    orders &+= 1
    mailbox.orders.store(orders, ordering: .releasing)
  }

  public func renew() throws(BusError) {
    mailbox.renewedAt.store(rp_clock(), ordering: .releasing)
  }

  public func off() throws(BusError) {
    offs &+= 1
    mailbox.offs.store(offs, ordering: .releasing)
  }

  public func report() throws(BusError) -> StepReport {
    if mailbox.failure.load(ordering: .acquiring) { throw .bus }
    // RC-025: an ordinary thread makes no steps on a device.
    if needsRealtime && mailbox.ordinary.load(ordering: .acquiring) { throw .permission }
    let flags = mailbox.flags.load(ordering: .acquiring)
    var report = StepReport()
    report.made = mailbox.made.load(ordering: .acquiring)
    report.energised = flags & StepMailbox.energised != 0
    report.supplied = flags & StepMailbox.supplied != 0
    report.fault = flags & StepMailbox.fault != 0
    report.timedOut = flags & StepMailbox.timedOut != 0
    return report
  }
}

/// The step thread's side.
private final class StepThread {
  private let mailbox: StepMailbox
  private var bank: LinuxLines
  private let lines: StepLines
  private var player: StepPlayer
  private var orders: UInt64 = 0
  private var offs: UInt64 = 0
  private var renewedAt: Int64 = 0

  init(mailbox: StepMailbox, bank: LinuxLines, lines: StepLines, rateCap: Int64) {
    self.mailbox = mailbox
    self.bank = bank
    self.lines = lines
    player = StepPlayer(
      lines: lines, rateCap: rateCap, acceleration: StepPlayer.referenceAcceleration,
      timeout: LinuxStepper.timeout, at: .nanoseconds(rp_clock()))
  }

  func run(priorities: (Int32, Int32)) {
    if rp_set_fifo(priorities.0) != 0, rp_set_fifo(priorities.1) != 0 {
      mailbox.ordinary.store(true, ordering: .releasing)
    }
    rp_prefault_stack()
    var failed = false
    while !failed, !mailbox.ends.load(ordering: .acquiring) {
      takeOrders()
      do {
        let wake = try player.turn(at: .nanoseconds(rp_clock()), on: &bank)
        publish()
        wait(until: wake.native)
      } catch { failed = true }
    }
    // RC-004: whatever ended the loop, the motor loses its current.
    do { try bank.write(0, mask: lines.enable | lines.step) } catch { failed = true }
    if failed { mailbox.failure.store(true, ordering: .releasing) }
  }

  private func takeOrders() {
    let off = mailbox.offs.load(ordering: .acquiring)
    if off != offs {
      offs = off
      player.off()
    }
    let order = mailbox.orders.load(ordering: .acquiring)
    let renewed = mailbox.renewedAt.load(ordering: .acquiring)
    if order != orders {
      orders = order
      renewedAt = renewed
      player.command(mailbox.speed.load(ordering: .relaxed), at: .nanoseconds(renewed))
    } else if renewed != renewedAt {
      renewedAt = renewed
      player.renew(at: .nanoseconds(renewed))
    }
  }

  private func publish() {
    let report = player.report
    mailbox.made.store(report.made, ordering: .releasing)
    var flags: UInt8 = 0
    if report.energised { flags |= StepMailbox.energised }
    if report.supplied { flags |= StepMailbox.supplied }
    if report.fault { flags |= StepMailbox.fault }
    if report.timedOut { flags |= StepMailbox.timedOut }
    mailbox.flags.store(flags, ordering: .releasing)
    mailbox.worstLateness.store(player.worstLateness.native, ordering: .relaxed)
  }

  private func wait(until: Int64) {
    if until - rp_clock() > StepPlayer.spin.native {
      rp_sleep_until(until)
      return
    }
    while rp_clock() < until {}
  }
}
