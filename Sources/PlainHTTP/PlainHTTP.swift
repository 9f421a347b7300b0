// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Why a file did not come over HTTP.
public enum HTTPFailure: Error, Hashable, Sendable {
  /// Not `http://host[:port]/path`.
  case badAddress
  /// No connection.
  case unreachable
  /// No byte within the time allowed, or too few of them.
  case slow
  /// More bytes than the caller takes.
  case tooLarge
  /// The connection ended before the announced length.
  case cut
  /// Not an answer as RFC 9112 has it.
  case badAnswer
  /// Any other status than 200, 403 and 404.
  case status(Int)
}

/// One GET after another over plain HTTP/1.0, for files that carry their own proof.
///
/// A connection serves one file and is closed. What comes is untrusted; it is bounded in bytes, in
/// the silence between two reads, and in its slowest average rate.
public struct PlainHTTP: Sendable {
  /// Seconds without a byte after which a source is given up.
  public var silence: Int
  /// Bytes a second that a source must reach on average once `silence` seconds have passed.
  public var slowest: Int

  public init(silence: Int = 10, slowest: Int = 1024) {
    self.silence = silence
    self.slowest = slowest
  }

  /// Fetches a file and hands it over in parts of at most 64 KiB.
  ///
  /// - Returns: false when the server has no such file (403 or 404).
  public func get(
    _ address: String, limit: Int, receive: ([UInt8]) -> Void
  ) throws(HTTPFailure) -> Bool {
    let place = try Address(address)
    let connection = try Connection(place, silence: silence)
    try connection.send(
      Array(
        "GET \(place.path) HTTP/1.0\r\nHost: \(place.authority)\r\nAccept: */*\r\n\r\n".utf8))
    var head: [UInt8] = []
    var body: [UInt8] = []
    while true {
      let part = try connection.receive()
      guard !part.isEmpty else { throw .badAnswer }
      head += part
      if let end = Self.endOfHead(head) {
        body = Array(head[end...])
        head = Array(head[..<end])
        break
      }
      guard head.count <= 16_384 else { throw .badAnswer }
    }
    let answer = try Answer(head)
    switch answer.status {
    case 200: break
    case 403, 404: return false
    default: throw .status(answer.status)
    }
    // SEC-307: refused before a byte is stored, when the length is announced too large.
    if let length = answer.length, length > limit { throw .tooLarge }
    try readBody(body, answer.length, limit, connection, receive)
    return true
  }

  private func readBody(
    _ first: [UInt8], _ length: Int?, _ limit: Int, _ connection: Connection,
    _ receive: ([UInt8]) -> Void
  ) throws(HTTPFailure) {
    let start = monotonicSeconds()
    var part = first
    var total = 0
    while true {
      total += part.count
      guard total <= limit else { throw .tooLarge }
      if let length, total > length { throw .badAnswer }
      if !part.isEmpty { receive(part) }
      if let length, total == length { return }
      let passed = monotonicSeconds() - start
      // SEC-311: a source that drips is given up, not waited for.
      if passed > silence, total / passed < slowest { throw .slow }
      part = try connection.receive()
      if part.isEmpty {
        guard length == nil else { throw .cut }
        return
      }
    }
  }

  private static func endOfHead(_ bytes: [UInt8]) -> Int? {
    guard bytes.count >= 4 else { return nil }
    for index in 0...(bytes.count - 4)
    where bytes[index] == 13 && bytes[index + 1] == 10 && bytes[index + 2] == 13
      && bytes[index + 3] == 10
    {
      return index + 4
    }
    return nil
  }

  private func monotonicSeconds() -> Int {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec
  }
}

/// The parts of `http://host[:port]/path`.
struct Address {
  var host: String
  var port: String
  var path: String

  init(_ text: String) throws(HTTPFailure) {
    guard text.hasPrefix("http://"), text.utf8.count <= 4096,
      text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f })
    else { throw .badAddress }
    let rest = text.dropFirst(7)
    let authority = rest.prefix { $0 != "/" }
    path = String(rest.dropFirst(authority.count))
    if path.isEmpty { path = "/" }
    let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
    guard let host = parts.first, !host.isEmpty, parts.count <= 2, !authority.contains("@") else {
      throw .badAddress
    }
    self.host = String(host)
    port = parts.count == 2 ? String(parts[1]) : "80"
    guard let number = UInt16(port), number > 0 else { throw .badAddress }
  }

  var authority: String { "\(host):\(port)" }
}

/// The status line and the one field that is used.
struct Answer {
  var status: Int
  var length: Int?

  init(_ head: [UInt8]) throws(HTTPFailure) {
    guard let text = String(validating: head, as: UTF8.self) else { throw .badAnswer }
    var lines = text.split(separator: "\r\n")[...]
    guard let line = lines.popFirst(), line.hasPrefix("HTTP/1.") else { throw .badAnswer }
    let words = line.split(separator: " ")
    guard words.count >= 2, let status = Int(words[1]) else { throw .badAnswer }
    self.status = status
    for line in lines {
      guard let colon = line.firstIndex(of: ":") else { throw .badAnswer }
      let name = line[..<colon].lowercased()
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      switch name {
      case "content-length":
        // Two lengths are two opinions of where the body ends.
        guard length == nil, value.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
          let number = Int(value)
        else { throw .badAnswer }
        length = number
      case "transfer-encoding": throw .badAnswer
      default: break
      }
    }
  }
}

/// A connected socket, closed with its owner.
final class Connection {
  private let socket: Int32

  init(_ address: Address, silence: Int) throws(HTTPFailure) {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(address.host, address.port, &hints, &list) == 0 else {
      throw .unreachable
    }
    defer { unsafe freeaddrinfo(list) }
    var next = unsafe list
    while let entry = unsafe next {
      let number = unsafe Glibc.socket(
        entry.pointee.ai_family, entry.pointee.ai_socktype | Int32(SOCK_CLOEXEC.rawValue), 0)
      if number >= 0 {
        var patience = timeval(tv_sec: silence, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        unsafe setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        unsafe setsockopt(number, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        if unsafe connect(number, entry.pointee.ai_addr, entry.pointee.ai_addrlen) == 0 {
          socket = number
          return
        }
        close(number)
      }
      unsafe next = entry.pointee.ai_next
    }
    throw .unreachable
  }

  deinit { close(socket) }

  func send(_ bytes: [UInt8]) throws(HTTPFailure) {
    var done = 0
    while done < bytes.count {
      let result = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.send(
          socket, buffer.baseAddress?.advanced(by: done), bytes.count - done,
          Int32(MSG_NOSIGNAL))
      }
      if result > 0 {
        done += result
      } else if errno != EINTR {
        throw .unreachable
      }
    }
  }

  /// The next bytes; none when the other side is done.
  func receive() throws(HTTPFailure) -> [UInt8] {
    var failure: HTTPFailure?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
      while true {
        let result = unsafe recv(socket, buffer.baseAddress, buffer.count, 0)
        if result >= 0 {
          count = result
          return
        }
        if errno == EINTR { continue }
        failure = errno == EAGAIN || errno == EWOULDBLOCK ? .slow : .cut
        return
      }
    }
    if let failure { throw failure }
    return bytes
  }
}
