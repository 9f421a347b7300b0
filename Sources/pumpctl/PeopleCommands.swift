// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import ServiceAPI

/// What every command about people takes.
struct PeopleCommon: ParsableArguments {
  @Option(help: "The folder of the pump's sockets; else PUMP_RUN, else /run/pump.")
  var run: String = ProcessInfo.processInfo.environment["PUMP_RUN"] ?? "/run/pump"

  @Flag(help: "Print one line of JSON.")
  var json = false

  func ask(_ request: ServiceRequest) throws(Failure) -> ServiceAnswer {
    try PeopleClient(run: run).ask(request)
  }

  /// Prints JSON, or the words.
  func show(_ value: some Encodable, _ words: String) throws {
    if json { try printJSON(value) } else { print(words) }
  }

  func unexpected(_ answer: ServiceAnswer) -> Failure {
    .unreachable("the service's answer cannot be read: \(answer)")
  }
}

/// How somebody proves who they are.
struct Proof: ParsableArguments {
  @Option(
    help: "The badge's number in hexadecimal, for the panel digits alone: a PIN is asked for.")
  var badge: String?

  func read(_ prompt: String? = nil) throws(Failure) -> Credential {
    let secret = try SecretInput.read(prompt ?? (badge == nil ? "Password" : "PIN"))
    return Credential(secret: secret, badge: badge)
  }
}

struct PersonOutput: Encodable {
  let number: Int64
  let login: String
  let role: String
  let active: Bool

  init(_ person: PersonView) {
    number = person.number
    login = person.login
    role = person.role
    active = person.active
  }

  var words: String { "\(number) \(login) \(role)\(active ? "" : " (not active)")" }
}

struct CodeOutput: Encodable {
  let person: Int64
  let code: String?
}

struct Commission: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Make the first administrator of a pump that has no people.",
    discussion: """
      Asks for the one-time code and for a password; standard input may give them, one a line. The code \
      stands on the panel of the idle pump.
      """)
  @OptionGroup var common: PeopleCommon
  @OptionGroup var proof: Proof
  @Argument(help: "The administrator's login.") var login: String

  func run() throws {
    let code = try SecretInput.read("Commissioning code")
    let answer = try common.ask(.commission(code: code, login: login, proof.read()))
    guard case .code(_, let person) = answer else { throw common.unexpected(answer) }
    try common.show(
      CodeOutput(person: person, code: nil), "\(login) is the administrator; now 'pumpctl sign-in'")
  }
}

struct SignIn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign-in",
    abstract: "Begin a session; it ends after five minutes without a request.",
    discussion:
      "The session is kept in the file PUMP_SESSION, else in XDG_RUNTIME_DIR, else at home.")
  @OptionGroup var common: PeopleCommon
  @OptionGroup var proof: Proof
  @Argument(help: "The login.") var login: String

  func run() throws {
    let answer = try common.ask(.signIn(login: login, proof.read()))
    guard case .session(let session, let person) = answer else { throw common.unexpected(answer) }
    try SessionFile.write(session)
    try common.show(PersonOutput(person), "signed in: \(person.login), \(person.role)")
  }
}

struct StepUp: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "step-up", abstract: "Give the secret again, for what asks for it.")
  @OptionGroup var common: PeopleCommon
  @OptionGroup var proof: Proof

  func run() throws {
    let answer = try common.ask(.stepUp(session: SessionFile.need(), proof.read()))
    guard case .session(let session, let person) = answer else { throw common.unexpected(answer) }
    try SessionFile.write(session)
    try common.show(PersonOutput(person), "for two minutes: \(person.login), \(person.role)")
  }
}

struct SignOut: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sign-out", abstract: "End the session.")
  @OptionGroup var common: PeopleCommon

  func run() throws {
    if let session = SessionFile.read() {
      // The file goes in any case: what cannot be ended here ends by itself.
      SessionFile.remove()
      _ = try common.ask(.signOut(session: session))
    }
    try common.show(["signedOut": true], "signed out")
  }
}

struct WhoAmI: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "whoami", abstract: "Show who is signed in.")
  @OptionGroup var common: PeopleCommon

  private struct Output: Encodable {
    let person: PersonOutput
    let steppedUp: Bool
  }

  func run() throws {
    let answer = try common.ask(.whoAmI(session: SessionFile.need()))
    guard case .person(let person, let steppedUp) = answer else { throw common.unexpected(answer) }
    try common.show(
      Output(person: PersonOutput(person), steppedUp: steppedUp), PersonOutput(person).words)
  }
}

/// The people of a pump, for its administrators.
struct People: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, add and change the people of the pump.",
    discussion: "For administrators who gave their secret within two minutes: 'pumpctl step-up'.",
    subcommands: [
      ListPeople.self, AddPerson.self, SetPerson.self, ResetPerson.self, SetSecret.self,
    ])
}

struct ListPeople: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List them.")
  @OptionGroup var common: PeopleCommon

  func run() throws {
    let session = try SessionFile.need()
    var people: [PersonOutput] = []
    var from: Int64 = 0
    while true {
      let answer = try common.ask(.people(session: session, from: from))
      guard case .people(let page, let more) = answer else { throw common.unexpected(answer) }
      people += page.map(PersonOutput.init)
      guard more, let last = page.last else { break }
      from = last.number + 1
    }
    try common.show(people, people.map(\.words).joined(separator: "\n"))
  }
}

struct AddPerson: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make a person, who sets a secret with the code that is shown.")
  @OptionGroup var common: PeopleCommon
  @Argument(help: "The login.") var login: String
  @Argument(help: "clinician, pharmacist, service, administrator, auditor or gateway.")
  var role: String

  func run() throws {
    let session = try SessionFile.need()
    let answer = try common.ask(.addPerson(session: session, login: login, role: role))
    guard case .code(let code, let person) = answer else { throw common.unexpected(answer) }
    try common.show(
      CodeOutput(person: person, code: code), "person \(person), code \(code) for 24 h")
  }
}

struct SetPerson: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change a person's role, or let them sign in no more.")
  @OptionGroup var common: PeopleCommon
  @Argument(help: "The person's number.") var person: Int64
  @Argument(help: "The role.") var role: String
  @Flag(help: "They may not sign in.") var inactive = false

  func run() throws {
    let session = try SessionFile.need()
    _ = try common.ask(
      .setPerson(session: session, person: person, role: role, active: !inactive))
    try common.show(["done": true], "done; their sessions have ended")
  }
}

struct ResetPerson: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "Give a code with which the person sets a new secret.")
  @OptionGroup var common: PeopleCommon
  @Argument(help: "The person's number.") var person: Int64

  func run() throws {
    let session = try SessionFile.need()
    let answer = try common.ask(.resetPerson(session: session, person: person))
    guard case .code(let code, let person) = answer else { throw common.unexpected(answer) }
    try common.show(
      CodeOutput(person: person, code: code), "person \(person), code \(code) for 24 h")
  }
}

struct SetSecret: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "set-secret", abstract: "Set a password or PIN with a code.",
    discussion: "Asks for the code and for the secret; standard input may give them, one a line.")
  @OptionGroup var common: PeopleCommon
  @OptionGroup var proof: Proof
  @Argument(help: "The login.") var login: String

  func run() throws {
    let code = try SecretInput.read("Code")
    _ = try common.ask(.setSecret(login: login, code: code, proof.read()))
    try common.show(["done": true], "done; now 'pumpctl sign-in'")
  }
}
