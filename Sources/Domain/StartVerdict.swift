// SPDX-License-Identifier: Apache-2.0

#if !hasFeature(Embedded)
  /// What the check before the start found of the pump's own files, as `pump-verify` leaves it for the others.
  ///
  /// ```
  /// pump-verdict 1
  /// as-signed VERSION        or: changed PATH, once for each file, or: unproved WHY
  /// ```
  ///
  /// What is not exactly that, or is not there, is ``State/unproved``: silence is no proof.
  public struct StartVerdict: Hashable, Sendable {
    public enum State: Hashable, Sendable {
      /// Every file is the one that was signed.
      case asSigned
      /// A file is missing or another one than was signed.
      case changed
      /// Nobody has checked, or there is no list of files with a good signature.
      case unproved
    }

    /// The longest verdict in bytes.
    public static let longest = 8_192

    public let state: State
    /// The version, the paths, or why nothing is proved.
    public let details: [String]

    public init(_ state: State, _ details: [String]) {
      self.state = state
      self.details = details
    }

    /// Reads a verdict; nil stands for none.
    // SRS-211: silence, and whatever is not exactly a verdict, is no proof.
    public init(reading bytes: [UInt8]?) {
      guard let bytes else {
        self.init(.unproved, ["not checked"])
        return
      }
      guard let read = Self.decode(bytes) else {
        self.init(.unproved, ["verdict unreadable"])
        return
      }
      self = read
    }

    /// The verdict as bytes: the inverse of ``init(reading:)`` for one that has details of printable ASCII.
    public var bytes: [UInt8] {
      let word =
        switch state {
        case .asSigned: "as-signed"
        case .changed: "changed"
        case .unproved: "unproved"
        }
      return Array((Self.head + details.map { "\(word) \($0)\n" }.joined()).utf8)
    }

    /// Whether a therapy may be given by this software.
    public var isProved: Bool { state == .asSigned }

    /// What the screen says: the first file's own name, or why nothing is proved; empty when that does not fit.
    public var name: ShortName {
      guard state != .asSigned, let first = details.first else { return ShortName() }
      guard state == .changed else { return ShortName(first) ?? ShortName() }
      return ShortName(first.split(separator: "/").last.map(String.init) ?? "") ?? ShortName()
    }

    private static let head = "pump-verdict 1\n"

    private static func decode(_ bytes: [UInt8]) -> StartVerdict? {
      guard bytes.count <= longest, bytes.allSatisfy({ $0 == 0x0a || 0x20..<0x7f ~= $0 }) else {
        return nil
      }
      let text = String(decoding: bytes, as: UTF8.self)
      guard text.hasPrefix(head), text.hasSuffix("\n") else { return nil }
      let lines = text.dropFirst(head.count).dropLast().split(
        separator: "\n", omittingEmptySubsequences: false)
      var verdict: State?
      var details: [String] = []
      for line in lines {
        let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        guard words.count == 2, !words[1].isEmpty else { return nil }
        let state: State
        switch words[0] {
        case "as-signed": state = .asSigned
        case "changed": state = .changed
        case "unproved": state = .unproved
        default: return nil
        }
        guard verdict == nil || state == .changed && verdict == .changed else { return nil }
        verdict = state
        details.append(String(words[1]))
      }
      return verdict.map { StartVerdict($0, details) }
    }
  }
#endif
