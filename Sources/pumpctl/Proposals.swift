// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Domain
import ServiceAPI
import Units

/// The orders that nodes proposed, for those who may program.
struct Proposals: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List, take or drop the orders that nodes of the network proposed.",
    discussion: """
      A proposal waits 15 minutes and moves nothing. One that is taken is programmed as it is: 'pumpctl \
      start' shows the read-back, and only the CONFIRM key at the pump starts.
      """,
    subcommands: [ListProposals.self, TakeProposal.self, DropProposal.self])
}

private struct ProposalOutput: Encodable {
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

  var words: String {
    let name = drug.isEmpty ? "" : "\(drug), "
    return "\(number) \(name)\(StatusView.decimal(rate)) mL/h, \(StatusView.decimal(vtbi)) mL,"
      + " \(syringe) mL syringe, from \(from)\(by.map { " by \($0)" } ?? ""), \(secondsLeft) s left"
  }
}

struct ListProposals: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List those that wait.")
  @OptionGroup var common: PeopleCommon

  func run() throws {
    let answer = try common.ask(.proposals(session: SessionFile.need()))
    guard case .proposals(let proposals) = answer else { throw common.unexpected(answer) }
    let output = proposals.map(ProposalOutput.init)
    try common.show(output, output.map(\.words).joined(separator: "\n"))
  }
}

struct TakeProposal: ParsableCommand {
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

struct DropProposal: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drop", abstract: "Take a proposal off the list.")
  @OptionGroup var common: PeopleCommon
  @Argument(help: "The proposal's number.") var proposal: Int64

  func run() throws {
    _ = try common.ask(.dropProposal(session: SessionFile.need(), proposal: proposal))
    try common.show(["done": true], "dropped")
  }
}
