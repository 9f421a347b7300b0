// SPDX-License-Identifier: Apache-2.0

import AccessControl
import Cryptography
import Domain
import ServiceAPI
import Units

// What is said at the sockets, and what the service calls it.

extension ContentHash {
  init?(hex: String) {
    guard let bytes = Hex.decode(hex), bytes.count == 32 else { return nil }
    func word(_ start: Int) -> UInt64 {
      bytes[start..<start + 8].reduce(0) { $0 << 8 | UInt64($1) }
    }
    self.init(word(0), word(8), word(16), word(24))
  }
}

extension SessionToken {
  init?(hex: String, via way: SessionWay = .pump) {
    guard let bytes = Hex.decode(hex), bytes.count == 32 else { return nil }
    self.init(bytes, via: way)
  }
}

extension Role {
  init?(title: String) {
    guard let role = Self.allCases.first(where: { $0.title == title }) else { return nil }
    self = role
  }
}

extension PersonView {
  init(_ person: Person) {
    self.init(
      number: person.id.rawValue, login: person.login, role: person.role.title,
      active: person.isActive)
  }
}

extension ServiceRefusal {
  init(of refusal: AccessRefusal) {
    switch refusal {
    case .notSignedIn: self.init(.notSignedIn)
    case .notPermitted: self.init(.notPermitted)
    case .needsStepUp: self.init(.needsStepUp)
    case .needsSecondPerson: self.init(.needsSecondPerson)
    case .wrongSecret: self.init(.wrongSecret)
    case .wait(let time): self.init(.wait, milliseconds: time.milliseconds)
    case .busy: self.init(.busy)
    case .unavailable: self.init(.unavailable)
    case .loginTaken: self.init(.loginTaken)
    case .badgeTaken: self.init(.badgeTaken)
    case .secret(.badge): self.init(.notABadge)
    case .notALogin: self.init(.notALogin)
    case .secret(.tooShort): self.init(.secretTooShort)
    case .secret(.tooLong): self.init(.secretTooLong)
    case .secret(.notDigits): self.init(.secretNotDigits)
    case .secret(.guessable): self.init(.secretGuessable)
    case .nobody: self.init(.nobody)
    case .lastAdministrator: self.init(.lastAdministrator)
    case .wrongCode: self.init(.wrongCode)
    }
  }
}
