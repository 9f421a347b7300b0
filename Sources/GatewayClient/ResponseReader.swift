// SPDX-License-Identifier: Apache-2.0

/// Why what a server sends is no answer.
public enum ResponseFault: Error, Hashable, Sendable {
  /// Not HTTP/1.1 as RFC 9112 has it; the word says what.
  case notHTTP(String)
  /// More than the reader takes.
  case tooLarge
  /// The connection ended before the answer did.
  case cut
}

/// The beginning of an answer.
public struct ResponseHead: Hashable, Sendable {
  public let status: Int
  /// Names in lower case, in the order in which they came.
  public let fields: [Field]

  public struct Field: Hashable, Sendable {
    public let name: String
    public let value: String
  }

  /// The value of a field that stands once.
  public func only(_ name: String) -> String? {
    let found = fields.filter { $0.name == name }
    return found.count == 1 ? found[0].value : nil
  }

  /// The kind of content without its parameters, in lower case.
  public var content: String? {
    only("content-type").map { value in
      String(value.prefix { $0 != ";" }.filter { $0 != " " }).lowercased()
    }
  }

  /// Seconds after which it is worth to ask again, when the server says so in at most 9 digits.
  public var retryAfter: Int? {
    only("retry-after").flatMap { $0.utf8.count <= 9 ? Int($0) : nil }
  }

  /// Whether the server keeps the connection.
  public var keeps: Bool { only("connection")?.lowercased() != "close" }
}

/// Reads one answer of HTTP/1.1 from the bytes that come, whatever their division.
///
/// Stricter than RFC 9112 asks for: lines end with CR LF, nothing is folded, a body has either a length or chunks
/// (never both, never the end of the connection), chunks have no extensions and no trailer, and no interim answer is
/// taken, since none is asked for.
// SEC-435: bounded before it is kept; nothing traps, whatever the bytes.
public struct ResponseReader: Sendable {
  public static let longestHead = 16_384
  public static let mostFields = 64

  private enum State: Sendable {
    case head
    case length(left: Int)
    case chunkLine
    case chunk(left: Int)
    case chunkEnd
    case lastLine
    case done
  }

  private var state = State.head
  private var waiting: [UInt8] = []
  private var total = 0
  private let limit: Int
  public private(set) var head: ResponseHead?

  /// - Parameter limit: the most bytes of a body; `Int.max` for one that has no end.
  public init(limit: Int) { self.limit = limit }

  public var isDone: Bool { if case .done = state { true } else { false } }

  /// Takes the next bytes and gives what is of the body.
  public mutating func take(_ bytes: [UInt8]) throws(ResponseFault) -> [UInt8] {
    waiting += bytes
    var body: [UInt8] = []
    var place = 0
    while try step(&place, into: &body) {}
    waiting.removeFirst(place)
    return body
  }

  /// The connection ended.
  public func end() throws(ResponseFault) { guard isDone else { throw .cut } }

  /// One step; false when bytes are missing.
  private mutating func step(
    _ place: inout Int, into body: inout [UInt8]
  ) throws(ResponseFault) -> Bool {
    switch state {
    case .head:
      // What begins otherwise is refused before more of it comes.
      guard
        waiting[place...].prefix(9).elementsEqual("HTTP/1.1 ".utf8.prefix(waiting.count - place))
      else { throw .notHTTP("the first line") }
      guard let end = endOfHead(place) else {
        guard waiting.count - place <= Self.longestHead else { throw .tooLarge }
        return false
      }
      guard end - place <= Self.longestHead else { throw .tooLarge }
      let head = try Self.head(waiting[place..<(end - 4)])
      place = end
      self.head = head
      state = try Self.framing(head, limit: limit)
      return true
    case .length(let left):
      let count = min(left, waiting.count - place)
      try keep(count, &place, &body)
      state = left == count ? .done : .length(left: left - count)
      return left == count
    case .chunkLine:
      guard let line = try line(&place, longest: 8) else { return false }
      guard !line.isEmpty, let size = Int(String(decoding: line, as: UTF8.self), radix: 16),
        line.first != 0x2b, line.first != 0x2d
      else { throw .notHTTP("the size of a chunk") }
      state = size == 0 ? .lastLine : .chunk(left: size)
      return true
    case .chunk(let left):
      let count = min(left, waiting.count - place)
      try keep(count, &place, &body)
      state = left == count ? .chunkEnd : .chunk(left: left - count)
      return left == count
    case .chunkEnd:
      guard let line = try line(&place, longest: 0) else { return false }
      guard line.isEmpty else { throw .notHTTP("the end of a chunk") }
      state = .chunkLine
      return true
    case .lastLine:
      guard let line = try line(&place, longest: 0) else { return false }
      guard line.isEmpty else { throw .notHTTP("a trailer") }
      state = .done
      return true
    case .done:
      guard waiting.count == place else { throw .notHTTP("something follows the answer") }
      return false
    }
  }

