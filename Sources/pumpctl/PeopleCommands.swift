// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import GatewayClient
import ServiceAPI
import StrictJSON

extension Common {
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

  /// A password, which is all that counts over a network.
  func password() throws(Failure) -> String {
    guard badge == nil else {
      throw .badInput("a badge is for the pump's panel; over a network a password counts")
    }
    return try SecretInput.read("Password")
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

struct Commission: Addressed {
  static let configuration = CommandConfiguration(
    abstract: "Make the first administrator of a pump that has no people.",
    discussion: """
      Asks for the one-time code and for a password; standard input may give them, one a line. The code \
      stands on the panel of the idle pump.
      """)
  @OptionGroup var common: Common
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

struct SignIn: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "sign-in",
    abstract: "Begin a session; it ends after five minutes without a request.",
    discussion:
      "The session is kept in the file PUMP_SESSION, else in XDG_RUNTIME_DIR, else at home.")
  @OptionGroup var common: Common
  @OptionGroup var proof: Proof
  @Argument(help: "The login.") var login: String

  func run() throws {
    if let gateway = try common.gateway() {
      let request = GatewayRequest(
        .signIn, [("login", .string(login)), ("secret", .string(try proof.password()))])
      let answer = try gateway.read(request, Answers.token)
      try SessionFile.write(answer.token ?? "", gateway.profile)
      try common.show(
        PersonOutput(answer.person),
        "signed in at \(gateway.profile.name): \(answer.person.login), \(answer.person.role)")
      return
    }
    let answer = try common.ask(.signIn(login: login, proof.read()))
    guard case .session(let session, let person) = answer else { throw common.unexpected(answer) }
    try SessionFile.write(session)
    try common.show(PersonOutput(person), "signed in: \(person.login), \(person.role)")
  }
}

struct StepUp: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "step-up", abstract: "Give the secret again, for what asks for it.")
  @OptionGroup var common: Common
  @OptionGroup var proof: Proof

  func run() throws {
    if let gateway = try common.gateway() {
      let session = try gateway.session()
      let request = GatewayRequest(
        .stepUp, session: session, [("secret", .string(try proof.password()))])
      let answer = try gateway.read(request, Answers.token)
      try SessionFile.write(answer.token ?? "", gateway.profile)
      try common.show(
        PersonOutput(answer.person),
        "for two minutes: \(answer.person.login), \(answer.person.role)")
      return
    }
    let answer = try common.ask(.stepUp(session: SessionFile.need(), proof.read()))
    guard case .session(let session, let person) = answer else { throw common.unexpected(answer) }
    try SessionFile.write(session)
    try common.show(PersonOutput(person), "for two minutes: \(person.login), \(person.role)")
  }
}

struct SignOut: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "sign-out", abstract: "End the session.")
  @OptionGroup var common: Common

  func run() throws {
    if let gateway = try common.gateway() {
      if let session = SessionFile.read(gateway.profile) {
        SessionFile.remove(gateway.profile)
        _ = try gateway.ask(GatewayRequest(.signOut, session: session))
      }
      return try common.show(["signedOut": true], "signed out")
    }
    if let session = SessionFile.read() {
      // The file goes in any case: what cannot be ended here ends by itself.
      SessionFile.remove()
      _ = try common.ask(.signOut(session: session))
    }
    try common.show(["signedOut": true], "signed out")
  }
}

