// SPDX-License-Identifier: Apache-2.0

/// Why an image was not kept.
public struct SlotFailure: Hashable, Sendable {
  /// The longest code, in bytes: what a notice of the updater holds.
  public static var longestCode: Int { 24 }

  /// A short word that never changes its meaning: 1 to 24 bytes.
  public let code: String
  /// For a person; the code where there is no more to say.
  public let text: String

  /// A longer code is cut; an empty one is `unknown`.
  public init(_ code: String, _ text: String? = nil) {
    let short = code.isEmpty ? "unknown" : String(code.prefix(Self.longestCode))
    self.code = short
    self.text = text ?? code
  }

  public static let interrupted = SlotFailure("interrupted", "the writing was interrupted")
  public static let damaged = SlotFailure("damaged", "its content is damaged")
  public static let neverHealthy = SlotFailure("died", "it ended before it was healthy")
  public static let ended = SlotFailure("ended", "it ended by itself")
  public static let notWell = SlotFailure("not-well", "the pump was not well in time")
  public static let takenBack = SlotFailure("taken-back", "taken back by a person")
  public static let bootLoader = SlotFailure("boot-loader", "the boot loader went back")
}
