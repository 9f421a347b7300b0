// SPDX-License-Identifier: Apache-2.0

import Foundation
import GatewayProcess
import Hummingbird
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL

/// What `make bench` compares: the gateway without its rate for each node, and the least that Hummingbird
/// can do over TLS with certificates of both sides.
///
///     gateway-probe api --run DIR --port N     options of pump-gatewayd
///     gateway-probe bare PORT CERTIFICATE KEY AUTHORITY BODY    files; PEM, and what is answered
@main
enum Probe {
  static func main() async throws {
    let words = Array(CommandLine.arguments.dropFirst())
    switch words.first {
    case "api":
      guard case .run(let options) = try GatewayOptions.parse(Array(words.dropFirst())) else {
        return usage()
      }
      try await Gateway.run(options, rate: RequestRate(perSecond: 1_000_000, atOnce: 1_000_000))
    case "bare":
      guard words.count == 6, let port = Int(words[1]),
        let body = FileManager.default.contents(atPath: words[5])
      else { return usage() }
      try await bare(port, words[2], words[3], words[4], ByteBuffer(bytes: body))
    default: usage()
    }
  }

  private static func usage() {
    FileHandle.standardError.write(
      Data("usage: gateway-probe api OPTIONS… | bare PORT CERTIFICATE KEY AUTHORITY BODY\n".utf8))
    exit(2)
  }

  private static func bare(
    _ port: Int, _ certificate: String, _ key: String, _ authority: String, _ body: ByteBuffer
  ) async throws {
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
      privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
    configuration.minimumTLSVersion = .tlsv13
    configuration.certificateVerification = .noHostnameVerification
    configuration.trustRoots = .file(authority)
    let router = Router()
    router.get("/v1/status") { _, _ in
      Response(
        status: .ok, headers: [.contentType: "application/json"],
        body: ResponseBody(byteBuffer: body))
    }
    var logger = Logger(label: "bare")
    logger.logLevel = .critical
    let application = Application(
      router: router, server: try .tls(.http1(), tlsConfiguration: configuration),
      configuration: .init(address: .hostname("127.0.0.1", port: port)), logger: logger)
    try await application.runService()
  }
}
