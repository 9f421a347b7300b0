// SPDX-License-Identifier: Apache-2.0

import TeachingAuthority
import Testing

@testable import TLSClient

extension Tag {
  @Tag static var `SEC-432`: Self
  @Tag static var `SEC-435`: Self
}

private struct Material {
  let authority: [UInt8]
  let list: [UInt8]
  let certificate: [UInt8]
  let key: [UInt8]

  init() throws {
    var authority = try TeachingAuthority(name: "test", days: 30, at: 1_767_268_800)
    let made = try authority.issueWithKey("node.test", for: .node, days: 7, at: 1_767_268_800)
    self.authority = Array(authority.certificate.utf8)
    list = Array(try authority.list(days: 3, at: 1_767_268_800).utf8)
    (certificate, key) = (Array(made.certificate.utf8), Array(made.key.utf8))
  }
}

@Suite struct EngineTests {
  @Test(.tags(.`SEC-432`)) func `SEC-432 each part of an identity that cannot be used is named`()
    throws
  {
    let (good, other) = (try Material(), try Material())
    func identity(
      authority: [UInt8]? = nil, list: [UInt8]? = nil, certificate: [UInt8]? = nil,
      key: [UInt8]? = nil
    ) -> TLSFailure? {
      do throws(TLSFailure) {
        _ = try TLSIdentity(
          authority: authority ?? good.authority, list: list ?? good.list,
          certificate: certificate ?? good.certificate, key: key ?? good.key)
        return nil
      } catch { return error }
    }
    #expect(identity() == nil)
    let bad: [[UInt8]] = [
      [], [0], Array("-----BEGIN CERTIFICATE-----\n".utf8),
      [UInt8](repeating: 0x61, count: TLSIdentity.longest + 1),
    ]
    for bytes in bad {
      #expect(identity(authority: bytes) == .material(.authority))
      #expect(identity(list: bytes) == .material(.list))
      #expect(identity(certificate: bytes) == .material(.certificate))
      #expect(identity(key: bytes) == .material(.key))
    }
    #expect(identity(authority: good.certificate) == .material(.authority))
    #expect(identity(key: other.key) == .material(.pair))
  }

  @Test(.tags(.`SEC-435`))
  func `SEC-435 what is no TLS is refused by a failure of its own, whatever the bytes`() throws {
    let material = try Material()
    let identity = try TLSIdentity(
      authority: material.authority, list: nil, certificate: material.certificate,
      key: material.key)
    var state: UInt64 = 7
    for round in 0..<2_000 {
      let engine = try TLSEngine(identity, name: "pump.test")
      #expect(try engine.handshake() == false && engine.given().count > 100)
      var bytes: [UInt8] = [22, 3, 3, 0, 40, 2, 0, 0, 36, 3, 3]
      for _ in 0..<(round % 200) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes.append(UInt8(truncatingIfNeeded: state >> 33))
      }
      if round % 2 == 1 { bytes.removeFirst(min(bytes.count, 11)) }
      try engine.take(bytes)
      do throws(TLSFailure) { #expect(try engine.handshake() == false) } catch {
        switch error {
        case .notTLS, .version, .refused, .cut: break
        default: Issue.record("\(error)")
        }
      }
    }
  }
}
