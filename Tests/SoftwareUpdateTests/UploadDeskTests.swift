// SPDX-License-Identifier: Apache-2.0

import DurableFiles
import SimulatedDisk
import SoftwareUpdate
import Testing

@Suite struct `Where an uploaded bundle lies` {
  private typealias Desk = UploadDesk<SimulatedFolder>
  private static let token = [UInt8](repeating: 7, count: 32)
  private static let plenty: Int64 = 1 << 40

  private static func permit(
    _ number: UInt32 = 1, length: Int64 = 10, node: String = "a", key: String = "k"
  ) -> Desk.Permit {
    Desk.Permit(number: number, token: token, length: length, node: node, key: key)
  }

  private let disk = SimulatedDisk()

  private func desk() throws -> Desk { try Desk(disk.root.folder("spool"), largest: 1 << 20) }

  private func spooled() throws -> [String] { try disk.root.folder("spool").list() }

  @Test(.tags(.`SRS-231`))
  func `SRS-231 a bundle that was permitted comes in parts and is whole at its length`()
    throws
  {
    var desk = try desk()
    let said1 = try desk.permit(Self.permit(), space: Self.plenty, now: 0)
    #expect(said1)
    let said2 = try desk.begin(token: Self.token, now: 1)
    #expect(said2 == false)
    let said3 = try desk.append([1, 2, 3, 4], now: 2)
    #expect(said3 == false)
    #expect(try spooled() == ["1"] && desk.content() == nil)
    let said4 = try desk.append([5, 6, 7, 8, 9, 10], now: 3)
    #expect(said4)
    var stream = try #require(desk.content())
    #expect(try stream.read(100) == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    desk.verified(.taken(kind: "firmware", version: "2"))
    #expect(desk.phase == .taken(kind: "firmware", version: "2"))
    #expect(try spooled().isEmpty)
  }

  @Test(.tags(.`SRS-231`)) func `SRS-231 an empty one is whole at once`() throws {
    var desk = try desk()
    let said5 = try desk.permit(Self.permit(length: 0), space: Self.plenty, now: 0)
    #expect(said5)
    let said6 = try desk.begin(token: Self.token, now: 1)
    #expect(said6)
    var stream = try #require(desk.content())
    #expect(try stream.read(1).isEmpty)
  }

