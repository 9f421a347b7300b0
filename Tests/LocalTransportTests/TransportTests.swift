// SPDX-License-Identifier: Apache-2.0

import Domain
import Foundation
import LocalTransport
import Messages
import Testing
import Units

@Suite struct TransportTests {
  private let event = Frame.event(
    PumpEvent(number: 1, source: .control, kind: .started, at: .zero))

  /// A socket's name that nobody else uses.
  private func path() -> String {
    FileManager.default.temporaryDirectory
      .appendingPathComponent("pump-\(UUID().uuidString.prefix(13)).sock").path
  }

  private func connected(_ path: String) throws -> (Listener, Connection, Connection) {
    let listener = try Listener(path: path)
    let client = try Connection(to: path)
    guard case .connection(let server) = listener.accept() else {
      throw TransportError.nobodyThere
    }
    return (listener, client, server)
  }

  @Test func `a frame arrives whole`() throws {
    let (listener, client, server) = try connected(path())
    let bytes = encode(event, sequence: 1, at: .zero)
    #expect(server.receive() == .nothing)
    #expect(client.send(bytes) == .sent)
    #expect(server.wait(upTo: .seconds(1)))
    #expect(server.receive() == .frame(bytes))
    #expect(server.receive() == .nothing)
    withExtendedLifetime(listener) {}
  }

  @Test func `a far end that goes is closed, not a trap`() throws {
    let path = path()
    let listener = try Listener(path: path)
    var client: Connection? = try Connection(to: path)
    guard case .connection(let server) = listener.accept() else {
      Issue.record("nobody came")
      return
    }
    #expect(client?.peerProcess == server.peerProcess)
    client = nil
    #expect(server.receive() == .closed)
    #expect(server.send(encode(event, sequence: 1, at: .zero)) == .closed)
  }

  @Test func `a wait ends with its time`() throws {
    let (listener, client, server) = try connected(path())
    let before = MonotonicSource.machine
    #expect(!client.wait(upTo: .milliseconds(5)))
    #expect(MonotonicSource.machine - before >= .milliseconds(5))
    withExtendedLifetime((listener, server)) {}
  }

  @Test func `a name in use, none there and one too long each say so`() throws {
    let path = path()
    #expect(throws: TransportError.nobodyThere) { try Connection(to: path) }
    let listener = try Listener(path: path)
    #expect(throws: TransportError.inUse) { try Listener(path: listener.path) }
    let long = String(repeating: "x", count: 108)
    #expect(throws: TransportError.pathTooLong) { try Listener(path: long) }
  }

  @Test func `a name left behind is taken over and a file is not`() throws {
    let path = path()
    let left = try Listener(path: path)
    let copy = path + "x"
    try FileManager.default.moveItem(atPath: path, toPath: copy)
    withExtendedLifetime(left) {}
    let file = self.path()
    try Data("kept".utf8).write(to: URL(fileURLWithPath: file))
    #expect(throws: TransportError.inUse) { try Listener(path: file) }
    #expect(FileManager.default.contents(atPath: file) == Data("kept".utf8))
    try FileManager.default.removeItem(atPath: file)
    try? FileManager.default.removeItem(atPath: copy)
  }

