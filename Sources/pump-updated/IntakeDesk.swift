// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import Foundation
import Glibc
import LocalTransport
import ServiceAPI
import SoftwareUpdate
import Synchronization
import Units
import UpdateMetadata

/// Where the gateway brings bundles that the service has permitted, and asks what is active and what was.
///
/// A socket and threads of its own. A bundle goes from the socket into one file in parts of a packet and is
/// verified from there, in this process and under its user, by the same intake as one from a stick. Nothing that
/// comes here agrees to anything: that is the panel's (``PanelDesk``).
// RC-146 SYS-099: taken in and verified; never installed, activated or started from here.
final class IntakeDesk: Sendable {
  private typealias Uploads = UploadDesk<PosixFolder>

  /// Connections at a time.
  static let capacity = 8
  /// Refusals that wait for the journal to be free.
  static let mostOwed = 8
  /// Packets that are taken of one connection before the others have their turn.
  static let turn = 32

  private struct Peer {
    let id: UInt64
    let connection: Connection
  }

  private struct Contents {
    var uploads: Uploads
    /// The connection that sends.
    var sender: UInt64?
    /// Refusals outside the verifier that are not in the journal yet.
    var owed: [(code: String, permit: UInt32)] = []

    mutating func owe(_ code: String, _ permit: UInt32) {
      owed.append((code, permit))
      owed.removeFirst(max(0, owed.count - IntakeDesk.mostOwed))
    }

    /// What ended outside the verifier is owed to the journal.
    mutating func oweRefusal() {
      if case .refused(let code) = uploads.phase, let permit = uploads.newest {
        owe(code, permit.number)
      }
    }
  }

  private let place: Place
  private let spool: PosixFolder
  private let listener: Listener
  private let contents: Mutex<Contents>

  /// Listens in `folder`, and removes what a killed updater left half.
  init(_ place: Place, folder: String) throws {
    self.place = place
    do {
      _ = try PosixFolder(path: place.state)
      spool = try PosixFolder(path: place.state + "/spool", access: .writingAlone)
      var left: [UInt32] = []
      let uploads = try Uploads(spool, largest: IntakePermit.largest) { left.append($0) }
      var contents = Contents(uploads: uploads)
      for permit in left { contents.owe(SlotFailure.interrupted.code, permit) }
      self.contents = Mutex(contents)
    } catch { throw Refusal(error) }
    listener = try Listener(
      path: folder + "/intake.sock",
      allowing: PumpLink.gateway.adding(PeerPolicy.user("pump-service").map { [$0] } ?? []))
  }

  func start() {
    let thread = Thread { [self] in listen() }
    thread.name = "intake"
    thread.start()
  }

  private var now: Int64 { Int64(ProcessInfo.processInfo.systemUptime) }

  private func listen() {
    var peers: [Peer] = []
    var next: UInt64 = 0
    while true {
      _ = waitForInput(
        on: [listener.descriptor] + peers.map(\.connection.descriptor), upTo: .milliseconds(500))
      if case .connection(let connection) = listener.accept(), peers.count < Self.capacity {
        next += 1
        peers.append(Peer(id: next, connection: connection))
      }
      peers.removeAll { peer in
        let isOpen = hear(peer)
        if !isOpen { cut(peer) }
        return !isOpen
      }
      expire()
      settle()
    }
  }

  /// Takes packets; false when the connection is to be closed.
  private func hear(_ peer: Peer) -> Bool {
    for _ in 0..<Self.turn {
      switch peer.connection.receiveText() {
      case .nothing: return true
      case .closed: return false
      case .tooLong: return false
      case .text(let bytes):
        guard take(bytes, of: peer) else { return false }
      }
    }
    return true
  }

  private func take(_ bytes: [UInt8], of peer: Peer) -> Bool {
    if contents.withLock({ $0.sender }) == peer.id { return receive(bytes, of: peer) }
    let request: IntakeRequest
    do throws(NotUnderstood) { request = try IntakeRequest(bytes) } catch {
      _ = peer.connection.send(text: IntakeAnswer.refused(.notUnderstood).bytes)
      return false
    }
    if case .upload(let token) = request { return begin(token, of: peer) }
    return peer.connection.send(text: answer(request, of: peer).bytes) == .sent
  }

  private func answer(_ request: IntakeRequest, of peer: Peer) -> IntakeAnswer {
    switch request {
    case .permit(let permit):
      // SEC-424: who may upload is the service's to say, as the kernel knows it.
      guard PumpLink.service.allows(peer.connection.peerUser) else {
        return .refused(.notPermitted)
      }
      return self.permit(permit)
    case .upload: return .refused(.notPermitted)
    case .standing: return .intake(standing)
    case .history(let kind): return Self.history(place, Kind(kind))
    case .configuration: return Self.configuration(place)
    case .library(let from): return Self.library(place, from: from)
    }
  }

  // MARK: Uploads

