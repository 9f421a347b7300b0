// SPDX-License-Identifier: Apache-2.0

/// Where a pump's gateway is: `https://HOST:PORT`, and nothing else.
public struct GatewayAddress: Hashable, Sendable, CustomStringConvertible {
  /// The longest host, in bytes.
  public static let longestHost = 253

  /// A DNS name, an IPv4 address, or an IPv6 address without its brackets.
  public let host: String
  public let port: UInt16

  /// - Throws: ``ProfileMistake/address`` for anything else, also without a port.
  public init(_ text: String) throws(ProfileMistake) {
    let scheme = "https://"
    guard text.hasPrefix(scheme), text.utf8.count <= 300 else { throw .address }
    var rest = text.dropFirst(scheme.count)
    if rest.last == "/" { rest.removeLast() }
    guard let colon = rest.lastIndex(of: ":") else { throw .address }
    let digits = rest[rest.index(after: colon)...]
    var host = rest[..<colon]
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits),
      port > 0
    else { throw .address }
    if host.first == "[", host.last == "]", host.utf8.count > 2 {
      host = host.dropFirst().dropLast()
      guard host.contains(":"),
        host.utf8.allSatisfy({ isHexadecimal($0) || $0 == 0x3a || $0 == 0x2e })
      else { throw .address }
    } else {
      guard isHostName(String(host)) else { throw .address }
    }
    self.host = String(host)
    self.port = port
  }

  public var description: String {
    "https://" + (host.contains(":") ? "[\(host)]" : host) + ":\(port)"
  }
}

private func isHexadecimal(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
  default: false
  }
}

/// Letters, digits, `-` and `.`, as DNS names and IPv4 addresses have them.
func isHostName(_ text: String) -> Bool {
  (1...GatewayAddress.longestHost).contains(text.utf8.count)
    && text.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e: true
      default: false
      }
    }
    && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
      !$0.isEmpty && $0.first != "-" && $0.last != "-"
    }
}