struct WhoAmI: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "whoami", abstract: "Show who is signed in.")
  @OptionGroup var common: Common

  private struct Output: Encodable {
    let person: PersonOutput
    let steppedUp: Bool
  }

  func run() throws {
    let (person, steppedUp) = try common.gateway().map(over) ?? here()
    try common.show(
      Output(person: PersonOutput(person), steppedUp: steppedUp), PersonOutput(person).words)
  }

  private func here() throws -> (PersonView, Bool) {
    let answer = try common.ask(.whoAmI(session: SessionFile.need()))
    guard case .person(let person, let steppedUp) = answer else { throw common.unexpected(answer) }
    return (person, steppedUp)
  }

  private func over(_ gateway: Gateway) throws -> (PersonView, Bool) {
    let request = GatewayRequest(.session, session: try gateway.session())
    let answer = try gateway.read(request, Answers.session)
    return (answer.person, answer.steppedUp)
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

struct ListPeople: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List them.")
  @OptionGroup var common: Common

  func run() throws {
    let people = (try common.gateway().map(over) ?? here()).map(PersonOutput.init)
    try common.show(
      people,
      Table(
        ["NUMBER", "LOGIN", "ROLE", "ACTIVE"],
        people.map { ["\($0.number)", $0.login, $0.role, $0.active ? "yes" : "no"] },
        empty: "nobody"
      ).text)
  }

  private func here() throws -> [PersonView] {
    let session = try SessionFile.need()
    return try pages { (from) in
      let answer = try common.ask(.people(session: session, from: from))
      guard case .people(let page, let more) = answer else { throw common.unexpected(answer) }
      return (page, more)
    }
  }

  private func over(_ gateway: Gateway) throws -> [PersonView] {
    let session = try gateway.session()
    return try pages { (from) in
      var request = GatewayRequest(.people, session: session)
      request.query = "from=\(from)"
      let answer = try gateway.read(request, Answers.people)
      return (answer.people, answer.more)
    }
  }

  private func pages(_ page: (Int64) throws -> ([PersonView], Bool)) throws -> [PersonView] {
    var people: [PersonView] = []
    var from: Int64 = 0
    while true {
      let (next, more) = try page(from)
      people += next
      guard more, let last = next.last, last.number < .max else { return people }
      from = last.number + 1
    }
  }
}

struct AddPerson: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "add", abstract: "Make a person, who sets a secret with the code that is shown.")
  @OptionGroup var common: Common
  @Argument(help: "The login.") var login: String
  @Argument(help: "clinician, pharmacist, service, administrator, auditor or gateway.")
  var role: String

  func run() throws {
    let (person, code) = try common.gateway().map(over) ?? here()
    try common.show(
      CodeOutput(person: person, code: code), "person \(person), code \(code) for 24 h")
  }

  private func here() throws -> (Int64, String) {
    let session = try SessionFile.need()
    let answer = try common.ask(.addPerson(session: session, login: login, role: role))
    guard case .code(let code, let person) = answer else { throw common.unexpected(answer) }
    return (person, code)
  }

  private func over(_ gateway: Gateway) throws -> (Int64, String) {
    let request = GatewayRequest(
      .addPerson, session: try gateway.session(),
      [("login", .string(login)), ("role", .string(role))])
    let answer = try gateway.read(request, Answers.code)
    return (answer.person, answer.code)
  }
}

struct SetPerson: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "set", abstract: "Change a person's role, or let them sign in no more.")
  @OptionGroup var common: Common
  @Argument(help: "The person's number.") var person: Int64
  @Argument(help: "The role.") var role: String
  @Flag(help: "They may not sign in.") var inactive = false

  func run() throws {
    if let gateway = try common.gateway() {
      let request = GatewayRequest(
        .setPerson, number: person, session: try gateway.session(),
        [("active", .bool(!inactive)), ("role", .string(role))])
      _ = try gateway.ask(request)
    } else {
      let session = try SessionFile.need()
      _ = try common.ask(
        .setPerson(session: session, person: person, role: role, active: !inactive))
    }
    try common.show(["done": true], "done; their sessions have ended")
  }
}

struct ResetPerson: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "reset", abstract: "Give a code with which the person sets a new secret.")
  @OptionGroup var common: Common
  @Argument(help: "The person's number.") var person: Int64

  func run() throws {
    let (person, code) = try common.gateway().map(over) ?? here()
    try common.show(
      CodeOutput(person: person, code: code), "person \(person), code \(code) for 24 h")
  }

  private func here() throws -> (Int64, String) {
    let session = try SessionFile.need()
    let answer = try common.ask(.resetPerson(session: session, person: person))
    guard case .code(let code, let person) = answer else { throw common.unexpected(answer) }
    return (person, code)
  }

  private func over(_ gateway: Gateway) throws -> (Int64, String) {
    let request = GatewayRequest(.resetPerson, number: person, session: try gateway.session())
    let answer = try gateway.read(request, Answers.code)
    return (answer.person, answer.code)
  }
}

struct SetSecret: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "set-secret", abstract: "Set a password or PIN with a code.",
    discussion: "Asks for the code and for the secret; standard input may give them, one a line.")
  @OptionGroup var common: Common
  @OptionGroup var proof: Proof
  @Argument(help: "The login.") var login: String

  func run() throws {
    let code = try SecretInput.read("Code")
    _ = try common.ask(.setSecret(login: login, code: code, proof.read()))
    try common.show(["done": true], "done; now 'pumpctl sign-in'")
  }
}
