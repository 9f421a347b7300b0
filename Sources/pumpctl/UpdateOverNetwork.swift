// SPDX-License-Identifier: Apache-2.0

import Foundation
import GatewayClient
import ServiceAPI
import StrictJSON

/// Updates of a pump on a network: looked at and brought, and never agreed to.
// SRS-241: what a bundle does to the pump is decided at its panel.
struct UpdateOverNetwork {
  let profile: String
  let verb: Update.Verb
  let words: [String]

  /// Bytes that are read and sent at once.
  private static let part = 65_536
  /// Seconds in which the pump has to judge a bundle that is whole.
  private static let patience = 120.0

  func run() throws {
    switch verb {
    case .status: try status()
    case .take: try take()
    case .history: try history()
    case .library: try library()
    case .configuration: try configuration()
    case .check, .install, .rollback:
      throw Failure.notThere(
        "not over a network (profile \(profile)): '\(verb.rawValue)' is done at the pump alone")
    }
  }

  // MARK: Words

  /// What stands behind the verb: `--json`, with `--kind` a kind, and as many others.
  private func options(others: Int = 0, kind: Bool = false) throws(Failure) -> (
    json: Bool, kind: UpdateWord, others: [String]
  ) {
    var (json, named, rest) = (false, UpdateWord.firmware, [String]())
    var left = words[...]
    while let word = left.popFirst() {
      switch word {
      case "--json": json = true
      case "--kind" where kind:
        guard let name = left.popFirst(), let word = UpdateWord(rawValue: name) else {
          let names = UpdateWord.allCases.map(\.rawValue).joined(separator: ", ")
          throw .badInput("--kind: one of \(names)")
        }
        named = word
      case _ where word.hasPrefix("-"):
        throw .badInput("over a network 'update \(verb.rawValue)' has no option '\(word)'")
      default: rest.append(word)
      }
    }
    guard rest.count == others else {
      throw .badInput(
        others == 0 ? "'\(rest[0])' is too much" : "'update \(verb.rawValue)' needs one BUNDLE")
    }
    return (json, named, rest)
  }

  // MARK: What there is

  private struct Standing: Encodable {
    let profile: String
    let kind: String?
    let stage: String?
    let running: String?
    let candidate: String?
    let candidateSHA256: String?
    let needsPower: Bool?
    let outcome: String?
    let ended: String?
    let upload: Upload?
  }

  private struct Upload: Encodable {
    let profile: String
    let state: String
    let number: UInt32
    let kind: String?
    let version: String?
    let reason: String?

    init(_ profile: String, _ view: IntakeView) {
      self.profile = profile
      state = view.state.rawValue
      number = view.number
      kind = view.kind?.rawValue
      version = view.version
      reason = view.reason
    }

    var words: String { [state, version, reason].compactMap(\.self).joined(separator: ", ") }
  }

  private func status() throws {
    let json = try options().json
    let gateway = try Gateway(ProfileFile.profile(profile))
    let told = try gateway.read(GatewayRequest(.update), Answers.update)
    let upload = told.intake.map { Upload(profile, $0) }
    if json {
      return try printJSON(
        Standing(
          profile: profile, kind: told.kind, stage: told.stage, running: told.running,
          candidate: told.candidate, candidateSHA256: told.digest, needsPower: told.needsPower,
          outcome: told.outcome, ended: told.ended, upload: upload))
    }
    guard let kind = told.kind else { return print("\(profile): the updater says nothing") }
    print(
      """
      pump        \(profile)
      kind        \(kind)
      running     \(told.running ?? "none")
      stage       \(told.stage ?? "none")
      waits       \(told.candidate ?? "nothing")
      last        \([told.outcome, told.ended, told.reason].compactMap(\.self).joined(separator: ", "))
      upload      \(upload?.words ?? "unknown")
      """)
  }

  private func history() throws {
    let (json, kind, _) = try options(kind: true)
    let gateway = try Gateway(ProfileFile.profile(profile))
    var request = GatewayRequest(.updateHistory)
    request.query = "kind=\(kind.rawValue)"
    let items = try gateway.read(request) { (bytes) throws(NotAnAnswer) in
      try Answers.history(bytes, of: kind)
    }
    if json { return show(.array(items.map(\.json))) }
    print(
      Table(
        ["VERSION", "OUTCOME", "CODE", "REASON"],
        items.map { [$0.version, $0.outcome, $0.code.isEmpty ? "-" : $0.code, $0.reason] },
        empty: "nothing of this kind was taken in or refused"
      ).text)
  }

