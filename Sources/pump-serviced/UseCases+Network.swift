// SPDX-License-Identifier: Apache-2.0

import AccessControl
import AuditLog
import Cryptography
import Domain
import ServiceAPI
import Synchronization
import Units

/// What comes from the network: orders that are proposed, who is at the door, who reads the log, and the pump's
/// own place there.
extension UseCases {
  // MARK: Proposals

  // SRS-189 SEC-005: what a node proposes is on record under its name, and waits.
  /// Puts a node's order before those who may program; with a session, in its person's name.
  ///
  /// The caller has seen that the node may propose.
  func propose(
    _ draft: PrescriptionDraft, from peer: NetworkPeer, key: String, session: String? = nil,
    at now: Instant
  ) -> NetworkAnswer {
    let isAllowed =
      Permissions.requirement(for: .proposeOrder, by: .gateway, in: condition(now)) != nil
    guard isAllowed else { return .refused(ServiceRefusal(.notPermitted)) }
    var person: AuditActor?
    if let session {
      do throws(AccessRefusal) {
        guard let access else { throw .unavailable }
        person = try author(access, session, .node(peer), at: now)
      } catch { return .refused(ServiceRefusal(of: error)) }
    }
    do throws(PrescriptionError) { _ = try Prescription(draft) } catch {
      return .refused(ServiceRefusal(.notAnOrder, detail: "\(error)"))
    }
    switch desk.add(draft, from: peer.node, by: person?.name, key: key, at: now) {
    case .full: return .refused(ServiceRefusal(.busy))
    case .keyUsed: return .refused(ServiceRefusal(.keyUsed))
    case .waits(let number, let isNew):
      if isNew {
        let node = AuditActor(name: peer.node, role: Role.gateway.rawValue)
        let entry = AuditEntry(
          .requestReceived, subject: UInt32(CommandKind.program.rawValue), a: number,
          actor: person ?? node, reference: "proposal")
        if person == nil { record(entry) } else { record(entry, .node(peer)) }
      }
      return .proposal(number: number, isNew: isNew)
    }
  }

  // SRS-219: who proposes in their own name may program.
  private func author(
    _ access: AccessControl, _ session: String, _ asker: Asker, at now: Instant
  ) throws(AccessRefusal) -> AuditActor {
    let token = try asker.token(session)
    let actor = Self.actor(try access.session(token, at: now).person, token)
    do throws(AccessRefusal) {
      _ = try access.authorize(.program, token, in: condition(now), at: now)
    } catch {
      record(
        AuditEntry(
          .accessDenied, outcome: .refused, subject: UInt32(CommandKind.program.rawValue),
          actor: actor, reference: "proposal"), asker)
      throw error
    }
    return actor
  }

  /// The orders of a node that wait.
  func proposals(of node: String, at now: Instant) -> [ProposalView] {
    desk.all(of: node, at: now)
  }

  /// A node's own proposal and what became of it.
  func proposal(_ number: Int64, of node: String, at now: Instant) -> NetworkAnswer {
    desk.standing(number, of: node, at: now).map { .proposalStanding($0) }
      ?? .refused(ServiceRefusal(.noProposal))
  }

  // SRS-248: who proposed may withdraw, in any state of the pump and whatever a role may: it moves nothing.
  /// Takes back a node's own proposal; with a session, by its person.
  func withdraw(
    _ number: Int64, of peer: NetworkPeer, session: String? = nil, at now: Instant
  ) -> NetworkAnswer {
    let asker = Asker.node(peer)
    var person: AuditActor?
    if let session {
      do throws(AccessRefusal) {
        guard let access else { throw .unavailable }
        let token = try asker.token(session)
        person = Self.actor(try access.session(token, at: now).person, token)
      } catch { return .refused(ServiceRefusal(of: error)) }
    }
    switch desk.withdraw(number, of: peer.node, by: person?.name, at: now) {
    case .none: return .refused(ServiceRefusal(.noProposal))
    case .ended: return .refused(ServiceRefusal(.proposalEnded))
    case .notTheirs:
      guard let person else { return .refused(ServiceRefusal(.notSignedIn)) }
      record(
        AuditEntry(
          .accessDenied, outcome: .refused, subject: UInt32(CommandKind.program.rawValue),
          a: number, actor: person, reference: "withdrawal"), asker)
      return .refused(ServiceRefusal(.notPermitted))
    case .withdrawn(let proposal):
      if let person {
        record(AuditEntry(ended: proposal, "withdrawn", by: person), asker)
      } else {
        let node = AuditActor(name: peer.node, role: Role.gateway.rawValue)
        record(AuditEntry(ended: proposal, "withdrawn", by: node))
      }
      return .withdrawn
    }
  }

  /// Whoever may program now.
  func programmer(
    _ access: AccessControl, _ session: String, at now: Instant
  ) throws(AccessRefusal) -> AuditActor {
    guard let token = SessionToken(hex: session) else { throw .notSignedIn }
    _ = try access.authorize(.program, token, in: condition(now), at: now)
    return Self.actor(try access.session(token, at: now).person, token)
  }

  // MARK: The door

  // SRS-222 SEC-410: connections and refused peers are on record, counted by node and by reason.
  /// Puts a report of the gateway on record; false while it has had its share of the log.
  func note(_ reports: [DoorReport], at now: Instant) -> Bool {
    guard contents.withLock({ $0.share.take(Int64(reports.count), at: now) }) else { return false }
    for report in reports { record(AuditEntry(report)) }
    return true
  }

  // MARK: The audit log

