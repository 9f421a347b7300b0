// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import GatewayClient
import TLSClient

/// A pump on a network, by a profile of this user's.
final class Gateway {
  /// Milliseconds: for connection and handshake, for the first byte of an answer, and between two of them.
  private enum Patience {
    static let connect = 15_000
    // Hashing at the pump takes its turn behind others that ask at the same time.
    static let answer = 25_000
    static let silence = 10_000
    /// A whole answer that is no stream.
    static let whole = 60_000
  }

  let profile: Profile
  private let identity: TLSIdentity
  private let progress: Progress
  private var connection: TLSConnection?

  init(_ profile: Profile) throws(Failure) {
    self.profile = profile
    progress = Progress("waiting for \(profile.name)")
    let longest = TLSIdentity.longest
    // SEC-434: who else may write these files decides whom this user believes, and who reads the key is this user.
    let authority = try PrivateFile.read(profile.authority, longest: longest, secret: false)
    let certificate = try PrivateFile.read(profile.certificate, longest: longest, secret: false)
    let key = try PrivateFile.read(profile.key, longest: longest, secret: true)
    var list: [UInt8]?
    if let path = profile.list {
      list = try PrivateFile.read(path, longest: longest, secret: false)
    }
    do throws(TLSFailure) {
      identity = try TLSIdentity(
        authority: authority, list: list, certificate: certificate, key: key)
    } catch { throw Failure(error, profile) }
  }

  /// This user's session at that pump.
  func session() throws(Failure) -> String { try SessionFile.need(profile) }

  /// Asks, and gives the whole body of a good answer.
  func ask(
    _ request: GatewayRequest, limit: Int = Answers.longest
  ) throws(Failure) -> [UInt8] {
    var body: [UInt8] = []
    try ask(request, limit: limit, whole: Patience.whole) { (part) throws(Failure) in
      body += part
      return true
    }
    return body
  }

  /// Asks, and hands over the body of a good answer in parts, until `body` says that it is enough.
  ///
  /// - Parameters:
  ///   - limit: the most bytes of the body.
  ///   - silence: milliseconds between two parts.
  ///   - whole: milliseconds for everything; nil for a stream that has no end.
  func ask(
    _ request: GatewayRequest, limit: Int, silence: Int = Patience.silence, whole: Int?,
    _ body: ([UInt8]) throws(Failure) -> Bool
  ) throws(Failure) {
    defer { progress.end() }
    // What was begun on a connection that the pump closed meanwhile is asked anew; what changes something is not.
    let isKept = connection != nil && request.operation.method == "GET"
    do throws(TLSFailure) {
      if !isKept { connection = nil }
      try begin(request)
    } catch {
      guard isKept else { throw Failure(error, profile) }
      connection = nil
      do throws(TLSFailure) { try begin(request) } catch { throw Failure(error, profile) }
    }
    try hear(request, [], limit: limit, silence: silence, whole: whole, body)
  }

  /// Hears the answer to a request that was sent; `first` came of it already.
  private func hear(
    _ request: GatewayRequest, _ first: [UInt8], limit: Int, silence: Int, whole: Int?,
    _ body: ([UInt8]) throws(Failure) -> Bool
  ) throws(Failure) {
    defer { progress.end() }
    let start = ContinuousClock.now
    var reader = ResponseReader(limit: limit)
    var refusal: [UInt8] = []
    var hasBegun = false
    var waiting: [UInt8]? = first.isEmpty ? nil : first
    var last = ContinuousClock.now
    while !reader.isDone {
      progress.tick()
      let now = ContinuousClock.now
      let silent = reader.head == nil ? max(silence, Patience.answer) : silence
      if now - last > .milliseconds(silent) { throw lost(.slow, request) }
      if let whole, now - start > .milliseconds(whole) { throw lost(.slow, request) }
      var bytes = waiting
      waiting = nil
      if bytes == nil {
        do throws(TLSFailure) { bytes = try connection?.receive(within: 250) ?? nil } catch {
          guard error == .cut, hasBegun else { throw lost(error, request) }
          throw lost(ResponseFault.cut, request)
        }
      }
      guard let bytes else { continue }
      last = now
      hasBegun = true
      let part: [UInt8]
      do throws(ResponseFault) {
        if bytes.isEmpty { try reader.end() }
        part = try reader.take(bytes)
      } catch { throw lost(error, request) }
      guard let head = reader.head else { continue }
      guard request.operation.good.contains(head.status) else {
        refusal += part
        guard refusal.count <= 16_384 else { throw lost(ResponseFault.tooLarge, request) }
        continue
      }
      try check(head, request)
      if !part.isEmpty {
        progress.pause()
        guard try body(part) else {
          connection = nil
          return
        }
      }
    }
    guard let head = reader.head else { return }
    if !head.keeps { connection = nil }
    guard request.operation.good.contains(head.status) else {
      throw failure(head, refusal, request)
    }
    try check(head, request)
  }

