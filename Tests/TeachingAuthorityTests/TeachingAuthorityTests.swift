// SPDX-License-Identifier: Apache-2.0

import Cryptography
import Foundation
import Testing

@testable import TeachingAuthority

@Suite struct TeachingAuthorityTests {
  /// Noon of 1 January 2026.
  private static let now: Int64 = 1_767_268_800

  @Test(.tags(.`SRS-191`)) func `SRS-191 writes every day until 2120 as the calendar has it`() {
    func format(_ text: String) -> DateFormatter {
      let format = DateFormatter()
      format.locale = Locale(identifier: "en_US_POSIX")
      format.timeZone = TimeZone(secondsFromGMT: 0)
      format.dateFormat = text
      return format
    }
    let (short, long) = (format("yyMMddHHmmss'Z'"), format("yyyyMMddHHmmss'Z'"))
    var wrong: [Int64] = []
    for day in Int64(0)..<55_000 {
      let seconds = day * 86_400 + day % 86_400
      let isShort = seconds < 2_524_608_000
      let date = Date(timeIntervalSince1970: Double(seconds))
      let text = Array((isShort ? short : long).string(from: date).utf8)
      if DER.time(seconds) != [isShort ? 0x17 : 0x18, UInt8(text.count)] + text {
        wrong.append(day)
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test(.tags(.`SRS-191`)) func `SRS-191 an authority that was kept is the one that it was`() throws
  {
    var authority = try TeachingAuthority(name: "test", days: 30, at: Self.now)
    let made = try authority.issueWithKey("node.test", for: .node, days: 7, at: Self.now)
    try authority.revoke(authority.issued[0].serial, at: Self.now)
    let list = try RevocationList(pem: authority.list(days: 3, at: Self.now))
    #expect(list.number == 1 && list.validUntil == Self.now + 3 * 86_400)
    var back = try TeachingAuthority(record: authority.record, key: authority.plainKey())
    #expect(back.record == authority.record && back.name == "TEACHING ONLY test")
    #expect(try RevocationList(pem: back.list(days: 3, at: Self.now)).number == 2)
    let certificate = try Certificate(pem: made.certificate)
    #expect(certificate.validUntil == Self.now + 7 * 86_400 && certificate.isNamed("node.test"))
    let trust = try PeerTrust(authority: Certificate(pem: back.certificate), list: list)
    #expect(throws: CertificateRefusal.revoked) {
      try trust.check(certificate, for: .client, at: Self.now)
    }
    let other = try TeachingAuthority(name: "test", days: 30, at: Self.now)
    #expect(throws: TeachingAuthority.Refusal.notAnAuthority) {
      try TeachingAuthority(record: authority.record, key: other.plainKey())
    }
  }

  @Test(.tags(.`SRS-191`)) func `SRS-191 no byte of a record or a key can trap`() throws {
    var authority = try TeachingAuthority(name: "test", days: 30, at: Self.now)
    _ = try authority.issueWithKey("node.test", for: .node, days: 7, at: Self.now)
    let (record, key) = (authority.record, try authority.plainKey())
    var taken = 0
    for position in record.indices {
      for byte: UInt8 in [0, 0x22, 0x2D, 0x39, 0x7B, 0xFF, record[position] ^ 1] {
        var other = record
        other[position] = byte
        taken += (try? TeachingAuthority(record: other, key: key)) == nil ? 0 : 1
      }
    }
    // A name or a date that is another one is a record too; most changes are none.
    #expect(taken < record.count * 7 / 2)
    for position in key.utf8.indices.dropLast() {
      let other = String(key.utf8[..<position]) ?? ""
      #expect(throws: TeachingAuthority.Refusal.notAnAuthority) {
        try TeachingAuthority(record: record, key: other)
      }
    }
  }

  @Test(.tags(.`SRS-191`)) func `SRS-191 a hundred are revoked and no more`() throws {
    var authority = try TeachingAuthority(name: "test", days: 30, at: Self.now)
    for number in 0...TeachingAuthority.mostRevoked {
      _ = try authority.issueWithKey("n\(number).test", for: .node, days: 7, at: Self.now)
    }
    for one in authority.issued.dropLast() { try authority.revoke(one.serial, at: Self.now) }
    let list = try authority.list(days: 3, at: Self.now)
    #expect(list.utf8.count <= 6_144)
    let last = try #require(authority.issued.last)
    #expect(throws: TeachingAuthority.Refusal.full) {
      try authority.revoke(last.serial, at: Self.now)
    }
  }

  @Test(.tags(.`SRS-191`), arguments: [Int64.min, -1, 0, 3_651, .max])
  func `SRS-191 days out of range are refused, however far out`(days: Int64) throws {
    #expect(throws: TeachingAuthority.Refusal.days) {
      try TeachingAuthority(name: "test", days: days, at: Self.now)
    }
    var authority = try TeachingAuthority(name: "test", days: 3_650, at: Self.now)
    #expect(throws: TeachingAuthority.Refusal.days) {
      try authority.issueWithKey("node.test", for: .node, days: days, at: Self.now)
    }
    #expect(throws: TeachingAuthority.Refusal.days) { try authority.list(days: days, at: Self.now) }
    #expect(authority.issued.isEmpty && authority.listNumber == 0)
  }
}
