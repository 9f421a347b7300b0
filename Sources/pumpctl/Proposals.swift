// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Cryptography
import Domain
import GatewayClient
import ServiceAPI
import StrictJSON
import Units

/// The orders that nodes proposed, for those who may program.
struct Proposals: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Orders that nodes of the network proposed.",
    discussion: """
      A proposal waits 15 minutes and moves nothing. One that is taken is programmed as it is: 'pumpctl \
      start' shows the read-back, and only the CONFIRM key at the pump starts. What became of one is known for 15 \
      minutes from its end.
      """,
    subcommands: [
      ListProposals.self, ShowProposal.self, TakeProposal.self, DropProposal.self,
      WithdrawProposal.self,
    ])
}

struct ProposalOutput: Encodable {
  let number: Int64
  let from: String
  let by: String?
  let secondsLeft: Int64
  let drug: String
  let syringe: Int
  let rate: Int64
  let vtbi: Int64

  init(_ proposal: ProposalView) {
    number = proposal.number
    from = proposal.from
    by = proposal.by
    secondsLeft = proposal.secondsLeft
    drug = proposal.draft.drug.text
    syringe = Int(proposal.draft.syringe.rawValue)
    rate = proposal.draft.rate.nanolitresPerHour
    vtbi = proposal.draft.vtbi.nanolitres
  }

  static func table(_ proposals: [ProposalOutput]) -> String {
    Table(
      ["NUMBER", "DRUG", "RATE", "VOLUME", "SYRINGE", "FROM", "BY", "LEFT"],
      proposals.map {
        [
          "\($0.number)", $0.drug.isEmpty ? "-" : $0.drug, "\(StatusView.decimal($0.rate)) mL/h",
          "\(StatusView.decimal($0.vtbi)) mL", "\($0.syringe) mL", $0.from, $0.by ?? "-",
          "\($0.secondsLeft) s",
        ]
      }, empty: "no order waits"
    ).text
  }
}

struct ListProposals: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List those that wait.")
  @OptionGroup var common: Common

  func run() throws {
    let proposals =
      if let gateway = try common.gateway() {
        try gateway.read(GatewayRequest(.proposals), Answers.proposals)
      } else { try here() }
    let output = proposals.map(ProposalOutput.init)
    try common.show(output, ProposalOutput.table(output))
  }

  private func here() throws -> [ProposalView] {
    let answer = try common.ask(.proposals(session: SessionFile.need()))
    guard case .proposals(let proposals) = answer else { throw common.unexpected(answer) }
    return proposals
  }
}

struct ShowProposal: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "What became of one that this node proposed to a pump on a network.")
  @OptionGroup var common: Common
  @Argument(help: "The proposal's number.") var proposal: Int64

  private struct Output: Encodable {
    let profile: String
    let state: String
    let reason: String?
    let proposal: ProposalOutput
  }

  func run() throws {
    let gateway = try common.neededGateway()
    let standing = try gateway.read(
      GatewayRequest(.proposal, number: proposal), Answers.proposal)
    guard standing.proposal.number == proposal else {
      throw gateway.unreadable(NotAnAnswer("it is of another proposal"))
    }
    let output = ProposalOutput(standing.proposal)
    let words = standing.state.words(standing.proposal.secondsLeft)
    try common.show(
      Output(
        profile: gateway.profile.name, state: standing.state.name,
        reason: standing.state.refusal.map { "\($0)" }, proposal: output),
      "\(ProposalOutput.table([output]))\n\(gateway.profile.name): \(words)")
  }
}

extension ProposalState {
  /// What a person is told.
  fileprivate func words(_ secondsLeft: Int64) -> String {
    switch self {
    case .waits: "waits \(secondsLeft) s more for a person at the pump"
    case .taken: "was taken at the pump"
    case .refused(let refusal): "was taken, and the controller refused it (\(refusal))"
    case .dropped: "was dropped at the pump"
    case .withdrawn: "was withdrawn"
    case .lapsed: "lapsed; nobody took it within 15 minutes"
    }
  }
}

