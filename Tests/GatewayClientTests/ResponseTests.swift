// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import GatewayClient

private let chunked = Array(
  ("HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nTransfer-Encoding: chunked\r\n"
    + "Retry-After: 7\r\n\r\n5\r\nhello\r\n1\r\n!\r\n0\r\n\r\n").utf8)
private let measured = Array(
  "HTTP/1.1 200 OK\r\ncontent-length: 6\r\nConnection: close\r\n\r\nhello!".utf8)

/// Reads in pieces of a size; the body, or why not.
private func read(_ bytes: [UInt8], by size: Int, limit: Int = 1_000) -> Result<
  ([UInt8], ResponseHead?), ResponseFault
> {
  Result { () throws(ResponseFault) in
    var reader = ResponseReader(limit: limit)
    var body: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      body += try reader.take(Array(bytes[start..<min(start + size, bytes.count)]))
    }
    try reader.end()
    return (body, reader.head)
  }
}

@Suite struct ResponseTests {
  @Test(.tags(.`SEC-435`)) func `SEC-435 an answer is the same whatever its division`() throws {
    for bytes in [chunked, measured] {
      for size in 1...bytes.count {
        let (body, head) = try read(bytes, by: size).get()
        #expect(body == Array("hello!".utf8) && head?.status == 200)
      }
    }
    let (_, head) = try read(chunked, by: 7).get()
    #expect(head?.content == "application/json" && head?.retryAfter == 7 && head?.keeps == true)
    #expect(try read(measured, by: 9).get().1?.keeps == false)
  }

  @Test(.tags(.`SEC-435`)) func `SEC-435 no division lets a body be longer than its limit`() {
    for bytes in [chunked, measured] {
      for size in 1...bytes.count {
        guard case .failure(.tooLarge) = read(bytes, by: size, limit: 5) else {
          Issue.record("taken in pieces of \(size)")
          continue
        }
      }
    }
    let long = Array(("HTTP/1.1 200 OK\r\nX: " + String(repeating: "a", count: 20_000)).utf8)
    guard case .failure(.tooLarge) = read(long, by: 100) else {
      Issue.record("a head without a bound")
      return
    }
    let many = "HTTP/1.1 200 OK\r\n" + String(repeating: "a: b\r\n", count: 65) + "\r\n"
    guard case .failure(.tooLarge) = read(Array(many.utf8), by: 100) else {
      Issue.record("fields without a bound")
      return
    }
  }

  @Test(.tags(.`SEC-435`)) func `SEC-435 twenty thousand spoiled answers are read or refused`() {
    var refused = 0
    for (seed, good) in [chunked, measured].enumerated() {
      mutations(of: good, count: 10_000, seed: UInt64(seed) + 3) { bytes in
        var chance = Chance(UInt64(bytes.count))
        switch read(bytes, by: 1 + chance.below(64)) {
        case .success((let body, _)): #expect(body.count <= 1_000)
        case .failure: refused += 1
        }
      }
    }
    #expect(refused > 10_000)
  }
}

@Suite struct EventReaderTests {
  private static let good = Array(
    """
    : here

    id: abc-12
    event: pump
    data: {"a":-1,"at_ns":5,"b":2,"kind":"k","source":"control","subject":3}

    event: missed
    data: {"count":null}


    """.utf8)

  private func read(_ bytes: [UInt8], by size: Int) -> [StreamEntry]? {
    var reader = EventReader()
    var entries: [StreamEntry] = []
    for start in stride(from: 0, to: bytes.count, by: size) {
      guard let next = try? reader.take(Array(bytes[start..<min(start + size, bytes.count)]))
      else { return nil }
      entries += next
    }
    return entries
  }

  @Test(.tags(.`SEC-435`)) func `SEC-435 a stream is the same whatever its division`() {
    let event = StreamEntry.event(
      ToldEvent(source: "control", kind: "k", subject: 3, a: -1, b: 2, at: 5), id: "abc-12")
    for size in 1...Self.good.count {
      #expect(read(Self.good, by: size) == [event, .missed(nil)])
    }
  }

  @Test(.tags(.`SEC-435`))
  func `SEC-435 an entry is bounded and twenty thousand spoiled ones do not trap`() {
    #expect(read([UInt8](repeating: 0x61, count: 9_000), by: 100) == nil)
    var refused = 0
    mutations(of: Self.good, count: 20_000, seed: 11) { bytes in
      if read(bytes, by: 1 + bytes.count % 50) == nil { refused += 1 }
    }
    #expect(refused > 5_000)
    #expect(
      !EventReader.isID("a-1\n") && !EventReader.isID("abcdefgh-1") && EventReader.isID("0-0"))
  }
}