  private mutating func keep(
    _ count: Int, _ place: inout Int, _ body: inout [UInt8]
  ) throws(ResponseFault) {
    guard count <= limit - total else { throw .tooLarge }
    // One that has no end is not counted.
    if limit != .max { total += count }
    body += waiting[place..<(place + count)]
    place += count
  }

  /// A line of so many bytes at most, without its end.
  private func line(
    _ place: inout Int, longest: Int
  ) throws(ResponseFault) -> ArraySlice<UInt8>? {
    let rest = waiting[place...].prefix(longest + 1)
    guard let end = rest.firstIndex(of: 0x0d) else {
      guard rest.count < longest + 1 else { throw .notHTTP("a line of chunks") }
      return nil
    }
    guard end + 1 < waiting.count else { return nil }
    guard waiting[end + 1] == 0x0a else { throw .notHTTP("the end of a line") }
    defer { place = end + 2 }
    return waiting[place..<end]
  }

  private func endOfHead(_ place: Int) -> Int? {
    var index = place
    while index + 3 < waiting.count {
      if waiting[index] == 0x0d, waiting[index + 1] == 0x0a, waiting[index + 2] == 0x0d,
        waiting[index + 3] == 0x0a
      {
        return index + 4
      }
      index += 1
    }
    return nil
  }

  private static func head(_ bytes: ArraySlice<UInt8>) throws(ResponseFault) -> ResponseHead {
    guard bytes.allSatisfy({ ($0 >= 0x20 && $0 < 0x7f) || $0 == 0x0d || $0 == 0x0a }) else {
      throw .notHTTP("a character in the head")
    }
    var lines: [Substring] = []
    let text = String(decoding: bytes, as: UTF8.self)
    for line in text.split(separator: "\r\n", omittingEmptySubsequences: false) {
      guard !line.utf8.contains(0x0d), !line.utf8.contains(0x0a) else {
        throw .notHTTP("the end of a line")
      }
      lines.append(line)
    }
    let words = lines[0].split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2, words[0] == "HTTP/1.1", words[1].utf8.count == 3,
      let status = Int(words[1]), (200...599).contains(status)
    else { throw .notHTTP("the first line") }
    guard lines.count - 1 <= mostFields else { throw .tooLarge }
    var fields: [ResponseHead.Field] = []
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":"), colon > line.startIndex,
        line[..<colon].utf8.allSatisfy({ isToken($0) })
      else { throw .notHTTP("a field") }
      let value = line[line.index(after: colon)...].drop { $0 == " " }
      fields.append(
        ResponseHead.Field(name: line[..<colon].lowercased(), value: String(value)))
    }
    return ResponseHead(status: status, fields: fields)
  }

  private static func isToken(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
    default: false
    }
  }

  /// Two opinions of where a body ends are none.
  private static func framing(_ head: ResponseHead, limit: Int) throws(ResponseFault) -> State {
    let lengths = head.fields.filter { $0.name == "content-length" }
    let codings = head.fields.filter { $0.name == "transfer-encoding" }
    if head.status == 204 || head.status == 304 {
      guard codings.isEmpty, lengths.allSatisfy({ $0.value == "0" }) else {
        throw .notHTTP("a body that there is not")
      }
      return .done
    }
    guard lengths.count + codings.count == 1 else { throw .notHTTP("the length of the body") }
    if let coding = codings.first {
      guard coding.value.lowercased() == "chunked" else { throw .notHTTP("the coding of the body") }
      return .chunkLine
    }
    let text = lengths[0].value
    guard (1...15).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
      let length = Int(text)
    else { throw .notHTTP("the length of the body") }
    // Refused before a byte is kept.
    guard length <= limit else { throw .tooLarge }
    return length == 0 ? .done : .length(left: length)
  }
}
