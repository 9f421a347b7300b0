// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `SEC-390`: Self
  @Tag static var `SEC-011`: Self
  @Tag static var `SEC-013`: Self
  @Tag static var `SEC-016`: Self
  @Tag static var `SEC-017`: Self
  @Tag static var `SEC-332`: Self
  @Tag static var `SEC-404`: Self
  @Tag static var `SEC-405`: Self
}
