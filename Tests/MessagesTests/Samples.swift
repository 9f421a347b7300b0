// SPDX-License-Identifier: Apache-2.0

import Domain
import Messages
import Units

/// One frame of every kind, with every optional filled, and the plain ones beside them.
enum Samples {
  static let draft = PrescriptionDraft(
    drug: DrugName("heparin") ?? DrugName(), syringe: .mL50, rate: .mLPerHour(5),
    vtbi: .millilitres(10), kvo: .mLPerHour(1), occlusion: .kilopascals(60))

  static var control: ControlStatus {
    var status = ControlStatus()
    status.state = .infusing
    status.simulated = true
    status.held = draft
    status.heldHash = ContentHash(1, 2, 3, 4)
    status.confirmations = 1
    status.commandedRate = .mLPerHour(5)
    status.pressure = .kilopascals(3)
    status.seated = .mL50
    status.cycle = 77
    status.alarms = .of(.nearEnd)
    status.reply = Reply(to: command, refusal: .doorOpen)
    return status
  }

  static var safety: SafetyStatus {
    var status = SafetyStatus()
    status.gate = .closed
    status.agreed = ContentHash(1, 2, 3, 4)
    status.travel = .nanometres(125)
    status.motorPowered = true
    status.heard = 76
    return status
  }

  static let command = Command(.program, from: .service, number: 9, draft: draft)
  static let event = PumpEvent(
    number: 3, source: .control, kind: .confirmed, subject: 1, at: .nanoseconds(5), a: -1, b: 2)

  static var bytes: BusBytes {
    var bytes = BusBytes()
    bytes.append(0x01)
    bytes.append(0x84)
    return bytes
  }

  static var frames: [Frame] {
    [
      .command(command), .control(control), .safety(safety), .event(event),
      .busRequest(.transfer(address: 0x48, writing: bytes, reading: 2)),
      .busReply(.read(bytes)), .updateNotice(notice),
      .updateAnswer(UpdateAnswer(.agree, to: ContentHash(1, 2, 3, 4))),
      .updateRefusal(
        UpdateRefusal(number: 7, code: ShortName("wrong-hash") ?? ShortName(), permit: 9)),
    ]
  }

  static var notice: UpdateNotice {
    var notice = UpdateNotice()
    notice.stage = .offered
    notice.running = ShortName("1.4.0") ?? ShortName()
    notice.candidate = ShortName("1.5.0") ?? ShortName()
    notice.digest = ContentHash(1, 2, 3, 4)
    notice.outcome = .returned
    notice.ended = ShortName("1.4.9") ?? ShortName()
    notice.endedDigest = ContentHash(5, 6, 7, 8)
    notice.reason = ShortName("not-well") ?? ShortName()
    notice.recorded = true
    notice.needsPower = true
    return notice
  }

  static var plain: [Frame] {
    [
      .command(Command(.heartbeat, from: .panel, number: 0)), .control(ControlStatus()),
      .safety(SafetyStatus()), .busRequest(.sample),
      .busRequest(.write(levels: .max, mask: 0x8000_0001)), .busReply(.done), .busReply(.failed(3)),
      .busReply(.lines(levels: 1, risen: 2, fallen: .max)), .updateNotice(UpdateNotice()),
      .updateAnswer(UpdateAnswer(.seen)), .updateAnswer(UpdateAnswer(.recorded)),
      .updateAnswer(UpdateAnswer(.recorded, about: .configuration)),
    ]
  }
}

extension FrameBytes {
  /// Two hexadecimal digits a byte.
  var hex: String {
    let digits = Array("0123456789abcdef")
    var text = ""
    for position in 0..<count {
      text.append(digits[Int(self[position] >> 4)])
      text.append(digits[Int(self[position] & 15)])
    }
    return text
  }

  /// The same bytes with the checksum made right again.
  func resealed() -> FrameBytes {
    var copy = self
    let end = count - FrameHeader.trailer
    let sum = Checksum.of(copy, first: end)
    for byte in 0..<4 { copy[end + byte] = UInt8(truncatingIfNeeded: sum >> UInt32(8 * byte)) }
    return copy
  }
}

/// SplitMix64: the tests' own chance, the same every time.
struct Chance: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ z >> 30) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ z >> 27) &* 0x94d0_49bb_1331_11eb
    return z ^ z >> 31
  }
}