  /// Brings a file to the pump: its bytes go behind the request, and the pump may answer before all have gone.
  ///
  /// - Parameter part: the next bytes, none at the end.
  func bring(
    _ request: GatewayRequest, _ part: () throws(Failure) -> [UInt8]
  ) throws(Failure) -> [UInt8] {
    let all = request.length ?? 0
    var sent: Int64 = 0
    do throws(TLSFailure) {
      connection = nil
      try begin(request)
    } catch { throw Failure(error, profile) }
    while sent < all {
      let bytes = try part()
      guard !bytes.isEmpty, Int64(bytes.count) <= all - sent else {
        connection = nil
        throw .badInput("the file has changed while it was sent")
      }
      let early: [UInt8]?
      do throws(TLSFailure) {
        try connection?.send(bytes, patience: Patience.silence)
        early = try connection?.receive(within: 0) ?? nil
      } catch {
        // What the pump said before it closed is worth more than that it closed.
        guard error == .cut, let left = try? connection?.receive(within: 1_000) else {
          throw lost(error, request)
        }
        return try answer(request, left)
      }
      // A refusal comes before the end, and what is behind it would be sent for nothing.
      if let early { return try answer(request, early) }
      sent += Int64(bytes.count)
      progress.tick("\(sent * 100 / all) %")
    }
    return try answer(request, [])
  }

  /// The answer to what was sent, of which these bytes came already.
  private func answer(_ request: GatewayRequest, _ first: [UInt8]) throws(Failure) -> [UInt8] {
    var body: [UInt8] = []
    try hear(
      request, first, limit: Answers.longest, silence: Patience.silence, whole: Patience.whole
    ) {
      (part) throws(Failure) in
      body += part
      return true
    }
    return body
  }

  private func begin(_ request: GatewayRequest) throws(TLSFailure) {
    let (address, progress) = (profile.address, progress)
    if connection == nil {
      connection = try TLSConnection(
        host: address.host, port: address.port, name: profile.server, identity: identity,
        patience: Patience.connect, waiting: { progress.tick() })
    }
    try connection?.send(request.bytes(host: profile.server), patience: Patience.silence)
  }

  private func check(_ head: ResponseHead, _ request: GatewayRequest) throws(Failure) {
    guard let wanted = request.operation.content else { return }
    guard head.content == wanted else {
      connection = nil
      throw .notThePump(
        "\(profile.name) answers with another kind of content than \(wanted); is this a pump?")
    }
  }

  // SEC-438: a redirection is followed nowhere.
  private func failure(
    _ head: ResponseHead, _ body: [UInt8], _ request: GatewayRequest
  ) -> Failure {
    guard head.status >= 400 else {
      connection = nil
      return .notThePump(
        (300...399).contains(head.status)
          ? "\(profile.name) sends elsewhere (status \(head.status)); that is not followed"
          : "\(profile.name) answers with status \(head.status), which is none of the contract")
    }
    guard head.content == "application/problem+json" else {
      connection = nil
      return .notThePump(
        "\(profile.name) answers with status \(head.status) and says not why; is this a pump?")
    }
    do throws(NotAnAnswer) {
      return Failure(
        try GatewayProblem(body, status: head.status, retryAfter: head.retryAfter), profile)
    } catch { return unreadable(error) }
  }

  func unreadable(_ why: NotAnAnswer) -> Failure {
    .notThePump("the answer of \(profile.name) cannot be read: \(why.reason)")
  }

  /// Decodes an answer.
  func read<Answer>(
    _ request: GatewayRequest, _ decode: ([UInt8]) throws(NotAnAnswer) -> Answer
  ) throws(Failure) -> Answer {
    let bytes = try ask(request)
    do throws(NotAnAnswer) { return try decode(bytes) } catch { throw unreadable(error) }
  }

  private func lost(_ why: TLSFailure, _ request: GatewayRequest) -> Failure {
    connection = nil
    return Failure(why, profile).doubting(request)
  }

  private func lost(_ why: ResponseFault, _ request: GatewayRequest) -> Failure {
    connection = nil
    return Failure(why, profile).doubting(request)
  }
}

extension GatewayRequest {
  /// A name that no other request has, by which the pump knows one that comes twice.
  static func newKey() throws(Failure) -> String {
    do { return Hex.encode(try RandomBytes.make(16)) } catch {
      throw .badInput("this machine gives no random bytes")
    }
  }
}

extension Failure {
  /// What was sent and not answered may have been done.
  fileprivate func doubting(_ request: GatewayRequest) -> Failure {
    let doubt = "; it is not known whether the pump did it"
    guard request.operation.method != "GET" else { return self }
    return switch self {
    case .unreachable(let text): .unreachable(text + doubt)
    case .notThePump(let text): .notThePump(text + doubt)
    case .refused, .notThere, .badInput, .needsSignIn: self
    }
  }

