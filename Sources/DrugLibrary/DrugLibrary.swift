// SPDX-License-Identifier: Apache-2.0

public import Domain
public import Units

/// What a hospital's pharmacy allows of each drug in each care area.
///
/// A library inside the device's absolute limits and with each recommended range inside its absolute one by
/// construction; anything else is refused as a whole. It is advice and policy: the device's own
/// ``DeviceLimits`` hold with and without it.
public struct DrugLibrary: Hashable, Sendable {
  /// Bytes of its text.
  public static var largest: Int { 262_144 }
  public static var mostCareAreas: Int { 32 }
  /// Entries of all care areas together.
  public static var mostEntries: Int { 1_024 }

  /// Whose it is.
  public let name: ShortName
  public let careAreas: [CareArea]

  public struct CareArea: Hashable, Sendable {
    public let name: ShortName
    /// No drug twice.
    public let entries: [Entry]
  }

  public struct Entry: Hashable, Sendable {
    public let drug: DrugName
    public let rate: Guardrail<FlowRate>
    /// Nil where the device's limit is enough.
    public let vtbi: Guardrail<Volume>?
  }

  public var entries: Int { careAreas.reduce(0) { $0 + $1.entries.count } }
}

/// Why a text is no drug library: the place and one line for a person.
public struct LibraryError: Error, Hashable, Sendable, CustomStringConvertible {
  public let line: Int
  public let column: Int
  public let reason: String

  public var description: String { "\(line):\(column): \(reason)" }
}
