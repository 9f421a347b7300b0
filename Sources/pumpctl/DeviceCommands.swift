// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import GatewayClient

struct Device: Addressed {
  static let configuration = CommandConfiguration(
    abstract: "Show what device a pump on a network is.")
  @OptionGroup var common: Common

  private struct Output: Encodable {
    let profile: String
    let name: String
    let notice: String
    let simulated: Bool
  }

  func run() throws {
    let gateway = try common.neededGateway()
    let told = try gateway.read(GatewayRequest(.device), Answers.device)
    try common.show(
      Output(
        profile: gateway.profile.name, name: told.name, notice: told.notice,
        simulated: told.simulated),
      "\(gateway.profile.name): \(told.name)\(told.simulated ? ", simulated" : "")\n\(told.notice)")
  }
}

struct Metrics: Addressed {
  static let configuration = CommandConfiguration(
    abstract: "Print a pump on a network in numbers (OpenMetrics).")
  @OptionGroup var common: Common

  func run() throws {
    let gateway = try common.neededGateway()
    let text = try gateway.read(GatewayRequest(.metrics), Answers.text)
    if common.json { return try printJSON(["metrics": text]) }
    print(text, terminator: "")
  }
}