  @Test(.tags(.`SEC-424`)) func `SEC-424 without the token of a permit nothing begins`() throws {
    var desk = try desk()
    #expect(throws: UploadRefusal.notPermitted) { try desk.begin(token: Self.token, now: 0) }
    _ = try desk.permit(Self.permit(), space: Self.plenty, now: 0)
    for token in [[], [UInt8](repeating: 8, count: 32), Array(Self.token.dropLast())] {
      #expect(throws: UploadRefusal.notPermitted) { try desk.begin(token: token, now: 0) }
    }
    // Its time is over, and once begun it begins no second one.
    #expect(throws: UploadRefusal.notPermitted) {
      try desk.begin(token: Self.token, now: Desk.permitLasts)
    }
    _ = try desk.begin(token: Self.token, now: Desk.permitLasts - 1)
    #expect(throws: UploadRefusal.notPermitted) { try desk.begin(token: Self.token, now: 1) }
  }

  @Test(.tags(.`SEC-423`, .`SRS-231`))
  func `SEC-423 SRS-231 one comes at a time, and what cannot fit is refused at once`()
    throws
  {
    var desk = try desk()
    for length: Int64 in [-1, (1 << 20) + 1, .max] {
      #expect(throws: UploadRefusal.tooLarge) {
        try desk.permit(Self.permit(length: length), space: Self.plenty, now: 0)
      }
    }
    let needed = 2 * 10 + Desk.reserve
    #expect(throws: UploadRefusal.noSpace) {
      try desk.permit(Self.permit(), space: needed - 1, now: 0)
    }
    let said7 = try desk.permit(Self.permit(), space: needed, now: 0)
    #expect(said7)
    let other = Self.permit(2, node: "b", key: "l")
    #expect(throws: UploadRefusal.busy) { try desk.permit(other, space: Self.plenty, now: 1) }
    _ = try desk.begin(token: Self.token, now: 1)
    #expect(throws: UploadRefusal.busy) { try desk.permit(other, space: Self.plenty, now: 2) }
    _ = try desk.append([UInt8](repeating: 1, count: 10), now: 2)
    #expect(throws: UploadRefusal.busy) { try desk.permit(other, space: Self.plenty, now: 2) }
    desk.verified(.refused(code: "not-a-bundle"))
    let said8 = try desk.permit(other, space: Self.plenty, now: 3)
    #expect(said8)
  }

  @Test(.tags(.`SRS-233`)) func `SRS-233 the same key of the same node is the same upload`() throws
  {
    var desk = try desk()
    _ = try desk.permit(Self.permit(), space: Self.plenty, now: 0)
    _ = try desk.begin(token: Self.token, now: 0)
    let said9 = try desk.permit(Self.permit(2), space: 0, now: 1)
    #expect(said9 == false)
    _ = try desk.append([UInt8](repeating: 1, count: 10), now: 2)
    desk.verified(.refused(code: "expired"))
    let said10 = try desk.permit(Self.permit(3), space: 0, now: 9)
    #expect(said10 == false)
    #expect(desk.newest?.number == 1 && desk.phase == .refused(code: "expired"))
    #expect(throws: UploadRefusal.keyUsed) {
      try desk.permit(Self.permit(4, length: 11), space: Self.plenty, now: 9)
    }
    // Of another node it is another key.
    let said11 = try desk.permit(Self.permit(5, node: "b"), space: Self.plenty, now: 9)
    #expect(said11)
  }

  @Test(.tags(.`SEC-425`)) func `SEC-425 a byte too many ends the upload and leaves nothing`()
    throws
  {
    var desk = try desk()
    _ = try desk.permit(Self.permit(), space: Self.plenty, now: 0)
    _ = try desk.begin(token: Self.token, now: 0)
    #expect(throws: UploadRefusal.interrupted) {
      try desk.append([UInt8](repeating: 1, count: 11), now: 0)
    }
    #expect(desk.phase == .refused(code: "too-long"))
    #expect(try spooled().isEmpty && desk.received == 0)
    #expect(throws: UploadRefusal.notPermitted) { try desk.append([1], now: 0) }
  }

  @Test(.tags(.`SEC-425`)) func `SEC-425 who sends slowly or nothing is ended in a bounded time`()
    throws
  {
    let length: Int64 = 1 << 20
    // Nothing at all after the permit.
    var desk = try desk()
    _ = try desk.permit(Self.permit(length: length), space: Self.plenty, now: 0)
    let said12 = desk.expire(now: Desk.permitLasts - 1)
    #expect(!said12)
    let said13 = desk.expire(now: Desk.permitLasts)
    #expect(said13)
    #expect(desk.phase == .refused(code: "interrupted"))
    // Quiet in between.
    _ = try desk.permit(Self.permit(2, length: length, key: "2"), space: Self.plenty, now: 100)
    _ = try desk.begin(token: Self.token, now: 100)
    let said14 = desk.expire(now: 100 + Desk.quiet)
    #expect(!said14)
    let said15 = desk.expire(now: 101 + Desk.quiet)
    #expect(said15)
    #expect(try spooled().isEmpty)
    // A byte now and then: the whole has its time.
    _ = try desk.permit(Self.permit(3, length: length, key: "3"), space: Self.plenty, now: 200)
    _ = try desk.begin(token: Self.token, now: 200)
    var now: Int64 = 200
    while !desk.expire(now: now) {
      _ = try desk.append([1], now: now)
      now += 1
      try #require(now < 1_000)
    }
    #expect(now == 200 + Desk.patience(length) + 1 && Desk.patience(length) == 76)
    #expect(try spooled().isEmpty)
    // What is being verified has no such bound, and what is over ends no second time.
    let said16 = desk.expire(now: 10_000)
    #expect(!said16)
  }

  @Test(.tags(.`SRS-232`))
  func `SRS-232 a connection that is gone and a start after a death leave nothing half`() throws {
    var desk = try desk()
    _ = try desk.permit(Self.permit(77), space: Self.plenty, now: 0)
    _ = try desk.begin(token: Self.token, now: 0)
    _ = try desk.append([1], now: 0)
    desk.cut()
    #expect(desk.phase == .refused(code: "interrupted"))
    #expect(try spooled().isEmpty)
    _ = try desk.permit(Self.permit(78, key: "l"), space: Self.plenty, now: 1)
    _ = try desk.begin(token: Self.token, now: 1)
    _ = try desk.append([1], now: 1)
    #expect(try spooled() == ["78"])
    var left: [UInt32] = []
    let second = try Desk(disk.root.folder("spool"), largest: 1 << 20) { left.append($0) }
    #expect(left == [78] && second.phase == .none)
    #expect(try spooled().isEmpty)
  }

  @Test(.tags(.`SRS-231`)) func `SRS-231 a medium that is full ends the upload with a code`() throws
  {
    for (error, code) in [(StorageError.noSpace, "no-space"), (.io, "storage")] {
      let disk = SimulatedDisk()
      var desk = try Desk(disk.root.folder("spool"), largest: 1 << 20)
      _ = try desk.permit(Self.permit(), space: Self.plenty, now: 0)
      _ = try desk.begin(token: Self.token, now: 0)
      let place = disk.operations + 1
      disk.fail(place...place, with: error)
      #expect(throws: UploadRefusal.noSpace) { try desk.append([1], now: 0) }
      #expect(desk.phase == .refused(code: code))
    }
  }

  @Test(.tags(.`SEC-427`))
  func `SEC-427 a refusal keeps the permit that it came by until it is told`() throws {
    let device = try Device(Publisher())
    var slots = try device.slots()
    try slots.remember(refusal: "expired", permit: 9)
    try slots.remember(refusal: "not-a-bundle")
    slots = try device.slots()
    #expect(slots.journal.refusal.map { [$0.number, $0.permit] } == [1, 9])
    try slots.recordedRefusal(1)
    slots = try device.slots()
    #expect(slots.journal.refusal.map { [$0.number, $0.permit] } == [2, 0])
    // The newest are kept, each with its own.
    for number in 1...40 { try slots.remember(refusal: "code", permit: UInt32(number)) }
    slots = try device.slots()
    #expect(slots.journal.permits == (9...40).map { UInt32($0) })
    #expect(slots.journal.untold.count == slots.journal.permits.count)
  }
}
