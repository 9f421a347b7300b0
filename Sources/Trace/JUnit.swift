// SPDX-License-Identifier: Apache-2.0

/// The results of pytest, as `pytest --junitxml` writes them.
///
/// Reads the elements that pytest writes and their attributes. No entity but the five of XML and
/// character references is expanded, and a document type is refused: a result file needs none.
public enum JUnit {
  private struct Open {
    var name: String
    var classname: String
    var file: String
    var line: Int
    var result = TestOutcome.Result.passed
    var cases = CaseCounts.Count()
  }

  /// Reads a whole result file.
  public static func read(_ text: String) throws(TestRun.Failure) -> TestRun {
    var scanner = XMLScanner(text)
    var run = TestRun()
    var open: Open?
    var depth = 0
    var suites = 0
    while let tag = try scanner.next() {
      if tag.closes {
        depth -= 1
        if tag.name == "testcase", let test = open {
          finish(test, in: &run)
          open = nil
        }
        continue
      }
      switch tag.name {
      case "testsuites", "testsuite":
        suites += 1
      case "testcase":
        let classname = tag.attributes["classname"] ?? ""
        let file =
          tag.attributes["file"] ?? classname.split(separator: ".").joined(separator: "/") + ".py"
        open = Open(
          name: tag.attributes["name"] ?? "", classname: classname, file: file,
          line: (tag.attributes["line"].flatMap { Int($0) } ?? 0) + 1)
        if tag.isEmpty, let test = open {
          finish(test, in: &run)
          open = nil
        }
      case "failure", "error":
        open?.result = .failed
      case "skipped":
        if open?.result == .passed { open?.result = .skipped }
      case "property" where tag.attributes["name"] == "cases":
        let numbers = (tag.attributes["value"] ?? "").split(separator: "/").map { Int($0) }
        if numbers.count == 2, let ran = numbers[0], let all = numbers[1] {
          open?.cases = CaseCounts.Count(ran: ran, all: all)
        }
      default:
        break
      }
      if !tag.isEmpty { depth += 1 }
    }
    guard depth == 0, suites > 0 else { throw .incomplete }
    return run
  }

  private static func finish(_ test: Open, in run: inout TestRun) {
    let ids = TestRun.ids(
      in: test.name, file: test.file, line: test.line, findings: &run.findings)
    run.outcomes.append(
      TestOutcome(
        name: "\(test.classname)::\(test.name)", ids: Set(ids).sorted(),
        kind: test.cases.isWhole ? .exhaustive : .example, cases: test.cases.ran,
        result: test.result, file: test.file, line: test.line))
  }
}

/// The tags of an XML text, one after the other.
struct XMLScanner {
  struct Tag {
    var name: String
    var attributes: [String: String] = [:]
    var closes = false
    var isEmpty = false
  }

  private let bytes: [UInt8]
  private var index = 0
  private var line = 1

  init(_ text: String) { bytes = Array(text.utf8) }

  /// The next tag, or `nil` at the end.
  mutating func next() throws(TestRun.Failure) -> Tag? {
    while true {
      skip { $0 != 0x3C }
      guard index < bytes.count else { return nil }
      if starts(with: "<!--") {
        try skip(past: "-->")
      } else if starts(with: "<![CDATA[") {
        try skip(past: "]]>")
      } else if starts(with: "<?") {
        try skip(past: "?>")
      } else if starts(with: "<!") {
        throw malformed("a document type")
      } else {
        return try tag()
      }
    }
  }

  private mutating func tag() throws(TestRun.Failure) -> Tag {
    index += 1
    let closes = current == 0x2F
    if closes { index += 1 }
    var tag = Tag(name: word(), closes: closes)
    guard !tag.name.isEmpty else { throw malformed("a tag without a name") }
    while true {
      skip { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
      switch current {
      case 0x3E:
        index += 1
        return tag
      case 0x2F:
        tag.isEmpty = true
        index += 1
      case nil:
        throw .incomplete
      default:
        let name = word()
        guard !name.isEmpty, current == 0x3D else {
          throw malformed("an attribute without a value")
        }
        index += 1
        guard let quote = current, quote == 0x22 || quote == 0x27 else {
          throw malformed("an attribute without quotes")
        }
        index += 1
        let start = index
        skip { $0 != quote }
        guard index < bytes.count else { throw .incomplete }
        tag.attributes[name] = expand(bytes[start..<index])
        index += 1
      }
    }
  }

  private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func word() -> String {
    let start = index
    skip { $0.isAlphanumeric || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E || $0 == 0x3A }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func skip(while condition: (UInt8) -> Bool) {
    while index < bytes.count, condition(bytes[index]) {
      if bytes[index] == 0x0A { line += 1 }
      index += 1
    }
  }

  private func starts(with text: String) -> Bool { bytes[index...].starts(with: text.utf8) }

  private mutating func skip(past end: String) throws(TestRun.Failure) {
    while index < bytes.count {
      if starts(with: end) {
        index += end.utf8.count
        return
      }
      if bytes[index] == 0x0A { line += 1 }
      index += 1
    }
    throw .incomplete
  }

  private func malformed(_ what: String) -> TestRun.Failure { .malformed(line: line, what: what) }

  /// The text of an attribute; what is no known entity stays as it is written.
  private func expand(_ raw: ArraySlice<UInt8>) -> String {
    let text = String(decoding: raw, as: UTF8.self)
    guard text.utf8.contains(0x26) else { return text }
    return text.replacing(/&(#x[0-9a-fA-F]{1,6}|#[0-9]{1,7}|[a-z]{2,4});/) { match in
      switch match.1 {
      case "amp": "&"
      case "lt": "<"
      case "gt": ">"
      case "quot": "\""
      case "apos": "'"
      default: Self.character(match.1) ?? String(match.0)
      }
    }
  }

  private static func character(_ reference: Substring) -> String? {
    let digits = reference.dropFirst()
    let number =
      digits.hasPrefix("x") ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
    return number.flatMap { Unicode.Scalar($0) }.map { String(Character($0)) }
  }
}
