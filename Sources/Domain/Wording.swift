// SPDX-License-Identifier: Apache-2.0

/// A language that the pump speaks.
public enum Language: UInt8, Sendable, BitwiseCopyable {
  case english = 1
  case german = 2

  /// The language's tag (RFC 5646), as options and settings write it.
  public var tag: StaticString {
    switch self {
    case .english: "en"
    case .german: "de"
    }
  }
}

#if !hasFeature(Embedded)
  extension Language: CaseIterable {}
#endif

/// One text in every language of the pump.
///
/// A text that lacks a language cannot be written down, so none can be missing on a screen.
public struct Wording: Sendable {
  public let english: StaticString
  public let german: StaticString

  public init(_ english: StaticString, _ german: StaticString) {
    self.english = english
    self.german = german
  }

  public subscript(language: Language) -> StaticString {
    switch language {
    case .english: english
    case .german: german
    }
  }
}
