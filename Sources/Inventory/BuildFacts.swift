// SPDX-License-Identifier: Apache-2.0

/// What was found out about one build: programs, what they are linked from, and with what they were made.
public struct BuildFacts: Sendable {
  public struct Program: Sendable {
    public let name: String
    public let sha256: String
    /// Part of the device, not of the simulator or the tools.
    public let isOnDevice: Bool
    /// Identities of the Swift packages that it is built from.
    public let packages: [String]
    /// Names of the Debian packages that it is linked with.
    public let libraries: [String]

    public init(
      name: String, sha256: String, isOnDevice: Bool, packages: [String], libraries: [String]
    ) {
      self.name = name
      self.sha256 = sha256
      self.isOnDevice = isOnDevice
      self.packages = packages
      self.libraries = libraries
    }
  }

  public struct SwiftPackage: Sendable {
    public let identity: String
    public let location: String
    public let version: String
    public let revision: String

    public init(identity: String, location: String, version: String, revision: String) {
      self.identity = identity
      self.location = location
      self.version = version
      self.revision = revision
    }
  }

  public struct DebianPackage: Sendable {
    public let name: String
    public let version: String
    public let source: String
    public let architecture: String

    public init(name: String, version: String, source: String, architecture: String) {
      self.name = name
      self.version = version
      self.source = source
      self.architecture = architecture
    }
  }

  public let version: String
  /// Seconds since 1970, from SOURCE_DATE_EPOCH or the commit: never the clock.
  public let time: Int64
  public let debianRelease: String
  public let swiftVersion: String
  public let programs: [Program]
  public let packages: [SwiftPackage]
  public let libraries: [DebianPackage]

  public init(
    version: String, time: Int64, debianRelease: String, swiftVersion: String, programs: [Program],
    packages: [SwiftPackage], libraries: [DebianPackage]
  ) {
    self.version = version
    self.time = time
    self.debianRelease = debianRelease
    self.swiftVersion = swiftVersion
    self.programs = programs
    self.packages = packages
    self.libraries = libraries
  }
}

/// Who maintains a component, and until when: one row of Docs/Development/support.csv.
public struct Support: Sendable {
  public let supplier: String
  public let licence: String
  /// `active`, `long-term`, `security-only`, `end-of-life` or `none`.
  public let level: String
  /// A date, or `not stated`.
  public let end: String

  public static let levels = ["active", "long-term", "security-only", "end-of-life", "none"]

  public init(supplier: String, licence: String, level: String, end: String) {
    self.supplier = supplier
    self.licence = licence
    self.level = level
    self.end = end
  }
}

/// What is known about one vulnerability: one row of Docs/Security/vex.csv.
public struct Vulnerability: Sendable {
  public let name: String
  /// A package URL without version.
  public let component: String
  public let status: String
  public let justification: String
  public let statement: String

  public init(
    name: String, component: String, status: String, justification: String, statement: String
  ) {
    self.name = name
    self.component = component
    self.status = status
    self.justification = justification
    self.statement = statement
  }
}

/// Why no bill can be written.
public enum InventoryError: Error, Hashable, CustomStringConvertible {
  case noSupport(component: String)
  case badSupport(component: String, String)
  case pastSupport(component: String, end: String)
  case unknownPart(program: String, String)
  case badStatement(vulnerability: String, String)

  public var description: String {
    switch self {
    case .noSupport(let component):
      "\(component) is in the build and not in Docs/Development/support.csv; add its row"
    case .badSupport(let component, let what):
      "Docs/Development/support.csv: \(component): \(what)"
    case .pastSupport(let component, let end):
      "\(component) has had no support since \(end); take another one"
    case .unknownPart(let program, let part):
      "\(program) is linked from \(part), of which nothing is known"
    case .badStatement(let name, let what):
      "Docs/Security/vex.csv: \(name): \(what)"
    }
  }
}