  private func permit(_ asked: IntakePermit) -> IntakeAnswer {
    let now = now
    return contents.withLock { contents in
      do throws(UploadRefusal) {
        let space = (try? spool.space()) ?? 0
        let isNew = try contents.uploads.permit(
          Uploads.Permit(
            number: asked.number, token: asked.token, length: asked.length, node: asked.node,
            key: asked.key), space: space, now: now)
        return isNew ? .permitted : .intake(IntakeView(contents.uploads))
      } catch { return .refused(IntakeRefusal(error)) }
    }
  }

  private func begin(_ token: [UInt8], of peer: Peer) -> Bool {
    let now = now
    let begun: Result<Bool, UploadRefusal> = contents.withLock { contents in
      do throws(UploadRefusal) {
        let isWhole = try contents.uploads.begin(token: token, now: now)
        contents.sender = isWhole ? nil : peer.id
        return .success(isWhole)
      } catch { return .failure(error) }
    }
    switch begun {
    case .failure(let error):
      _ = peer.connection.send(text: IntakeAnswer.refused(IntakeRefusal(error)).bytes)
      return false
    case .success(let isWhole):
      guard peer.connection.send(text: IntakeAnswer.go.bytes) == .sent else { return false }
      return isWhole ? whole(peer) : true
    }
  }

  private func receive(_ bytes: [UInt8], of peer: Peer) -> Bool {
    let now = now
    let taken: Result<Bool, UploadRefusal> = contents.withLock { contents in
      do throws(UploadRefusal) {
        let isWhole = try contents.uploads.append(bytes, now: now)
        if isWhole { contents.sender = nil }
        return .success(isWhole)
      } catch {
        contents.sender = nil
        contents.oweRefusal()
        return .failure(error)
      }
    }
    switch taken {
    case .success(let isWhole): return isWhole ? whole(peer) : true
    case .failure(let error):
      _ = peer.connection.send(text: IntakeAnswer.refused(IntakeRefusal(error)).bytes)
      return false
    }
  }

  private func whole(_ peer: Peer) -> Bool {
    let thread = Thread { [self] in verify() }
    thread.name = "verify"
    thread.start()
    return peer.connection.send(text: IntakeAnswer.intake(standing).bytes) == .sent
  }

  // SEC-425 SRS-232: a connection that is gone leaves nothing of its upload.
  private func cut(_ peer: Peer) {
    contents.withLock { contents in
      guard contents.sender == peer.id else { return }
      contents.sender = nil
      contents.uploads.cut()
      contents.oweRefusal()
    }
  }

  private func expire() {
    let now = now
    contents.withLock { contents in
      guard contents.uploads.expire(now: now) else { return }
      contents.sender = nil
      contents.oweRefusal()
    }
  }

  /// Puts refusals into the journal that it had no place for before.
  // SEC-427: an upload that was cut off is a refusal like any other.
  private func settle() {
    guard let first = contents.withLock({ $0.owed.first }) else { return }
    guard let folder = try? place.folder(), var slots = try? place.slots(folder),
      (try? slots.remember(refusal: first.code, permit: first.permit)) != nil
    else { return }
    contents.withLock { contents in
      if contents.owed.first.map({ $0 == first }) ?? false { contents.owed.removeFirst() }
    }
  }

  private var standing: IntakeView { contents.withLock { IntakeView($0.uploads) } }

  /// Judges the whole bundle, on a thread of its own.
  private func verify() {
    // SEC-426: verifying and writing take no time from those who drive and watch a therapy.
    nice(19)
    guard let permit = contents.withLock({ $0.uploads.newest }),
      let stream = contents.withLock({ $0.uploads.content() })
    else { return }
    let phase: Uploads.Phase
    do {
      let folder = try alone()
      var shelf = try place.shelf(folder)
      let offer = try shelf.rememberingRefusal(permit: permit.number) { (shelf) in
        try place.intake(folder).take(stream, into: &shelf, clock: .wall)
      }
      phase = .taken(kind: offer.kind.rawValue, version: offer.record.version)
    } catch { phase = .refused(code: Refusal(error).code) }
    contents.withLock { $0.uploads.verified(phase) }
  }

  /// The slots, as soon as nobody else of this pump works in them.
  private func alone() throws -> PosixFolder {
    while true {
      do { return try place.folder() } catch let refusal as Refusal where refusal.code == "busy" {
        Thread.sleep(forTimeInterval: 0.1)
      }
    }
  }
}

extension IntakeRefusal {
  fileprivate init(_ refusal: UploadRefusal) {
    self =
      switch refusal {
      case .busy: .busy
      case .keyUsed: .keyUsed
      case .noSpace: .noSpace
      case .tooLarge, .notPermitted: .notPermitted
      case .interrupted: .interrupted
      }
  }
}

extension IntakeView {
  fileprivate init(_ desk: UploadDesk<PosixFolder>) {
    self.init()
    guard let newest = desk.newest else { return }
    number = newest.number
    length = newest.length
    received = desk.received
    switch desk.phase {
    case .none: state = .none
    case .permitted, .receiving: state = .receiving
    case .verifying: state = .verifying
    case .taken(let kind, let version):
      state = .taken
      self.kind = UpdateWord(rawValue: kind)
      self.version = version
    case .refused(let code):
      state = .refused
      reason = code
    }
  }
}
