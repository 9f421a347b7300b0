// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

// MARK: - The manifest loop
//
// Every target of ours is built with the same strict settings; the loop at the
// end of this file applies them, so that a new target cannot forget one.

/// Language features that are still opt-in, each with its proposal.
let upcomingFeatures: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),  // SE-0335
  .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
  .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
]

let strictSettings: [SwiftSetting] =
  upcomingFeatures + [
    .strictMemorySafety(),  // SE-0458
    .treatAllWarnings(as: .error),  // SE-0480
  ]

// MARK: - Where a target lives

func source(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, path: "Sources/\(name)")
}

func hardware(_ name: String, _ dependencies: [Target.Dependency], folder: String) -> Target {
  .target(name: name, dependencies: dependencies, path: "Hardware/\(folder)")
}

/// A target in C at the edge to Linux.
///
/// In a debug build tests can answer for the kernel: `PUMP_SEAM`.
func hardwareC(_ name: String, libraries: [String]) -> Target {
  .target(
    name: name, path: "Hardware/\(name)",
    cSettings: [.define("PUMP_SEAM", .when(configuration: .debug))],
    linkerSettings: libraries.map { .linkedLibrary($0) })
}

func simulator(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .target(
    name: name, dependencies: dependencies, path: "Simulator/\(name)", exclude: exclude,
    resources: resources)
}

func program(
  _ name: String, _ dependencies: [Target.Dependency], folder: String = "Sources"
) -> Target {
  .executableTarget(name: name, dependencies: dependencies, path: "\(folder)/\(name)")
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = [])
  -> Target
{
  .testTarget(
    name: name, dependencies: dependencies + ["EveryCase"], path: "Tests/\(name)",
    resources: resources)
}

let argumentParser: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let flyingFox: Target.Dependency = .product(name: "FlyingFox", package: "FlyingFox")
let flyingSocks: Target.Dependency = .product(name: "FlyingSocks", package: "FlyingFox")

/// TLS and HTTP of the gateway, and of nothing else (decision 0026).
let network: [Target.Dependency] = [
  .product(name: "Hummingbird", package: "hummingbird"),
  .product(name: "HummingbirdCore", package: "hummingbird"),
  .product(name: "NIOCore", package: "swift-nio"),
  .product(name: "NIOPosix", package: "swift-nio"),
  .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
  .product(name: "NIOSSL", package: "swift-nio-ssl"),
  .product(name: "HTTPTypes", package: "swift-http-types"),
  .product(name: "Logging", package: "swift-log"),
  .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
  .product(name: "UnixSignals", package: "swift-service-lifecycle"),
]

