// SPDX-License-Identifier: Apache-2.0

/// Reads an archive of POSIX ustar with plain files alone, from the bytes that come, whatever their division.
///
/// The pump's export of its audit log is one. A path is relative, of components that may name a file, and no file
/// comes twice in a row; links, folders, long names and bytes behind the end are refused.
// SEC-437: no name leads out of the folder, and nothing traps, whatever the bytes.
public struct ArchiveReader: Sendable {
  public enum Fault: Error, Hashable, Sendable {
    case header
    case checksum
    /// Something else than a plain file.
    case kind
    case path
    case afterEnd
    /// The archive ended before its end.
    case cut
  }

  public enum Piece: Hashable, Sendable {
    /// A file begins: the components of its path, and its length in bytes.
    case file([String], length: Int)
    case bytes([UInt8])
  }

  private enum State: Sendable {
    case header
    case file(left: Int, padding: Int)
    case padding(Int)
    case secondEnd
    case done
  }

  private static let block = 512
  private var state = State.header
  private var waiting: [UInt8] = []

  public init() {}

  /// Takes the next bytes and gives what they complete.
  public mutating func take(_ bytes: [UInt8]) throws(Fault) -> [Piece] {
    waiting += bytes
    var pieces: [Piece] = []
    var place = 0
    loop: while true {
      let left = waiting.count - place
      switch state {
      case .header:
        guard left >= Self.block else { break loop }
        let header = Array(waiting[place..<(place + Self.block)])
        place += Self.block
        if header.allSatisfy({ $0 == 0 }) {
          state = .secondEnd
          continue
        }
        let (path, length) = try Self.file(header)
        pieces.append(.file(path, length: length))
        let padding = (Self.block - length % Self.block) % Self.block
        state = length == 0 ? .header : .file(left: length, padding: padding)
      case .file(let wanted, let padding):
        guard left > 0 else { break loop }
        let count = min(wanted, left)
        pieces.append(.bytes(Array(waiting[place..<(place + count)])))
        place += count
        state =
          count < wanted
          ? .file(left: wanted - count, padding: padding)
          : padding == 0 ? .header : .padding(padding)
      case .padding(let count):
        guard left >= count else { break loop }
        guard waiting[place..<(place + count)].allSatisfy({ $0 == 0 }) else { throw .header }
        place += count
        state = .header
      case .secondEnd:
        guard left >= Self.block else { break loop }
        guard waiting[place..<(place + Self.block)].allSatisfy({ $0 == 0 }) else { throw .header }
        place += Self.block
        state = .done
      case .done:
        guard left == 0 else { throw .afterEnd }
        break loop
      }
    }
    waiting.removeFirst(place)
    return pieces
  }

  /// Nothing more comes.
  public func end() throws(Fault) {
    guard case .done = state else { throw .cut }
  }

  private static func file(_ header: [UInt8]) throws(Fault) -> ([String], Int) {
    guard header[257..<265].elementsEqual("ustar\u{0}00".utf8) else { throw .header }
    var sum = 0
    for (index, byte) in header.enumerated() {
      sum += (148..<156).contains(index) ? 0x20 : Int(byte)
    }
    guard try octal(header[148..<154]) == sum else { throw .checksum }
    guard header[156] == 0x30 else { throw .kind }
    // No prefix and no link.
    guard header[157..<257].allSatisfy({ $0 == 0 }), header[345..<500].allSatisfy({ $0 == 0 })
    else { throw .header }
    let length = try octal(header[124..<135])
    let name = header[0..<100].prefix { $0 != 0 }
    guard header[name.count..<100].allSatisfy({ $0 == 0 }) else { throw .path }
    let parts = String(decoding: name, as: UTF8.self).split(
      separator: "/", omittingEmptySubsequences: false
    ).map(String.init)
    guard parts.count <= 8, parts.allSatisfy(isComponent) else { throw .path }
    return (parts, length)
  }

  private static func octal(_ digits: ArraySlice<UInt8>) throws(Fault) -> Int {
    var number = 0
    for digit in digits {
      guard (0x30...0x37).contains(digit) else { throw .header }
      number = number << 3 | Int(digit - 0x30)
    }
    return number
  }

  private static func isComponent(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count) && text.utf8.first != 0x2e
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f: true
        default: false
        }
      }
  }
}
