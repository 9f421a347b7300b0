// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Domain
import LocalTransport
import Messages
import ServiceAPI
import Units

/// Stands between those who ask and the controller: passes requests on, statuses and events back.
///
/// It decides nothing about delivery. When it is gone the infusion goes on (RC-008); when the
/// controller is gone, those who ask see its statuses stop.
struct Service {
  private var hub: Hub
  private var updates: UpdateDesk
  /// Hears what the pump does and says nothing that is listened to.
  private var watchers: Hub
  private var control: Subscription
  private var safety: Subscription
  private let audit: AuditThread?
  private let records: SealedRecords?
  private let gate: Gate
  private let uploads: UploadBook
  private let panels: PeerPolicy
  /// The number of each source's last event; a gap is recorded as missed events.
  private var numbers: [EventSource: UInt32] = [:]
  /// The number of the service's own last event.
  private var number: UInt32 = 0
  private var gatewayIsHere = false
  private var gatewayToldAt = Instant.min
  private var heartbeats: UInt32 = 0
  private var heartbeatAt = Instant.min

  /// Opens the service's socket for `clients` and the panel, and hears controller and monitor while they
  /// are users of `pump`.
  init(
    run folder: String, gatewayRun: String? = nil, audit: AuditThread? = nil,
    records: SealedRecords? = nil, gate: Gate, uploads: UploadBook = UploadBook(),
    pump: PeerPolicy = .sameUser, clients: PeerPolicy = .sameUser,
    updaters: PeerPolicy = .sameUser, panels: PeerPolicy = .sameUser,
    gateways: PeerPolicy = .sameUser
  ) throws(TransportError) {
    hub = try Hub(path: folder + "/service.sock", allowing: clients)
    updates = try UpdateDesk(run: folder, updaters: updaters, panels: panels)
    watchers = try Hub(
      path: (gatewayRun ?? folder) + "/watch.sock", allowing: gateways, capacity: 4)
    control = Subscription(to: folder + "/control.sock", allowing: pump)
    safety = Subscription(to: folder + "/safety.sock", allowing: pump)
    self.audit = audit
    self.records = records
    self.gate = gate
    self.uploads = uploads
    self.panels = panels
  }

  /// What to wait on between two steps.
  var descriptors: [Int32] {
    var all = hub.descriptors + updates.descriptors + watchers.descriptors
    if let descriptor = control.descriptor { all.append(descriptor) }
    if let descriptor = safety.descriptor { all.append(descriptor) }
    return all
  }

  /// Moves what is there; bounded, so that a flood on one side cannot starve another.
  mutating func step(at now: Instant) {
    hub.accept()
    for _ in 0..<16 {
      guard let frame = hub.receive(at: now) else { break }
      takeRequest(frame, at: now)
    }
    watchers.accept()
    // SEC-371 SRS-181: what the gateway's process says here goes nowhere.
    for _ in 0..<8 {
      guard watchers.receive(at: now) != nil else { break }
    }
    tellOfGateway(at: now)
    // Those that the thread for people has judged.
    if let image = gate.takeAgreement() { updates.agree(to: image, at: now) }
    for command in gate.take() { _ = control.send(.command(command), at: now) }
    for _ in 0..<64 {
      guard let frame = control.receive(at: now) else { break }
      pass(frame, at: now)
    }
    for _ in 0..<64 {
      guard let frame = safety.receive(at: now) else { break }
      pass(frame, at: now)
    }
    let told = updates.step(at: now)
    if let notice = told.notice {
      hub.send(.updateNotice(notice), at: now)
      watchers.send(.updateNotice(notice), at: now)
    }
    for event in told.events { tell(event, at: now) }
    for entry in told.entries { audit?.submit(entry) }
    gate.offer = updates.offer
    for refusal in told.refusals {
      audit?.submit(
        uploads.entry(
          refusal.code.text, number: refusal.number, permit: refusal.permit))
    }
    // RC-008: the controller tells a lost service from a quiet one by the heartbeat, twice a second.
    // RC-083: one that cannot keep its records says no more that it is well, so that the pump tells it.
    if now - heartbeatAt >= .milliseconds(500), audit?.isGood ?? true,
      records?.isKeeping ?? true
    {
      heartbeatAt = now
      heartbeats &+= 1
      // RC-132: said again each time, so that a controller that started again knows it a moment later.
      if let outcome = updates.outcome { _ = control.send(.updateNotice(outcome), at: now) }
      _ = control.send(
        .command(Command(.heartbeat, from: .service, number: heartbeats)), at: now)
    }
  }

  /// How often at most the gateway's coming or going is told.
  private static var gatewayPause: Interval { .seconds(2) }

  // SRS-188: a gateway that dies shows, and one that comes and goes fills no record.
  private mutating func tellOfGateway(at now: Instant) {
    let isHere = watchers.count > 0
    guard isHere != gatewayIsHere, now - gatewayToldAt >= Self.gatewayPause else { return }
    gatewayIsHere = isHere
    gatewayToldAt = now
    tell(
      PumpEvent(
        source: .service, kind: .peerChanged, subject: EventPeer.gateway.rawValue, at: now,
        a: isHere ? 1 : 0), at: now)
  }

  /// Passes an event of the service itself on, numbered.
  private mutating func tell(_ event: PumpEvent, at now: Instant) {
    number &+= 1
    var event = event
    event.number = number
    pass(.event(event), at: now)
  }

  /// Only requests come in from this side, and each that is allowed goes on under the service's own name.
  private mutating func takeRequest(_ frame: Frame, at now: Instant) {
    if case .updateAnswer(let answer) = frame {
      return updates.pass(answer, from: hub.sender, at: now)
    }
    guard case .command(var command) = frame, command.kind != .heartbeat else { return }
    // SEC-008: a client is not the panel because it says so.
    if command.origin == .panel, !panels.allows(hub.sender) { command.origin = .service }
    switch gate.judge(command, at: now) {
    case .pass: break
    case .breakGlass: audit?.submit(AuditEntry(breakGlass: command))
    case .refuse(let reason):
      if command.origin == .panel { gate.refuse(reason) }
      audit?.submit(
        AuditEntry(
          .requestRefused, outcome: .refused, subject: UInt32(command.kind.rawValue),
          a: Int64(command.number), b: Int64(command.origin.rawValue),
          reference: reason.rawValue))
      return
    }
    audit?.submit(AuditEntry(request: command))
    command.origin = .service
    _ = control.send(.command(command), at: now)
  }

  private mutating func pass(_ frame: Frame, at now: Instant) {
    switch frame {
    case .event(let event):
      record(event)
      records?.append(event)
      hub.send(frame, at: now)
      watchers.send(frame, at: now)
    case .control(let status):
      gate.hear(status, at: now)
      hub.send(frame, at: now)
      updates.send(frame, at: now)
      watchers.send(frame, at: now)
    case .safety:
      hub.send(frame, at: now)
      updates.send(frame, at: now)
      watchers.send(frame, at: now)
    // Neither side of the pump asks the service for anything.
    case .command, .busRequest, .busReply, .updateNotice, .updateAnswer, .updateRefusal: break
    }
  }

  private mutating func record(_ event: PumpEvent) {
    guard let audit else { return }
    let last = numbers[event.source] ?? 0
    numbers[event.source] = event.number
    // A source that starts again counts from 1 again.
    if last > 0, event.number > last + 1, let source = AuditSource(rawValue: event.source.rawValue)
    {
      audit.submit(AuditEntry(.eventsMissed, source: source, a: Int64(event.number - last - 1)))
    }
    audit.submit(AuditEntry(event))
  }
}