let package = Package(
  name: "ReferencePump",
  products: [
    .executable(name: "pump-controld", targets: ["pump-controld"]),
    .executable(name: "pump-safetyd", targets: ["pump-safetyd"]),
    .executable(name: "pump-serviced", targets: ["pump-serviced"]),
    .executable(name: "pump-paneld", targets: ["pump-paneld"]),
    .executable(name: "pump-gatewayd", targets: ["pump-gatewayd"]),
    .executable(name: "pumpctl", targets: ["pumpctl"]),
    .executable(name: "pump-sim", targets: ["pump-sim"]),
    .executable(name: "pump-updated", targets: ["pump-updated"]),
    .executable(name: "pump-verify", targets: ["pump-verify"]),
    .executable(name: "tuf-client", targets: ["tuf-client"]),
    .executable(name: "pump-trace", targets: ["pump-trace"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.80.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.20.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.0.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.5.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.0.0"),
  ],
  targets: [
    // The pure lower half: no system module at all.
    source("Units"),
    source("Domain", ["Units"]),
    source("DeviceInterface", ["Units"]),
    source("DeliveryControl", ["Units", "Domain"]),
    source("SafetyMonitor", ["Units", "Domain"]),
    source("Alarms", ["Units", "Domain"]),
    source("Messages", ["Units", "Domain"]),

    // Text from outside, read strictly; pure as well.
    source("StrictJSON"),

    // One cycle of each daemon, still without a system module.
    source(
      "ControlProcess",
      ["Units", "Domain", "DeviceInterface", "DeliveryControl", "Alarms", "Messages"]),
    source(
      "SafetyProcess", ["Units", "Domain", "DeviceInterface", "SafetyMonitor", "Messages"]),
    source("Panel", ["Units", "Domain", "DeviceInterface", "Alarms", "Messages", "ServiceAPI"]),

    // The edge to the operating system.
    source("CRealtime"),
    source("Realtime", ["CRealtime", "Units"]),
    source("LocalTransport", ["CRealtime", "Units", "Domain", "Messages"]),

    // The upper half: what has to last, and what has to be proved.
    source("DurableFiles"),
    source("AuditLog", ["DurableFiles", "Cryptography", "KeyStore"]),

    // Trust: keys, people and records.
    .systemLibrary(
      name: "COpenSSL", path: "Sources/COpenSSL", pkgConfig: "libcrypto",
      providers: [.apt(["libssl-dev"])]),
    .systemLibrary(
      name: "CArgon2", path: "Sources/CArgon2", pkgConfig: "libargon2",
      providers: [.apt(["libargon2-dev"])]),
    source("Cryptography", ["COpenSSL", "CArgon2"]),
    source("KeyStore", ["Cryptography", "DurableFiles"]),
    .target(
      name: "CTPM", path: "Sources/CTPM",
      linkerSettings: [.linkedLibrary("tss2-esys"), .linkedLibrary("tss2-tctildr")]),
    source("TPMRoot", ["CTPM", "Cryptography", "KeyStore"]),
    source("SecureStore", ["Cryptography", "KeyStore", grdb]),
    source("AccessControl", ["Units", "Cryptography", "KeyStore"]),

    // What people and their programs say to the service; pure.
    source("ServiceAPI", ["Units", "Domain", "StrictJSON"]),

    // The interface to networks from its other side: answers are read purely, TLS stands apart (decision 0046).
    source("GatewayClient", ["Domain", "StrictJSON", "ServiceAPI"]),
    .systemLibrary(
      name: "CSSL", path: "Sources/CSSL", pkgConfig: "libssl",
      providers: [.apt(["libssl-dev"])]),
    source("TLSClient", ["CSSL", "Cryptography"]),

    // An authority to learn with; no device asks it for anything.
    source("TeachingAuthority", ["Cryptography", "ServiceAPI", "StrictJSON"]),

    // Signed updates.
    source("UpdateMetadata", ["StrictJSON", "Cryptography"]),
    source("PlainHTTP"),
    source("DrugLibrary", ["Units", "Domain", "StrictJSON"]),
    source(
      "SoftwareUpdate",
      [
        "UpdateMetadata", "DrugLibrary", "StrictJSON", "PlainHTTP", "DurableFiles", "Cryptography",
        "KeyStore",
      ]),

    // The device's own files, checked before they run.
    source("VerifiedStart", ["Cryptography", "DurableFiles"]),

    // What was measured at a board, signed.
    source("BoardRecords", ["StrictJSON", "Cryptography"]),

    // The process at the network.
    source(
      "GatewayProcess",
      [
        "Units", "Domain", "Messages", "LocalTransport", "Cryptography", "StrictJSON",
        "ServiceAPI",
      ] + network),

    // Hardware: chip drivers, the board's pin map, and the board behind a socket.
    hardware("Drivers", ["Units", "DeviceInterface"], folder: "Drivers"),
    hardware("Board", ["Units", "DeviceInterface", "Drivers"], folder: "Board"),
    hardware("BoardDocs", ["Units", "Board"], folder: "BoardDocs"),
    hardware(
      "BoardLink", ["Units", "DeviceInterface", "Messages", "LocalTransport"], folder: "Link"),

    // The same board on the devices of Linux. The libraries are linked statically (decision 0015).
    hardwareC("CGPIO", libraries: [":libgpiod.a"]),
    hardwareC("CI2C", libraries: [":libi2c.a"]),
    hardware(
      "LinuxHardware",
      ["Units", "DeviceInterface", "Drivers", "CRealtime", "CGPIO", "CI2C"], folder: "Linux"),
    hardware(
      "BoardChoice",
      [
        "Units", "DeviceInterface", "Realtime", "LocalTransport", "Board", "Drivers", "BoardLink",
        "LinuxHardware",
      ], folder: "Choice"),

    // The simulated twin: a product, not a test helper.
    simulator("SimulatedDisk", ["DurableFiles"]),
    simulator("Plant", ["Units"]),
    simulator("Devices", ["Units", "DeviceInterface", "Plant"]),
    simulator(
      "SimulatedBoard",
      ["Units", "Domain", "DeviceInterface", "Board", "Drivers", "Plant", "Devices"]),
    // The same twin behind a real kernel's lines and buses; Hardware/KernelLab has the machine for it.
    simulator(
      "LabBoard",
      ["Units", "DeviceInterface", "Board", "Devices", "Plant", "SimulatedBoard"]),
    simulator(
      "Scenarios",
      [
        "Units", "Domain", "DeviceInterface", "DeliveryControl", "SafetyMonitor", "Alarms",
        "Messages", "ControlProcess", "SafetyProcess", "Panel", "Board", "Drivers", "Plant",
        "Devices", "SimulatedBoard", "StrictJSON",
      ], exclude: ["Library", "scenario.schema.json"]),
    simulator(
      "Bedside",
      [
        "Units", "Domain", "DeviceInterface", "Alarms", "Messages", "LocalTransport", "Realtime",
        "Panel", "Plant", "Devices", "SimulatedBoard", flyingFox, flyingSocks,
      ], resources: [.copy("Page")]),

    // Composition roots.
    program(
      "pump-controld",
      [
        "Units", "Domain", "DeviceInterface", "DeliveryControl", "Alarms", "Messages",
        "ControlProcess", "Realtime", "LocalTransport", "Board", "Drivers", "BoardChoice",
      ]),
    program(
      "pump-safetyd",
      [
        "Units", "Domain", "DeviceInterface", "SafetyMonitor", "Messages", "SafetyProcess",
        "Realtime", "LocalTransport", "Board", "Drivers", "BoardChoice", "LinuxHardware",
      ]),
    program(
      "pump-paneld",
      [
        "Units", "Domain", "DeviceInterface", "Alarms", "Messages", "Panel", "ServiceAPI",
        "Realtime",
        "LocalTransport", "Board", "Drivers", "BoardChoice",
      ]),
    program(
      "pump-serviced",
      [
        "Units", "Domain", "Messages", "LocalTransport", "AuditLog", "BoardRecords",
        "Cryptography", "DurableFiles", "KeyStore", "SecureStore", "TPMRoot", "AccessControl",
        "ServiceAPI", "StrictJSON",
      ]),
    program("pump-gatewayd", ["GatewayProcess"]),
    program(
      "pumpctl",
      [
        "Units", "Domain", "Alarms", "Messages", "CRealtime", "LocalTransport", "AuditLog",
        "DurableFiles", "BoardRecords", "Cryptography", "StrictJSON", "ServiceAPI",
        "TeachingAuthority", "GatewayClient", "TLSClient", argumentParser,
      ]),
    program(
      "pump-updated",
      [
        "Units", "Domain", "Messages", "LocalTransport", "UpdateMetadata", "DrugLibrary",
        "SoftwareUpdate", "DurableFiles", "Cryptography", "KeyStore", "TPMRoot", "ServiceAPI",
        "StrictJSON", argumentParser,
      ]),
    program(
      "pump-verify",
      ["Domain", "Cryptography", "DurableFiles", "VerifiedStart", argumentParser]),
    program("tuf-client", ["UpdateMetadata", "SoftwareUpdate", "DurableFiles"]),
    program(
      "pump-sim",
      [
        "Units", "Domain", "Alarms", "Messages", "LocalTransport", "Realtime", "Plant", "Devices",
        "SimulatedBoard", "Scenarios", "Bedside", "StrictJSON", argumentParser,
      ], folder: "Simulator"),

    program(
      "pump-lab",
      [
        "Units", "Domain", "DeviceInterface", "Messages", "LocalTransport", "Board",
        "Devices", "Plant", "SimulatedBoard", "LabBoard",
      ], folder: "Simulator"),

    // The evidence checker: no part of a device.
    source("Trace"),
    source("Inventory", ["Trace"]),
    program("pump-trace", ["Trace", "Inventory", argumentParser]),

    // What every board must keep; `board-contract` checks it on this machine's devices.
    hardware(
      "BoardContract", ["Units", "DeviceInterface", "Board"], folder: "Contract"),
    program(
      "board-contract",
      ["Units", "Board", "BoardChoice", "BoardContract", "LocalTransport", "Realtime"],
      folder: "Hardware"),

    // Writes the boards' documents; ships with nothing.
    program("board-docs", ["BoardDocs"], folder: "Hardware"),

    program(
      "trust-probe", ["Cryptography", "DurableFiles", "KeyStore", "SecureStore", grdb],
      folder: "Benchmarks"),
    // What the cycle costs, counted (Benchmarks/bench).
    .target(name: "CCount", path: "Benchmarks/CCount"),
    program(
      "cycle-probe",
      [
        "CCount", "Units", "Domain", "DeviceInterface", "ControlProcess", "SafetyProcess", "Board",
        "Devices", "SimulatedBoard",
      ], folder: "Benchmarks"),

    // What `make bench` runs beside the programs.
    program(
      "audit-probe", ["AuditLog", "Cryptography", "DurableFiles"], folder: "Benchmarks"),
    program(
      "gateway-probe",
      [
        "GatewayProcess", .product(name: "Hummingbird", package: "hummingbird"),
        .product(name: "HummingbirdTLS", package: "hummingbird"),
        .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOSSL", package: "swift-nio-ssl"),
        .product(name: "Logging", package: "swift-log"),
      ], folder: "Benchmarks"),

    // MARK: Tests
    .target(name: "EveryCase", path: "Tests/EveryCase"),
    tests("BoardDocsTests", ["BoardDocs", "Board", "Units"]),
    tests("BoardRecordsTests", ["BoardRecords", "BoardDocs", "StrictJSON", "Cryptography"]),
    tests("UnitsTests", ["Units"]),
    tests("DomainTests", ["Domain", "Units"]),
    tests("AlarmsTests", ["Alarms", "Domain", "Units"]),
    tests("DeliveryControlTests", ["DeliveryControl", "Domain", "Units"]),
    tests(
      "ControlProcessTests",
      ["ControlProcess", "DeliveryControl", "Alarms", "DeviceInterface", "Domain", "Units"]),
    tests("MessagesTests", ["Messages", "Domain", "Units"]),
    tests(
      "LocalTransportTests",
      [
        "LocalTransport", "Realtime", "BoardLink", "DeviceInterface", "Messages", "Domain", "Units",
      ]),
    tests("PlantTests", ["Plant", "Units"]),
    tests("DriversTests", ["Drivers", "DeviceInterface", "Units"]),
    tests(
      "LinuxHardwareTests",
      [
        "LinuxHardware", "CGPIO", "CI2C", "DeviceInterface", "Drivers", "Devices", "Units",
      ]),
    tests(
      "BoardContractTests",
      [
        "SimulatedBoard", "Board", "BoardChoice", "BoardContract", "Drivers", "Devices",
        "DeviceInterface", "Domain", "LocalTransport", "Plant", "Realtime", "Units",
      ]),
    tests(
      "PanelTests", ["Units", "Domain", "DeviceInterface", "Alarms", "Panel", "ServiceAPI"],
      resources: [.copy("Goldens")]),
    tests(
      "ScenariosTests",
      [
        "Scenarios", "StrictJSON", "ControlProcess", "DeviceInterface", "Domain", "Plant", "Units",
      ]),
    tests("StrictJSONTests", ["StrictJSON"]),
    tests("DrugLibraryTests", ["DrugLibrary", "Domain", "Units"]),
    tests(
      "VerifiedStartTests",
      [
        "VerifiedStart", "Domain", "Cryptography", "DurableFiles", "SimulatedDisk",
        "LocalTransport",
      ]),
    tests("TeachingAuthorityTests", ["TeachingAuthority", "Cryptography"]),
    tests("ServiceAPITests", ["ServiceAPI", "StrictJSON", "Domain", "Units"]),
    tests(
      "SoftwareUpdateTests",
      [
        "SoftwareUpdate", "UpdateMetadata", "StrictJSON", "DurableFiles", "SimulatedDisk",
        "Cryptography", "KeyStore",
      ]),
    tests("UpdateMetadataTests", ["UpdateMetadata", "StrictJSON", "Cryptography"]),
    tests("SafetyMonitorTests", ["SafetyMonitor", "Domain", "Units"]),
    tests(
      "SafetyProcessTests",
      [
        "SafetyProcess", "SafetyMonitor", "ControlProcess", "DeviceInterface", "Board", "Plant",
        "Devices", "SimulatedBoard", "Domain", "Units",
      ]),
    tests(
      "ServiceTests",
      [
        "pump-serviced", "AccessControl", "AuditLog", "BoardRecords", "Cryptography", "StrictJSON",
        "DurableFiles", "KeyStore", "SecureStore", "ServiceAPI", "LocalTransport", "Messages",
        "Panel", "DeviceInterface", "Alarms", "Domain", "Units",
      ]),
    tests(
      "AuditLogTests",
      ["AuditLog", "Cryptography", "DurableFiles", "KeyStore", "SimulatedDisk", "Domain"]),
    tests("DurableFilesTests", ["DurableFiles", "SimulatedDisk"]),
    tests(
      "SecureStoreTests",
      [
        "SecureStore", "AuditLog", "KeyStore", "Cryptography", "DurableFiles", "SimulatedDisk",
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
      ]),
    tests(
      "AccessControlTests",
      [
        "AccessControl", "KeyStore", "Cryptography", "DurableFiles", "SimulatedDisk", "Units",
      ]),
    tests(
      "TPMRootTests",
      [
        "TPMRoot", "KeyStore", "Cryptography", "DurableFiles", "SimulatedDisk", "SoftwareUpdate",
        "UpdateMetadata",
      ]),
    tests("KeyStoreTests", ["KeyStore", "Cryptography", "DurableFiles", "SimulatedDisk"]),
    tests("CryptographyTests", ["Cryptography", "COpenSSL"], resources: [.copy("Vectors")]),
    tests("TraceTests", ["Trace"]),
    tests("InventoryTests", ["Inventory", "Trace"]),
    tests(
      "CommandLineTests",
      ["pumpctl", "Domain", "Units", "GatewayClient", "StrictJSON", argumentParser]),
    tests("GatewayClientTests", ["GatewayClient", "ServiceAPI", "StrictJSON", "Domain", "Units"]),
    tests("TLSClientTests", ["TLSClient", "TeachingAuthority", "Cryptography"]),
  ],
  swiftLanguageModes: [.v6]
)

for target in package.targets
where target.type != .system
  && !["CRealtime", "CGPIO", "CI2C", "CTPM", "CCount"].contains(target.name)
{
  target.swiftSettings = (target.swiftSettings ?? []) + strictSettings
}

// MARK: - Virtual time
//
// The simulated board is made of objects that everyone who holds a bus shares. In a debug build every
// access to them is checked at run time; in the release build of these targets, and of no other, the
// check is left out (decision 0025).

for target in package.targets
where ["Plant", "Devices", "SimulatedBoard", "Scenarios"].contains(target.name) {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
    ]
}

// MARK: - A part of the package
//
// `PUMP_ONLY=PlantTests,Units swift test` knows no more than these targets and what they need: a
// module's own loop stays in seconds, and the lower half builds without a package of the upper one.
// `PUMP_WITHOUT=pump-gatewayd swift test` knows all but these: no Swift test needs the gateway, and its
// TLS is 1 600 files of C++.

/// The targets that an environment variable names; `nil` when it is not set.
@MainActor func named(_ variable: String) -> [String]? {
  guard let list = Context.environment[variable], !list.isEmpty else { return nil }
  let names = list.split(separator: ",").map(String.init)
  for name in names where !package.targets.contains(where: { $0.name == name }) {
    fatalError("\(variable) names no target of this package: \(name)")
  }
  return names
}

if let asked = named("PUMP_ONLY")
  ?? named("PUMP_WITHOUT").map({ left in
    package.targets.map(\.name).filter { !left.contains($0) }
  })
{
  var wanted = Set<String>()
  var open = asked
  var packages = Set<String>()
  while let name = open.popLast() {
    guard wanted.insert(name).inserted else { continue }
    guard let target = package.targets.first(where: { $0.name == name }) else { continue }
    for dependency in target.dependencies {
      switch dependency {
      case .targetItem(let name, _), .byNameItem(let name, _): open.append(name)
      case .productItem(_, let package, _, _): if let package { packages.insert(package) }
      @unknown default: break
      }
    }
  }
  package.targets.removeAll { !wanted.contains($0.name) }
  package.products.removeAll { !wanted.contains($0.name) }
  package.dependencies.removeAll { dependency in
    guard case .sourceControl(_, let location, _) = dependency.kind else { return false }
    return !packages.contains { location.hasSuffix("/\($0)") }
  }
}
