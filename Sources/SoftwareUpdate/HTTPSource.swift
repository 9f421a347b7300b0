// SPDX-License-Identifier: Apache-2.0

public import PlainHTTP
public import UpdateMetadata

/// Metadata and targets from a server, over plain HTTP: every byte is proved by signatures.
public struct HTTPSource: MetadataSource, Sendable {
  private let metadataAddress: String
  private let http: PlainHTTP

  /// - Parameter metadataAddress: `http://host[:port]/path` of the folder with `timestamp.json`.
  public init(metadataAddress: String, http: PlainHTTP = PlainHTTP()) {
    self.metadataAddress = Self.folder(metadataAddress)
    self.http = http
  }

  public mutating func metadata(_ name: String, limit: Int) throws(UpdateRefusal) -> [UInt8]? {
    var bytes: [UInt8] = []
    let found = try get(metadataAddress + Self.quoted(name), name, limit: limit) {
      bytes += $0
    }
    return found ? bytes : nil
  }

  /// Fetches a target in parts of at most 64 KiB; the caller checks what comes.
  public func target(
    _ target: TargetFile, consistent: Bool, at address: String, receive: ([UInt8]) -> Void
  ) throws(UpdateRefusal) {
    let name = target.nameInRepository(consistent: consistent)
    let found = try get(
      Self.folder(address) + Self.quoted(name), target.name, limit: Int(clamping: target.length),
      receive)
    guard found else { throw .notFound(target.name) }
  }

  private func get(_ address: String, _ name: String, limit: Int, _ receive: ([UInt8]) -> Void)
    throws(UpdateRefusal) -> Bool
  {
    do { return try http.get(address, limit: limit, receive: receive) } catch {
      switch error {
      case .tooLarge: throw .tooLarge(name)
      case .badAddress: throw .unavailable("not an address: http://host[:port]/path")
      case .unreachable: throw .unavailable("no connection")
      case .slow: throw .unavailable("too slow")
      case .cut: throw .unavailable("the connection was cut")
      case .badAnswer: throw .unavailable("not an HTTP answer")
      case .status(let status): throw .unavailable("status \(status)")
      }
    }
  }

  private static func folder(_ address: String) -> String {
    address.hasSuffix("/") ? address : address + "/"
  }

  /// Percent-encodes all but unreserved characters and the slash (RFC 3986 §2).
  public static func quoted(_ name: String) -> String {
    var text = ""
    for byte in name.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let hex = String(byte, radix: 16, uppercase: true)
        text += hex.count == 1 ? "%0\(hex)" : "%\(hex)"
      }
    }
    return text
  }
}
