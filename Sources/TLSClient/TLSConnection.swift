// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A TLS connection to a server that proved to be who it should be.
public final class TLSConnection {
  private let wire: Wire
  private let engine: TLSEngine

  /// Connects and shakes hands.
  ///
  /// Looking the host up is the system's affair and takes the time that its resolver is set to.
  ///
  /// - Parameters:
  ///   - host: a DNS name or an address.
  ///   - name: the DNS name that the server's certificate must have.
  ///   - patience: milliseconds for connection and handshake together.
  ///   - waiting: called several times a second while nothing comes.
  public init(
    host: String, port: UInt16, name: String, identity: TLSIdentity, patience: Int,
    waiting: () -> Void = {}
  ) throws(TLSFailure) {
    let end = monotonicMilliseconds() + patience
    engine = try TLSEngine(identity, name: name)
    wire = try Wire(host: host, port: port, until: end, waiting: waiting)
    while true {
      let done: Bool
      do throws(TLSFailure) { done = try engine.handshake() } catch {
        // The alert that says why goes out as far as the wire takes it.
        try? wire.send(engine.given(), until: end)
        throw error
      }
      try wire.send(engine.given(), until: end)
      if done { return }
      guard let bytes = try wire.receive(until: end, waiting: waiting) else { throw .slow }
      guard !bytes.isEmpty else { throw .cut }
      try engine.take(bytes)
    }
  }

  /// Sends everything.
  ///
  /// - Parameter patience: milliseconds after which a server that takes nothing is given up.
  public func send(_ bytes: [UInt8], patience: Int) throws(TLSFailure) {
    let end = monotonicMilliseconds() + patience
    for start in stride(from: 0, to: bytes.count, by: 16_384) {
      try engine.write(Array(bytes[start..<min(start + 16_384, bytes.count)]))
      try wire.send(engine.given(), until: end)
    }
  }

  /// The next bytes; nil when none came within these milliseconds, none when the server said its last.
  public func receive(within patience: Int) throws(TLSFailure) -> [UInt8]? {
    let end = monotonicMilliseconds() + patience
    while true {
      if let bytes = try engine.read() { return bytes }
      // What TLS itself has to answer.
      try wire.send(engine.given(), until: end + 1_000)
      guard let bytes = try wire.receive(until: end, waiting: {}) else { return nil }
      guard !bytes.isEmpty else { throw .cut }
      try engine.take(bytes)
    }
  }
}

/// A connected socket, closed with its owner.
private final class Wire {
  private let socket: Int32

  init(host: String, port: UInt16, until end: Int, waiting: () -> Void) throws(TLSFailure) {
    var hints = unsafe addrinfo()
    unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard unsafe getaddrinfo(host, "\(port)", &hints, &list) == 0 else { throw .noSuchHost }
    defer { unsafe freeaddrinfo(list) }
    var next = unsafe list
    var isSlow = false
    while let entry = unsafe next {
      unsafe next = entry.pointee.ai_next
      let kind =
        unsafe entry.pointee.ai_socktype
        | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
      let number = unsafe Glibc.socket(entry.pointee.ai_family, kind, 0)
      guard number >= 0 else { continue }
      let result = unsafe connect(number, entry.pointee.ai_addr, entry.pointee.ai_addrlen)
      if result != 0, errno == EINPROGRESS {
        isSlow = !isReady(number, Int16(POLLOUT), until: end, waiting: waiting)
      }
      var trouble: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      let known = unsafe getsockopt(number, SOL_SOCKET, SO_ERROR, &trouble, &size)
      if !isSlow, known == 0, trouble == 0, result == 0 || isConnected(number) {
        socket = number
        return
      }
      close(number)
      if isSlow { break }
    }
    throw isSlow ? .slow : .unreachable
  }

  deinit { close(socket) }

  func send(_ bytes: [UInt8], until end: Int) throws(TLSFailure) {
    var done = 0
    while done < bytes.count {
      let result = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.send(
          socket, buffer.baseAddress?.advanced(by: done), bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      if result > 0 {
        done += result
      } else if errno == EAGAIN {
        guard isReady(socket, Int16(POLLOUT), until: end, waiting: {}) else { throw .slow }
      } else if errno != EINTR {
        throw .cut
      }
    }
  }

  /// The next bytes; nil when none came in time, none at the end.
  func receive(until end: Int, waiting: () -> Void) throws(TLSFailure) -> [UInt8]? {
    while true {
      var why: Int32 = 0
      var result = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
        result = unsafe recv(socket, buffer.baseAddress, buffer.count, 0)
        why = errno
        count = max(0, result)
      }
      if result >= 0 { return bytes }
      if why == EAGAIN {
        guard isReady(socket, Int16(POLLIN), until: end, waiting: waiting) else { return nil }
      } else if why != EINTR {
        throw .cut
      }
    }
  }
}

private func isConnected(_ socket: Int32) -> Bool {
  var address = sockaddr_storage()
  var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
  return unsafe withUnsafeMutablePointer(to: &address) { pointer in
    unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
      unsafe getpeername(socket, pointer, &size) == 0
    }
  }
}

/// Waits in short turns; false when the time is over.
private func isReady(_ socket: Int32, _ what: Int16, until end: Int, waiting: () -> Void) -> Bool {
  while true {
    let left = end - monotonicMilliseconds()
    var entry = pollfd(fd: socket, events: what, revents: 0)
    if unsafe poll(&entry, 1, Int32(max(0, min(left, 250)))) > 0 { return true }
    if left <= 0 { return false }
    waiting()
  }
}

private func monotonicMilliseconds() -> Int {
  var time = timespec()
  unsafe clock_gettime(CLOCK_MONOTONIC, &time)
  return time.tv_sec * 1_000 + time.tv_nsec / 1_000_000
}