  // SRS-220 SRS-221 SEC-408: records are read by whom the table lets, and that they were is on record.
  /// Answers a question about the audit log; what is said of records is put on it.
  func audit(
    _ question: AuditQuestion, session: String, by asker: Asker, at now: Instant
  ) -> AuditAnswer {
    do throws(AccessRefusal) {
      guard let access, let log else { throw .unavailable }
      let token: SessionToken
      let actor: AuditActor
      if let action = question.action {
        (token, actor) = try permitted(access, session, action, at: now, asker)
      } else {
        token = try asker.token(session)
        actor = Self.actor(try access.session(token, at: now).person, token)
      }
      let answer: AuditAnswer
      do {
        answer = try log.answer(question, session: token.label, secret: token.bytes)
      } catch {
        report("the audit log cannot be shown: \(error)")
        throw AccessRefusal.unavailable
      }
      if let entry = question.entry(answer, actor) { record(entry, asker) }
      return answer
    } catch {
      return .refused(ServiceRefusal(of: error))
    }
  }

  // MARK: Updates

  // SRS-230 SEC-423: who may take in an update gets a permit for one bundle; what is in it the updater judges.
  /// Asks the updater to let a bundle come, for a person who may.
  func upload(
    session: String, key: String, length: Int64, by peer: NetworkPeer, at now: Instant
  ) -> NetworkAnswer {
    let asker = Asker.node(peer)
    let actor: AuditActor
    do throws(AccessRefusal) {
      guard let access else { throw .unavailable }
      (_, actor) = try permitted(access, session, .takeUpdate, at: now, asker)
    } catch { return .refused(ServiceRefusal(of: error)) }
    func refuse(_ reason: ServiceRefusal.Reason) -> NetworkAnswer {
      // SEC-427: a bundle that is not let in is on record with the person and the reason.
      record(
        AuditEntry(
          .updateRefused, outcome: .refused, b: length, actor: actor, reference: reason.rawValue),
        asker)
      return .refused(ServiceRefusal(reason))
    }
    guard let token = try? RandomBytes.make(IntakePermit.tokenSize) else {
      return refuse(.unavailable)
    }
    let permit = IntakePermit(
      number: UInt32.random(in: 1...UInt32.max), token: token, length: length, node: peer.node,
      key: key)
    switch uploads.ask(.permit(permit)) {
    case .permitted:
      uploads.note(permit.number, actor, from: peer.node)
      record(
        AuditEntry(
          .requestReceived, a: Int64(permit.number), b: length, actor: actor,
          reference: "update upload"), asker)
      return .permit(token: token)
    case .intake(let view): return .intake(view)
    case .refused(.busy): return refuse(.uploadBusy)
    case .refused(.keyUsed): return refuse(.keyUsed)
    case .refused(.noSpace): return refuse(.noSpace)
    case .refused, .go, .history, .configuration, .library, nil: return refuse(.noUpdater)
    }
  }

  // MARK: The network

  func setNetwork(
    _ change: NetworkChange, _ actor: AuditActor, _ access: AccessControl
  ) throws(AccessRefusal) -> ServiceAnswer {
    do throws(NetworkIdentity.Failure) {
      let words = try network.put(change)
      endSessionsOfNetwork(access)
      record(AuditEntry(.certificateChanged, actor: actor, reference: words))
      return .done
    } catch {
      record(
        AuditEntry(.certificateChanged, outcome: .refused, actor: actor, reference: "\(error)"))
      guard case .notTaken(let why) = error else { throw .unavailable }
      return .refused(ServiceRefusal(.notACertificate, detail: why))
    }
  }

  // SEC-404: whom a certificate stands for may have changed.
  func endSessionsOfNetwork(_ access: AccessControl) {
    for person in access.logOffNetwork() {
      record(AuditEntry(.automaticLogoff, actor: Self.actor(person), reference: "network changed"))
    }
  }

  /// Does it and puts the words on record.
  func network(
    _ actor: AuditActor, _ words: String?,
    _ body: () throws(NetworkIdentity.Failure) -> ServiceAnswer
  ) throws(AccessRefusal) -> ServiceAnswer {
    let answer: ServiceAnswer
    do throws(NetworkIdentity.Failure) { answer = try body() } catch { throw .unavailable }
    if let words { record(AuditEntry(.certificateChanged, actor: actor, reference: words)) }
    return answer
  }
}

extension AuditQuestion {
  /// What it takes; nil for the rest of an export that is under way.
  fileprivate var action: Action? {
    switch self {
    case .checkpoint, .records, .consistency: .readAudit
    // Their records carry names as they are: no byte can be another one under the signature.
    case .proof, .export: .exportAudit
    case .piece: nil
    }
  }

  /// The record that it was answered; nil when nothing of a record went out.
  fileprivate func entry(_ answer: AuditAnswer, _ actor: AuditActor) -> AuditEntry? {
    switch (self, answer) {
    case (.records(let from), .records(let lines, _)):
      AuditEntry(.personalDataShown, a: from, b: Int64(lines.count), actor: actor)
    case (.proof(let index), .text): AuditEntry(.dataExported, a: index, actor: actor)
    case (.export, .export(let size)): AuditEntry(.logExported, a: size, actor: actor)
    default: nil
    }
  }
}

extension AuditEntry {
  /// What happened at the gateway's door.
  fileprivate init(_ report: DoorReport) {
    switch report {
    case .node(let name, let opened, let closed):
      self.init(
        opened > 0 ? .connectionOpened : .connectionClosed, source: .gateway,
        a: opened > 0 ? opened : closed, b: opened > 0 ? closed : 0,
        actor: AuditActor(name: name, role: Role.gateway.rawValue))
    case .refused(let reason, let count, let address):
      self.init(
        .connectionRefused, outcome: .refused, source: .gateway, a: count,
        reference: address.isEmpty ? reason.rawValue : "\(reason.rawValue) from \(address)")
    }
  }
}
