// SPDX-License-Identifier: Apache-2.0

import Domain
import EveryCase
import Messages
import Testing
import Units

@Suite struct FrameTests {
  @Test func `every frame comes back as it was sent`() throws {
    for frame in Samples.frames + Samples.plain {
      let bytes = encode(frame, sequence: 7, at: .nanoseconds(1_000))
      let back = try decode(bytes)
      #expect(back.frame == frame)
      #expect(back.header.sequence == 7)
      #expect(back.header.sentAt == .nanoseconds(1_000))
      #expect(back.header.kind == frame.kind)
    }
  }

  @Test func `every kind has the length its header states`() {
    for frame in Samples.frames + Samples.plain {
      let bytes = encode(frame, sequence: 1, at: .zero)
      #expect(
        bytes.count == FrameHeader.size + frame.kind.payloadLength + FrameHeader.trailer,
        "\(frame.kind)")
    }
  }

  @Test func `a command that breaks its own rule gives an empty frame`() {
    let broken = Command(.program, from: .service, number: 1)
    let bytes = encode(.command(broken), sequence: 1, at: .zero)
    #expect(bytes.count == 0)
    #expect(throws: FrameRefusal.tooShort) { try decode(bytes) }
  }

  @Test func `an agreement to nothing and an offer of nothing are no frames`() {
    var offer = UpdateNotice()
    offer.stage = .offered
    var told = UpdateNotice()
    told.recorded = true
    // A library is active at once: it has no trial and no return.
    var returned = Samples.notice
    returned.kind = .drugLibrary
    var trial = Samples.notice
    trial.kind = .configuration
    trial.outcome = .confirmed
    trial.stage = .onTrial
    trial.reason = ShortName()
    // What was kept has no reason for going back.
    var kept = Samples.notice
    kept.outcome = .confirmed
    for frame in [
      Frame.updateAnswer(UpdateAnswer(.agree)),
      .updateRefusal(UpdateRefusal(number: 0, code: ShortName("code") ?? ShortName())),
      .updateRefusal(UpdateRefusal(number: 1, code: ShortName())),
      .updateAnswer(UpdateAnswer(.seen, to: Samples.notice.digest)),
      .updateNotice(offer), .updateNotice(told), .updateNotice(returned), .updateNotice(trial),
      .updateNotice(kept),
    ] {
      #expect(encode(frame, sequence: 1, at: .zero).count == 0, "\(frame)")
    }
  }

  @Test func `the checksum is CRC-32 of IEEE 802·3`() {
    // The check value of the CRC catalogue for "123456789".
    var sum = Checksum()
    for byte in "123456789".utf8 { sum.add(byte) }
    #expect(sum.value == 0xcbf4_3926)
    #expect(Checksum().value == 0)
  }

  @Test func `the bytes on the wire are these`() {
    var digests: [String] = []
    for frame in Samples.frames {
      let bytes = encode(frame, sequence: 0x0102_0304, at: .nanoseconds(0x0506_0708))
      digests.append(bytes.hex)
    }
    #expect(digests == Golden.frames)
  }

  @Test func `numbering counts from one`() throws {
    var numbering = FrameNumbering()
    let first = try decode(numbering.encode(.event(Samples.event), at: .zero))
    let second = try decode(numbering.encode(.event(Samples.event), at: .zero))
    #expect(first.header.sequence == 1)
    #expect(second.header.sequence == 2)
  }
}

@Suite struct RefusalTests {
  let good = encode(.event(Samples.event), sequence: 1, at: .zero)

  @Test(.tags(.`RC-023`)) func `RC-023 each damage has its own refusal`() {
    var bytes = good
    bytes.resize(to: 23)
    #expect(throws: FrameRefusal.tooShort) { try decode(bytes) }
    for (position, refusal) in [
      (0, FrameRefusal.badMagic), (4, .badVersion), (5, .badKind), (6, .badLength),
      (20, .badChecksum), (good.count - 1, .badChecksum),
    ] {
      bytes = good
      bytes[position] ^= 0x80
      #expect(throws: refusal) { try decode(bytes) }
    }
    bytes = good
    bytes.append(0)
    #expect(throws: FrameRefusal.badLength) { try decode(bytes) }
    // Byte 24 is the event's source: 9 is none.
    bytes = good
    bytes[24] = 9
    #expect(throws: FrameRefusal.badField(.unknownCase)) { try decode(bytes.resealed()) }
  }

  @Test(.tags(.`RC-023`)) func `RC-023 another version is refused even with a right checksum`() {
    var bytes = good
    bytes[4] = FrameHeader.version + 1
    #expect(throws: FrameRefusal.badVersion) { try decode(bytes.resealed()) }
  }

  @Test(.tags(.`RC-023`, .`SRS-077`))
  func `RC-023 SRS-077 every single flipped bit is refused`() {
    for frame in Samples.frames {
      let good = encode(frame, sequence: 1, at: .zero)
      var accepted = 0
      everyCase(of: 0..<good.count * 8) { bit in
        var bytes = good
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        if (try? decode(bytes)) != nil { accepted += 1 }
      }
      #expect(accepted == 0, "\(frame.kind)")
    }
  }

  @Test(.tags(.`RC-023`, .`RC-095`, .`SRS-078`, .`SEC-007`))
  func `RC-023 RC-095 SRS-078 SEC-007 a hundred thousand wrong inputs are refused`() {
    var chance = Chance(state: 1)
    let frames = Samples.frames.map { encode($0, sequence: 1, at: .zero) }
    var accepted = 0
    for round in 0..<100_000 {
      var bytes = FrameBytes()
      if round & 1 == 0 {
        for _ in 0..<Int(chance.next() % 64) {
          bytes.append(UInt8(truncatingIfNeeded: chance.next()))
        }
      } else {
        // The longest kind stays out: its every bit is flipped above.
        bytes = frames[[0, 2, 3, 4, 5][Int(chance.next() % 5)]]
        for _ in 0...Int(chance.next() % 4) {
          let word = chance.next()
          bytes[Int(word >> 8) % bytes.count] ^= 1 << UInt8(word & 7)
        }
        // Two flips of the same bit undo each other.
        if frames.contains(bytes) { continue }
      }
      if (try? decode(bytes)) != nil { accepted += 1 }
    }
    #expect(accepted == 0)
  }

  @Test(.tags(.`RC-023`, .`RC-095`, .`SRS-078`))
  func `RC-023 RC-095 SRS-078 any content under a right checksum is a value or a refusal`() {
    var chance = Chance(state: 2)
    var values = 0
    for frame in Samples.frames + Samples.plain {
      let good = encode(frame, sequence: 1, at: .zero)
      for _ in 0..<500 {
        var bytes = good
        let word = chance.next()
        let position = FrameHeader.size + Int(word >> 8) % frame.kind.payloadLength
        bytes[position] = UInt8(truncatingIfNeeded: word)
        guard let back = try? decode(bytes.resealed()) else { continue }
        values += 1
        // What was accepted is a value that can be sent on.
        let again = encode(back.frame, sequence: 1, at: .zero)
        #expect((try? decode(again))?.frame == back.frame)
      }
    }
    #expect(values > 100)
  }
}
