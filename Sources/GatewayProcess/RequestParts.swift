// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import NIOCore
import ServiceAPI
import StrictJSON

/// Parts of a request that more than one route reads.
extension Request {
  /// The longest body of JSON, in bytes.
  static var longestBody: Int { 4_096 }

  /// The body, which has to be an object of JSON and to say so.
  func json() async throws -> [JSONNode.Member] {
    // SEC-375: a page in a browser that has a certificate cannot send this.
    guard let type = headers[.contentType],
      type.split(separator: ";").first?.lowercased() == "application/json"
    else { throw Problem(.media, "expected application/json") }
    var request = self
    let body: ByteBuffer
    do {
      body = try await request.collectBody(upTo: Self.longestBody)
    } catch is NIOTooManyBytesError {
      throw Problem(.tooLarge, "more than \(Self.longestBody) bytes")
    }
    let node: JSONNode
    do {
      node = try JSONReader.read(
        Array(body.readableBytesView),
        limits: JSONLimits(depth: 2, size: Self.longestBody, integer: JSONLimits.exactInteger))
    } catch {
      throw Problem(.request, "\(error.place.line):\(error.place.column): \(error.reason)")
    }
    guard let members = node.members else {
      throw Problem(.request, "expected an object, not \(node.kindName)")
    }
    return members
  }

  // SEC-375: a header that no page of another origin can make a browser send.
  /// What makes a request that is sent again the same one.
  func idempotencyKey() throws(Problem) -> String {
    let keys = headers.filter { $0.name.canonicalName == "idempotency-key" }.map(\.value)
    guard keys.count == 1, let key = keys.first,
      (1...ProposalView.longestKey).contains(key.utf8.count),
      key.utf8.allSatisfy(Self.isOfKey)
    else {
      throw Problem(.request, "Idempotency-Key: expected 1 to 64 letters, digits, '-' and '_'")
    }
    return key
  }

  private static func isOfKey(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  // SEC-407: a session comes in this header alone, never in a path or query, which others write down.
  /// The token of the person's session; nil when the request names none.
  func session() throws(Problem) -> String? {
    let values = headers.filter { $0.name.canonicalName == "authorization" }.map(\.value)
    guard let value = values.first else { return nil }
    let words = value.split(separator: " ")
    guard values.count == 1, words.count == 2, words[0].lowercased() == "bearer",
      words[1].utf8.count == 64, words[1].utf8.allSatisfy(Self.isHexDigit)
    else { throw .notSignedIn }
    return String(words[1])
  }

  /// The highest number that JSON carries exactly everywhere.
  static var mostNumber: Int64 { JSONLimits.exactInteger - 1 }

  /// Where a list is to begin; 0 when the request does not say.
  func from() throws(Problem) -> Int64 {
    let values = uri.queryParameters.getAll("from")
    guard let value = values.first else { return 0 }
    guard values.count == 1, let number = Int64(value), (0...Self.mostNumber).contains(number)
    else { throw Problem(.request, "from: expected a whole number") }
    return number
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
  }
}
