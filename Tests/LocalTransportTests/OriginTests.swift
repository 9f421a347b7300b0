// SPDX-License-Identifier: Apache-2.0

import Domain
import Glibc
import LocalTransport
import Messages
import Testing
import Units

@Suite struct OriginTests {
  private let me = geteuid()

  @Test(.tags(.`RC-031`, .`SEC-008`))
  func `RC-031 SEC-008 a user is what it was named, whatever its command says`() {
    let policy = OriginPolicy(services: [11], panels: [12])
    for claimed in CommandOrigin.allCases {
      #expect(policy.origin(of: 11, claiming: claimed) == .service)
      #expect(policy.origin(of: 12, claiming: claimed) == .panel)
      #expect(policy.origin(of: 13, claiming: claimed) == nil)
      // Once users are named, the daemon's own is no longer either.
      #expect(policy.origin(of: me, claiming: claimed) == nil)
    }
  }

  @Test(.tags(.`RC-031`, .`SEC-008`))
  func `RC-031 SEC-008 a panel that asks as the service is refused what a panel may not ask`() {
    let policy = OriginPolicy(services: [11], panels: [12])
    for kind in CommandKind.allCases {
      let origin = policy.origin(of: 12, claiming: .service)
      #expect(origin?.mayAsk(kind) == CommandOrigin.panel.mayAsk(kind))
    }
    #expect(policy.origin(of: 12, claiming: .service)?.mayAsk(.program) == false)
    #expect(policy.origin(of: 12, claiming: .service)?.mayAsk(.stop) == true)
  }

  @Test func `without named users the own user is both and others are neither`() {
    let policy = OriginPolicy(services: [], panels: [])
    #expect(policy.origin(of: me, claiming: .service) == .service)
    #expect(policy.origin(of: me, claiming: .panel) == .panel)
    #expect(policy.origin(of: me &+ 1, claiming: .service) == nil)
  }

  @Test func `a user named twice is taken at its word`() {
    let policy = OriginPolicy(services: [7], panels: [7])
    #expect(policy.origin(of: 7, claiming: .panel) == .panel)
    #expect(policy.origin(of: 7, claiming: .service) == .service)
  }

  @Test(.tags(.`RC-031`, .`SEC-008`))
  func `RC-031 SEC-008 the hub says which user a frame came from`() throws {
    let path = "/tmp/origin-\(getpid()).sock"
    var hub = try Hub(path: path)
    let connection = try Connection(to: path)
    hub.accept()
    var numbering = FrameNumbering()
    let now = MonotonicSource.machine
    let command = Command(.stop, from: .service, number: 1)
    #expect(connection.send(numbering.encode(.command(command), at: now)) == .sent)
    #expect(hub.receive(at: now) == .command(command))
    #expect(hub.sender == me)
  }
}
