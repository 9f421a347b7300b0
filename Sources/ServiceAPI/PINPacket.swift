// SPDX-License-Identifier: Apache-2.0

/// Requests with a PIN, as bytes that their sender can wipe.
///
/// The digits go straight into the packet and into no string: what has to be wiped afterwards is one array.
public enum PINPacket {
  /// The digits of a PIN that a packet can have.
  public static let digits = 6...12

  /// A sign-in with a badge, or with a session a step-up of it; `pin` has ASCII digits, else nil.
  // SEC-391: digits go into the packet and into no string.
  public static func make(badge: String, session: String? = nil, pin: [UInt8]) -> [UInt8]? {
    let zero = UInt8(ascii: "0")
    guard digits.contains(pin.count), pin.allSatisfy({ (zero...zero + 9).contains($0) }) else {
      return nil
    }
    // A mark that is no digit and stands nowhere else in such a request.
    let mark = UInt8(ascii: "*")
    let credential = Credential(secret: String(repeating: "*", count: pin.count), badge: badge)
    let request: ServiceRequest =
      session.map { .stepUp(session: $0, credential) } ?? .badgeSignIn(credential)
    var bytes = request.bytes
    guard let first = bytes.firstIndex(of: mark), bytes.count(where: { $0 == mark }) == pin.count
    else { return nil }
    for (offset, digit) in pin.enumerated() { bytes[first + offset] = digit }
    return bytes
  }
}