  private func configuration() throws {
    let json = try options().json
    let gateway = try Gateway(ProfileFile.profile(profile))
    let view = try gateway.read(GatewayRequest(.configuration), Answers.configuration)
    if json { return show(view.json) }
    func row(_ kind: String, _ shelf: ShelfView?) -> [String] {
      [
        kind, shelf?.phase ?? "-", shelf?.active.map { "\($0.version) (\($0.release))" } ?? "none",
        shelf?.candidate.map { "\($0.version) (\($0.release))" } ?? "nothing",
      ]
    }
    print(
      Table(
        ["KIND", "PHASE", "ACTIVE", "WAITS"],
        [
          row("firmware", view.firmware), row("drug-library", view.drugLibrary),
          row("configuration", view.configuration),
        ], empty: ""
      ).text)
    guard let site = view.site else { return print("no hospital's configuration is active") }
    let approval = site.threshold.map { "\($0) of \(site.approvers ?? 0)" } ?? "nobody"
    print("site \(site.name); libraries are approved by \(approval)")
  }

  private func library() throws {
    let json = try options().json
    let gateway = try Gateway(ProfileFile.profile(profile))
    var whole: LibraryPage?
    var first: Int64 = 0
    while true {
      var request = GatewayRequest(.drugLibrary)
      request.query = "from=\(first)"
      let from = first
      let page = try gateway.read(request) { (bytes) throws(NotAnAnswer) in
        try Answers.library(bytes, from: from)
      }
      guard whole?.sha256 ?? page.sha256 == page.sha256 else {
        throw Failure.refused("another library was activated meanwhile; ask again")
      }
      var all = whole ?? page
      if whole != nil { all.entries += page.entries }
      whole = all
      guard let next = page.next else { break }
      first = next
    }
    guard var whole else { return }
    whole.next = nil
    if json { return show(whole.json) }
    print("\(whole.name) \(whole.version)")
    func limits(_ numbers: [Int64]) -> String {
      numbers.map { StatusView.decimal($0) }.joined(separator: " ")
    }
    print(
      Table(
        ["CARE AREA", "DRUG", "RATE mL/h", "VTBI mL"],
        whole.entries.map {
          [$0.careArea, $0.drug, limits($0.rate), $0.vtbi.map(limits) ?? "-"]
        }, empty: "it has no entries"
      ).text)
  }

  private func show(_ node: JSONNode) {
    print(String(decoding: CanonicalJSON.text(node), as: UTF8.self))
  }

  // MARK: What is brought

  private func take() throws {
    let (json, _, others) = try options(others: 1)
    let path = others[0]
    guard let file = FileHandle(forReadingAtPath: path),
      let attributes = try? FileManager.default.attributesOfItem(atPath: path),
      attributes[.type] as? FileAttributeType == .typeRegular,
      let length = (attributes[.size] as? NSNumber)?.int64Value
    else { throw Failure.badInput("'\(path)' is no file that can be read") }
    defer { try? file.close() }
    guard (1...IntakePermit.largest).contains(length) else {
      throw Failure.badInput(
        "'\(path)' has \(length) bytes; 1 to \(IntakePermit.largest) are taken")
    }
    let gateway = try Gateway(ProfileFile.profile(profile))
    var request = GatewayRequest(.takeUpdate, session: try gateway.session())
    request.fields = [("Idempotency-Key", try GatewayRequest.newKey())]
    request.length = length
    let body = try gateway.bring(request) { () throws(Failure) in
      guard let bytes = try? file.read(upToCount: Self.part) else {
        throw .badInput("'\(path)' cannot be read")
      }
      return Array(bytes)
    }
    let begun: IntakeView
    do throws(NotAnAnswer) { begun = try Answers.intake(body) } catch {
      throw gateway.unreadable(error)
    }
    let upload = Upload(profile, try judged(gateway, begun))
    guard upload.state == IntakeView.State.taken.rawValue else {
      throw Failure.refused("\(upload.reason ?? upload.state): the pump does not take '\(path)'")
    }
    if json { return try printJSON(upload) }
    print(
      "\(profile) has taken \(upload.kind ?? "it") \(upload.version ?? ""); it waits for a person at the panel"
    )
  }

  /// The upload when the pump has judged it.
  private func judged(_ gateway: Gateway, _ begun: IntakeView) throws -> IntakeView {
    let progress = Progress("\(profile) verifies")
    defer { progress.end() }
    let end = Date().addingTimeInterval(Self.patience)
    var view = begun
    while view.number == begun.number {
      switch view.state {
      case .taken, .refused: return view
      case .none, .receiving, .verifying: break
      }
      guard Date() < end else {
        throw Failure.unreachable("the pump is still verifying; see 'pumpctl update status'")
      }
      Thread.sleep(forTimeInterval: 0.5)
      progress.tick()
      view = try gateway.read(GatewayRequest(.updateIntake), Answers.intake)
    }
    throw Failure.refused("another bundle came meanwhile; see 'pumpctl update status'")
  }
}
