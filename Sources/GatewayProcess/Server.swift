// SPDX-License-Identifier: Apache-2.0

import Domain
import HTTPTypes
import Hummingbird
import HummingbirdCore
import LocalTransport
import Logging
import NIOCore
import StrictJSON
import Units

/// The listener with its routes.
// SYS-082 SYS-084: what the pump is, holds, does and signals, and orders that wait.
struct Server {
  /// Connections that the system keeps until they are heard.
  static let backlog = 1_024

  let options: GatewayOptions
  let rate: RequestRate
  let identity: CurrentIdentity
  let view: PumpView
  private let peers = Peers()
  private let proposals: Proposals
  private let people: People
  private let audit: AuditPages
  private let updates: Updates

  init(options: GatewayOptions, rate: RequestRate, identity: CurrentIdentity, view: PumpView) {
    let path = options.run + "/network.sock"
    proposals = Proposals(path: path, service: options.service)
    people = People(path: path, service: options.service)
    audit = AuditPages(path: path, service: options.service)
    updates = Updates(path: path, service: options.service, updater: options.updater)
    peers.book.tell(ServiceLink(path: path, service: options.service))
    self.options = options
    self.rate = rate
    self.identity = identity
    self.view = view
  }

  /// Listens until the task's group shuts down.
  func run() async throws {
    let router = Router(context: NodeContext.self)
    let door = NodeMiddleware(
      identity: identity, peers: peers, limiter: Limiter(rate) { MonotonicSource.machine })
    router.add(middleware: ProblemMiddleware())
    router.add(middleware: door)
    for route in Route.allCases {
      router.on(RouterPath(route.path), method: route.method) { request, context in
        try await answer(route, request, context, door)
      }
    }
    var logger = Logger(label: "pump-gatewayd")
    logger.logLevel = .critical
    let (identity, peers) = (identity, peers)
    let application = Application(
      router: router,
      server: HTTPServerBuilder { responder in
        PeerChannel(
          base: HTTP1Channel(
            responder: responder,
            configuration: .init(
              additionalChannelHandlers: [RequestDeadline()],
              // SRS-184: bounds on what is read.
              httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 4_096, maxHeaderListSize: 16_384, maxHeaderFieldCount: 64))),
          identity: identity, peers: peers)
      },
      configuration: .init(
        address: .hostname(options.address, port: options.port), backlog: Self.backlog),
      onServerRunning: { _ in report("listens") },
      logger: logger)
    try await application.run()
  }

  private func answer(
    _ route: Route, _ request: Request, _ context: NodeContext, _ door: NodeMiddleware
  ) async throws -> Response {
    switch route {
    case .proposals: return try await proposals.list(context)
    case .propose: return try await proposals.add(request, context)
    case .proposal: return try await proposals.show(context)
    case .withdraw: return try await proposals.withdraw(request, context)
    case .signIn, .session, .stepUp, .signOut, .people, .addPerson, .setPerson, .resetPerson:
      return try await people.answer(route, request, context)
    case .auditCheckpoint, .auditRecords, .auditProof, .auditConsistency, .auditExport:
      let channel = context.channel
      return try await audit.answer(route, request, context) { door.peer(channel) != nil }
    case .device: return Self.json(StatusJSON.device(try said().0))
    case .status:
      let (control, safety) = try said()
      return Self.json(StatusJSON.status(control, safety))
    case .alarms:
      let (control, safety) = try said()
      return Self.json(StatusJSON.alarms(control, safety))
    case .update: return Self.json(StatusJSON.update(view.update, await updates.intake()))
    case .updateIntake, .updateHistory, .configuration, .drugLibrary:
      return try await updates.answer(route, request)
    case .takeUpdate:
      let channel = context.channel
      return try await updates.take(request, context) {
        context.deadline.extend(by: $0)
      } isGood: {
        door.peer(channel) != nil
      }
    case .events:
      let channel = context.channel
      let stream = EventStream(view: view) { door.peer(channel) != nil }
      return stream.response(try stream.wish(request))
    case .metrics:
      let (control, safety) = view.statuses
      let text = Metrics.text(
        control, safety, connections: peers.count, refused: peers.book.allRefused)
      return Response(
        status: .ok, headers: [.contentType: Metrics.contentType, .cacheControl: "no-store"],
        body: ResponseBody(byteBuffer: ByteBuffer(string: text)))
    }
  }

  private func said() throws(Problem) -> (ControlStatus, SafetyStatus?) {
    let (control, safety) = view.statuses
    guard let control else { throw .pumpSilent }
    return (control, safety)
  }

  static func json(_ node: JSONNode, status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json", .cacheControl: "no-store"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: CanonicalJSON.text(node))))
  }
}
