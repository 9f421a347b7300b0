// SPDX-License-Identifier: Apache-2.0

import StrictJSON

/// What is read when a board is calibrated, and within what it is good; generated from the board's map.
public struct CalibrationPlan: Hashable, Sendable {
  public struct Point: Hashable, Sendable {
    public let id: String
    public let name: String
    public let unit: String
    public let expected: Int64
    public let within: Int64
  }

  /// Two readings of the same thing, one on the way up and one on the way down.
  public struct Pair: Hashable, Sendable {
    public let one: String
    public let other: String
    public let within: Int64
  }

  public let board: String
  public let points: [Point]
  public let pairs: [Pair]

  public init(bytes: [UInt8]) throws(RecordRefusal) {
    let node = try SignedRecord.read(bytes)
    guard node["format"]?.integer == 1 else { throw .malformed("format") }
    guard let board = node["board"]?.string else { throw .malformed("board") }
    guard let points = node["points"]?.array, !points.isEmpty, let pairs = node["pairs"]?.array
    else { throw .malformed("points and pairs") }
    var read: [Point] = []
    for node in points {
      guard let id = node["id"]?.string, let name = node["name"]?.string,
        let unit = node["unit"]?.string, let expected = node["expected"]?.integer,
        let within = node["within"]?.integer, within >= 0, !read.contains(where: { $0.id == id })
      else { throw .malformed("point \(read.count + 1)") }
      read.append(Point(id: id, name: name, unit: unit, expected: expected, within: within))
    }
    self.board = board
    self.points = read
    self.pairs = try pairs.map { (node) throws(RecordRefusal) in
      guard let one = node["one"]?.string, let other = node["other"]?.string,
        let within = node["within"]?.integer, within >= 0,
        [one, other].allSatisfy({ id in read.contains { $0.id == id } })
      else { throw .malformed("pairs") }
      return Pair(one: one, other: other, within: within)
    }
  }

  /// One reading and what it is worth.
  public struct Finding: Hashable, Sendable {
    public let point: Point
    public let read: Int64
    public let good: Bool
  }

  /// Judges the readings, in the plan's order; each point has exactly one.
  ///
  /// A reading is good within its own limit, and when it agrees with the one that it is paired with.
  // RC-127 SRS-168: a calibration with a reading left out is none.
  public func judge(_ readings: [(id: String, value: Int64)]) throws(RecordRefusal) -> [Finding] {
    var values: [String: Int64] = [:]
    for (id, value) in readings {
      guard points.contains(where: { $0.id == id }), values.updateValue(value, forKey: id) == nil
      else { throw .unexpected(id) }
    }
    var bad: [String] = []
    for pair in pairs {
      guard let one = values[pair.one] else { throw .missing(pair.one) }
      guard let other = values[pair.other] else { throw .missing(pair.other) }
      if distance(one, other) > pair.within.magnitude { bad += [pair.one, pair.other] }
    }
    return try points.map { (point) throws(RecordRefusal) in
      guard let value = values[point.id] else { throw .missing(point.id) }
      let good =
        distance(value, point.expected) <= point.within.magnitude && !bad.contains(point.id)
      return Finding(point: point, read: value, good: good)
    }
  }

  private func distance(_ one: Int64, _ other: Int64) -> UInt64 {
    let (difference, overflow) = one.subtractingReportingOverflow(other)
    return overflow ? .max : difference.magnitude
  }

  /// Readings from lines of `id,value`; a line that begins with `#` is none.
  public static func readings(_ text: String) throws(RecordRefusal) -> [(id: String, value: Int64)]
  {
    var found: [(id: String, value: Int64)] = []
    for line in text.split(whereSeparator: \.isNewline) where !line.hasPrefix("#") {
      let parts = line.split(separator: ",", omittingEmptySubsequences: false)
      guard parts.count == 2, let value = Int64(parts[1]) else {
        throw .malformed("'\(line)': a name, a comma and a whole number")
      }
      found.append((id: String(parts[0]), value: value))
    }
    return found
  }
}
