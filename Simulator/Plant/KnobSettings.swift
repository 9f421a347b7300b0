// SPDX-License-Identifier: Apache-2.0

/// A full set of knob values; the default is the nominal rig: a full 50 mL syringe, primed.
public struct KnobSettings: Sendable, Equatable {
  /// The values that differ from the defaults; looked up by name only, never iterated.
  private var changed: [Knob: Double] = [:]

  public init() {}

  /// The value of a knob: the one set, or else its default.
  public func value(of knob: Knob) -> Double { changed[knob] ?? knob.spec.default }

  /// Sets a knob.
  ///
  /// - Throws: ``KnobError`` for a value that is no number, out of range or not one of the choices.
  public mutating func set(_ knob: Knob, _ value: Double) throws(KnobError) {
    try KnobSettings.check(knob, value)
    changed[knob] = value
  }

  /// Turns an impulse back to rest, once it has acted.
  mutating func rest(_ knob: Knob) { changed[knob] = nil }

  static func check(_ knob: Knob, _ value: Double) throws(KnobError) {
    guard value.isFinite else { throw .notFinite(knob) }
    let spec = knob.spec
    guard spec.range.contains(value) else { throw .outOfRange(knob, value: value) }
    guard spec.accepts(value) else { throw .notAChoice(knob, value: value) }
  }
}

extension Knob {
  /// The knob of a name.
  ///
  /// - Throws: ``KnobError/unknownName(_:)``.
  public init(named name: String) throws(KnobError) {
    guard let knob = Knob(rawValue: name) else { throw .unknownName(name) }
    self = knob
  }
}
