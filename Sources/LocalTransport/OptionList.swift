// SPDX-License-Identifier: Apache-2.0

import Units

/// The command line of a process of the upper half: options with a value, each once; options that name a
/// user, each any number of times; and words that ask for a text and end.
public struct OptionList: Sendable {
  /// Why a command line is refused, for a person.
  public struct Mistake: Error, Hashable, Sendable, CustomStringConvertible {
    public let description: String
    public init(description: String) { self.description = description }
  }

  /// The first word that asks for a text; what stands behind it was not looked at.
  public private(set) var asked: String?
  private var values: [String: String] = [:]
  private var named: [String: [UInt32]] = [:]

  /// Reads the words behind the program's name; what is not in one of the lists is refused.
  public init(
    _ words: [String], asking: [String], values known: [String], users: [String]
  ) throws(Mistake) {
    var position = 0
    while position < words.count {
      let option = words[position]
      if asking.contains(option) {
        asked = option
        return
      }
      guard known.contains(option) || users.contains(option) else {
        throw Mistake(description: "unknown option '\(option)'")
      }
      guard position + 1 < words.count else {
        throw Mistake(description: "\(option) needs a value")
      }
      let word = words[position + 1]
      position += 2
      if users.contains(option) {
        guard let user = PeerPolicy.user(word) else {
          throw Mistake(description: "\(option) '\(word)': expected a user's name or number")
        }
        named[option, default: []].append(user)
        continue
      }
      guard values.updateValue(word, forKey: option) == nil else {
        throw Mistake(description: "\(option) is given twice")
      }
    }
  }

  /// The value of an option; `nil` when it was not given.
  public subscript(option: String) -> String? { values[option] }

  /// The users that an option names.
  public func users(_ option: String) -> [UInt32] { named[option] ?? [] }

  /// The value of an option that has to be there.
  public func required(_ option: String) throws(Mistake) -> String {
    guard let value = values[option], !value.isEmpty else {
      throw Mistake(description: "\(option) is required")
    }
    return value
  }

  /// A whole number in a range; `nil` when the option was not given.
  public func number(
    _ option: String, in range: ClosedRange<Int64>
  ) throws(Mistake) -> Int64? {
    guard let text = values[option] else { return nil }
    guard let value = Int64(text), range.contains(value) else {
      throw Mistake(
        description: "\(option) '\(text)': expected a whole number from \(range.lowerBound)"
          + " to \(range.upperBound)")
    }
    return value
  }

  /// The clock that `--speed` and `--epoch` name.
  public func clock() throws(Mistake) -> MonotonicSource {
    let speed = try number("--speed", in: MonotonicSource.scales) ?? 1
    let epoch = try number("--epoch", in: 0...Int64.max)
    guard speed == 1 || epoch != nil else { throw Mistake(description: "--speed needs --epoch") }
    return MonotonicSource(scale: speed, epoch: .nanoseconds(epoch ?? 0))
  }
}