  @Test(.tags(.`SEC-001`)) func `SEC-001 a user outside the policy is sent away`() throws {
    let path = path()
    let listener = try Listener(path: path, allowing: PeerPolicy(users: [4_000_000_000]))
    let client = try Connection(to: path)
    guard case .refused(let user) = listener.accept() else {
      Issue.record("let in")
      return
    }
    #expect(user == client.peerUser)
    #expect(client.receive() == .closed)
    #expect(throws: TransportError.peerNotAllowed(user: user)) {
      try Connection(to: path, allowing: PeerPolicy(users: [4_000_000_000]))
    }
  }

  @Test(.tags(.`SRS-074`)) func `SRS-074 a slow reader loses its own frames and no one else's`()
    throws
  {
    let path = path()
    var hub = try Hub(path: path)
    let slow = try Connection(to: path)
    hub.accept()
    let quick = try Connection(to: path)
    hub.accept()
    #expect(hub.count == 2)
    var got = 0
    for _ in 0..<5_000 {
      hub.send(event, at: .zero)
      if case .frame = quick.receive() { got += 1 }
    }
    #expect(got == 5_000)
    #expect(hub.lost > 0)
    #expect(hub.count == 2)
    withExtendedLifetime(slow) {}
  }

  @Test(.tags(.`SRS-075`)) func `SRS-075 a flooding peer does not keep another from being heard`()
    throws
  {
    let path = path()
    var hub = try Hub(path: path)
    let flood = try Connection(to: path)
    hub.accept()
    let quiet = try Connection(to: path)
    hub.accept()
    var number = FrameNumbering()
    for _ in 0..<20 { _ = flood.send(number.encode(event, at: .zero)) }
    let heartbeat = Frame.command(Command(.heartbeat, from: .panel, number: 1))
    _ = quiet.send(encode(heartbeat, sequence: 1, at: .zero))
    let first = hub.receive(at: .zero)
    let second = hub.receive(at: .zero)
    #expect(first == heartbeat || second == heartbeat)
  }

  @Test(.tags(.`RC-023`)) func `RC-023 refused frames are counted with their reason`() throws {
    let path = path()
    var hub = try Hub(path: path, maximumAge: .milliseconds(10))
    let client = try Connection(to: path)
    hub.accept()
    var damaged = encode(event, sequence: 1, at: .zero)
    damaged[30] ^= 1
    _ = client.send(damaged)
    #expect(hub.receive(at: .zero) == nil)
    #expect(hub.lastRefusal == .frame(.badChecksum))
    _ = client.send(encode(event, sequence: 1, at: .zero))
    #expect(hub.receive(at: Instant.zero + .milliseconds(11)) == nil)
    #expect(hub.lastRefusal == .freshness(.stale))
    #expect(hub.refused == 2)
  }

  @Test(.tags(.`RC-023`, .`SRS-143`))
  func `RC-023 SRS-143 every reason of a refusal has its own number`() {
    let reasons: [InletRefusal] =
      [
        .tooLong, .frame(.tooShort), .frame(.badMagic), .frame(.badVersion), .frame(.badKind),
        .frame(.badLength), .frame(.badChecksum),
      ] + FieldRefusal.allCases.map { .frame(.badField($0)) }
      + [
        .freshness(.duplicate), .freshness(.old), .freshness(.stale), .freshness(.fromFuture),
      ]
    #expect(Set(reasons.map(\.code)).count == reasons.count)
    #expect(reasons.allSatisfy { $0.code != 0 })
  }

  @Test func `a subscription finds its hub again`() throws {
    let path = path()
    var subscription = Subscription(to: path)
    #expect(subscription.receive(at: .zero) == nil)
    #expect(!subscription.connected)
    var hub: Hub? = try Hub(path: path)
    let later = Instant.zero + .milliseconds(200)
    #expect(subscription.receive(at: later) == nil)
    #expect(subscription.connected)
    hub?.accept()
    hub?.send(event, at: later)
    #expect(subscription.receive(at: later) == event)
    hub = nil
    #expect(subscription.receive(at: later) == nil)
    #expect(!subscription.connected)
    var again = try Hub(path: path)
    let latest = later + .milliseconds(100)
    #expect(subscription.receive(at: latest) == nil)
    again.accept()
    again.send(event, at: latest)
    #expect(subscription.receive(at: latest) == event)
  }

  @Test func `a faster clock starts at its epoch`() {
    let epoch = MonotonicSource.machine
    let clock = MonotonicSource(scale: 10, epoch: epoch)
    let first = clock.now()
    clock.sleep(until: first + .milliseconds(50))
    #expect(clock.now() - first >= .milliseconds(50))
    #expect(clock.real(.milliseconds(50)) == .milliseconds(5))
    #expect(MonotonicSource(scale: -4).scale == 1)
    #expect(MonotonicSource(scale: .max).scale == 1_000)
  }
}