  init(_ failure: TLSFailure, _ profile: Profile) {
    let pump = "\(profile.name) (\(profile.address))"
    switch failure {
    case .material(let part):
      let file =
        switch part {
        case .authority: profile.authority
        case .certificate: profile.certificate
        case .key, .pair: profile.key
        case .list: profile.list ?? ""
        }
      self = .badInput(
        part == .pair
          ? "'\(file)' is not the key of the certificate"
          : "'\(file)' holds no \(part.rawValue) in PEM that can be used")
    case .noSuchHost: self = .unreachable("\(pump): no address belongs to the host")
    case .unreachable: self = .unreachable("\(pump): nobody answers")
    case .slow: self = .unreachable("\(pump): it takes too long to answer")
    case .cut:
      self = .unreachable(
        "\(pump): the connection ended; a pump ends one whose certificate it does not take")
    case .certificate(let why):
      self = .notThePump("\(pump) is not who it should be: \(why.text(profile))")
    case .version: self = .notThePump("\(pump): it does not speak TLS 1.3")
    case .notTLS: self = .notThePump("\(pump): what answers there speaks no TLS")
    case .refused(let alert):
      self = .refused("\(pump): it does not take this certificate (alert \(alert))")
    case .libraryFailed: self = .unreachable("\(pump): TLS cannot be had on this machine")
    }
  }

  init(_ fault: ResponseFault, _ profile: Profile) {
    let pump = "\(profile.name) (\(profile.address))"
    switch fault {
    case .notHTTP(let what): self = .notThePump("\(pump): no answer of HTTP/1.1: \(what)")
    case .tooLarge: self = .notThePump("\(pump): its answer is longer than any that is read")
    case .cut: self = .unreachable("\(pump): the connection ended in the middle of the answer")
    }
  }

  // SRS-242: each problem of the contract has its words and its exit code.
  init(_ problem: GatewayProblem, _ profile: Profile) {
    let again = problem.retryAfter.map { "; ask again in \($0) s" } ?? ""
    switch problem.kind {
    case .certificate:
      self = .refused("the pump takes the certificate of this node no more: \(problem.detail)")
    case .rate: self = .refused("this node asks too often\(again)")
    case .wait: self = .refused("too many mistakes\(again)")
    case .notFound, .method: self = .refused("this pump does not offer that: \(problem.detail)")
    case .request, .media, .tooLarge: self = .badInput("the pump says: \(problem.detail)")
    case .notPermitted: self = .refused("the node or the role may not, or not now")
    case .notSignedIn:
      self = .needsSignIn(
        "nobody is signed in there; use 'pumpctl sign-in --profile \(profile.name)'")
    case .needsStepUp:
      self = .needsSignIn(
        "this needs the secret again; use 'pumpctl step-up --profile \(profile.name)'")
    case .wrongSecret: self = .refused("login and secret do not belong together")
    case .nobody: self = .refused("there is no such person")
    case .noLibrary, .noLength, .uploadBusy, .noSpace: self = .refused(problem.detail)
    case .noUpdater: self = .unreachable("the pump says: \(problem.detail)\(again)")
    case .noRecord: self = .refused("there is no such record, or no checkpoint covers it yet")
    case .loginTaken: self = .refused("another person has this login")
    case .lastAdministrator: self = .refused("the pump would have no administrator")
    case .notAnOrder: self = .refused("the order is not taken: \(problem.detail)")
    case .keyUsed: self = .refused("another order was proposed with this key")
    case .noProposal:
      self = .refused(
        "this node proposed no such order, or the pump forgot it: 15 minutes after its end it does")
    case .proposalEnded:
      self = .refused("it waits no more; 'pumpctl proposals show' says what became of it")
    case .busy: self = .refused("the pump is busy: \(problem.detail)\(again)")
    case .pumpSilent: self = .unreachable("the gateway answers, but it hears no controller")
    case .internal: self = .unreachable("the gateway failed: \(problem.detail)")
    }
  }
}

extension CertificateRefusal {
  fileprivate func text(_ profile: Profile) -> String {
    switch self {
    case .malformed: "its certificate cannot be read"
    case .issuer: "its certificate is not of the authority of the profile"
    case .notYetValid: "its certificate is not yet valid; is the clock of this machine right?"
    case .expired: "its certificate has expired; is the clock of this machine right?"
    case .revoked: "its certificate was revoked"
    case .usage: "its certificate is for another use"
    case .name: "its certificate does not name \(profile.server)"
    case .revocationList: "the revocation list of the profile is too old, or not the authority's"
    case .other(let number): "its certificate is not good (X.509 error \(number))"
    }
  }
}