struct WithdrawProposal: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "withdraw",
    abstract: "Take back one that this node proposed to a pump on a network and that waits.",
    discussion: "One in a person's name is withdrawn by that person, signed in at this node.")
  @OptionGroup var common: Common
  @Argument(help: "The proposal's number.") var proposal: Int64

  func run() throws {
    let gateway = try common.neededGateway()
    _ = try gateway.ask(
      GatewayRequest(
        .withdraw, number: proposal, session: SessionFile.read(gateway.profile)))
    try common.show(["done": true], "withdrawn")
  }
}

struct TakeProposal: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "take", abstract: "Program a proposed order as it is.")
  @OptionGroup var common: Common
  @Argument(help: "The proposal's number.") var proposal: Int64

  func run() throws {
    let session = try SessionFile.need()
    var client = try Client(run: common.run)
    let status = try client.ask { number in
      .takeProposal(session: session, proposal: proposal, number: number)
    }
    try common.show(status, try client.safetyStatus())
  }
}

struct DropProposal: Addressed {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Take a proposal off the list.")
  @OptionGroup var common: Common
  @Argument(help: "The proposal's number.") var proposal: Int64

  func run() throws {
    _ = try common.ask(.dropProposal(session: SessionFile.need(), proposal: proposal))
    try common.show(["done": true], "dropped")
  }
}

/// Proposes an order to a pump on a network.
struct Propose: Addressed {
  static let configuration = CommandConfiguration(
    abstract: "Propose an order to a pump on a network.",
    discussion: """
      Any two of --rate, --vtbi and --time. Nothing moves: the order waits 15 minutes until a person who may \
      program takes it at the pump, where CONFIRM alone starts it. When somebody is signed in, it is in their name; \
      else it is the node's own.

      Asked again with the same --key and order it is the same proposal: when no answer came, nothing is proposed twice.
      """)
  @OptionGroup var common: Common
  @OptionGroup var order: OrderOptions
  @Option(
    help: "The name of this proposal: 1 to 64 letters, digits, '-' and '_'; else one is made.")
  var key: String?
  @Flag(help: "In the node's own name, also when somebody is signed in.") var asNode = false

  func validate() throws {
    guard let key else { return }
    guard (1...ProposalView.longestKey).contains(key.utf8.count),
      key.utf8.allSatisfy({ byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x5f: true
        default: false
        }
      })
    else { throw ValidationError("--key: 1 to 64 letters, digits, '-' and '_'") }
  }

  private struct Output: Encodable {
    let profile: String
    let key: String
    let proposal: ProposalOutput
  }

  func run() throws {
    let draft = try order.draft()
    let gateway = try common.neededGateway()
    let key = try key ?? GatewayRequest.newKey()
    var request = GatewayRequest(
      .propose, session: asNode ? nil : SessionFile.read(gateway.profile), [])
    request.body = CanonicalJSON.text(draft.json)
    request.fields = [("Idempotency-Key", key)]
    let number: Int64
    do throws(Failure) { number = try gateway.read(request, Answers.proposed) } catch {
      guard case .unreachable(let text) = error else { throw error }
      throw Failure.unreachable(
        "\(text); ask again with --key \(key), which proposes nothing twice")
    }
    // RC-151 SRS-244: what is shown is what the pump says it holds, and it has to be what was asked for.
    let held = try gateway.read(GatewayRequest(.proposals), Answers.proposals)
    guard let proposal = held.first(where: { $0.number == number }) else {
      throw Failure.refused(
        "proposal \(number) waits no more; 'pumpctl proposals show \(number)' says what became of it"
      )
    }
    guard proposal.draft == draft else {
      throw Failure.refused(
        "the pump holds another order as proposal \(number) than was asked for; withdraw it, or drop it at the pump"
      )
    }
    let output = ProposalOutput(proposal)
    try common.show(
      Output(profile: gateway.profile.name, key: key, proposal: output),
      "\(gateway.profile.name) holds:\n\(ProposalOutput.table([output]))")
  }
}
