// SPDX-License-Identifier: Apache-2.0

import Domain
import Units

/// Makes presses out of the raw samples of one key.
///
/// Two equal samples in a row change the key's state: at 10 ms a cycle a bounce of one sample is
/// no press, and a press counts at most 20 ms after it began (RC-002).
struct KeyReader: Sendable {
  /// Held for this long, a key is stuck (RC-026).
  static var stuckAfter: Interval { .seconds(60) }

  private(set) var down = false
  private(set) var stuck = false
  /// The first sample of the present press.
  private(set) var pressedAt: Instant?
  private var last: Bool?
  private var lastAt: Instant = .zero

  /// Takes a sample; `true` in the one cycle in which a press counts.
  mutating func read(_ raw: Bool, at now: Instant) -> Bool {
    defer {
      last = raw
      lastAt = now
    }
    guard let before = last else {
      // SRS-004: a key held for a minute is stuck.
      // RC-026: a key already down at start is stuck until it is released and never counts as a press.
      down = raw
      stuck = raw
      pressedAt = raw ? now : nil
      return false
    }
    if down, let since = pressedAt, now - since >= Self.stuckAfter { stuck = true }
    // RC-091 SRS-003: a key needs two equal samples.
    guard raw == before, raw != down else { return false }
    down = raw
    if raw {
      pressedAt = lastAt
      return true
    }
    pressedAt = nil
    stuck = false
    return false
  }
}

/// A condition that has to stand for a while before it counts.
struct Steady: Sendable {
  private var since: Instant?

  init() {}

  /// `true` once `condition` has been so at every call for at least `span`.
  @inline(__always)
  mutating func holds(_ condition: Bool, for span: Interval, at now: Instant) -> Bool {
    guard condition else {
      since = nil
      return false
    }
    return stands(for: span, at: now)
  }

  // Out of line, because a cycle in which all is well never comes here.
  @inline(never)
  private mutating func stands(for span: Interval, at now: Instant) -> Bool {
    let start = since ?? now
    since = start
    return now - start >= span
  }
}

extension KeyReader: Fielded {
  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    var known = last != nil
    var level = last ?? false
    try visitor.field(&down)
    try visitor.field(&stuck)
    try visitor.field(&pressedAt)
    try visitor.field(&known)
    try visitor.field(&level)
    try visitor.field(&lastAt)
    last = known ? level : nil
  }
}

extension Steady: Fielded {
  mutating func fields<V: FieldVisitor>(_ visitor: inout V) throws(FieldRefusal) {
    try visitor.field(&since)
  }
}
