// SPDX-License-Identifier: Apache-2.0

import Domain
import ServiceAPI

/// Something that the panel asks of the service at its socket for people.
public struct PanelRequest: Sendable {
  /// What the answer will be about.
  public enum About: Sendable, Equatable {
    case news, signIn, stepUp, signOut, proposals, take, agree, command, emergency
  }

  public let about: About
  /// One packet; the sender wipes it with ``wipe()`` once it is sent.
  public private(set) var bytes: [UInt8]

  init(_ about: About, _ request: ServiceRequest) {
    self.about = about
    bytes = request.bytes
  }

  init(_ about: About, packet: [UInt8]) {
    self.about = about
    bytes = packet
  }

  // SEC-391: a packet with a PIN is wiped.
  public mutating func wipe() { for position in bytes.indices { bytes[position] = 0 } }
}

extension ContentHash {
  /// The 64 digits of the hash.
  var hex: String {
    [word0, word1, word2, word3].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }.joined()
  }
}
