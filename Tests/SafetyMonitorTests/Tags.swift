// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-001`: Self
  @Tag static var `RC-007`: Self
  @Tag static var `RC-016`: Self
  @Tag static var `RC-017`: Self
  @Tag static var `RC-019`: Self
  @Tag static var `RC-020`: Self
  @Tag static var `RC-028`: Self
  @Tag static var `RC-029`: Self
  @Tag static var `RC-095`: Self
  @Tag static var `SRS-014`: Self
  @Tag static var `SRS-015`: Self
  @Tag static var `SRS-021`: Self
  @Tag static var `SRS-022`: Self
  @Tag static var `SRS-024`: Self
  @Tag static var `SRS-026`: Self
  @Tag static var `SRS-027`: Self
  @Tag static var `SRS-028`: Self
  @Tag static var `SRS-029`: Self
  @Tag static var `SRS-033`: Self
  @Tag static var `SRS-034`: Self
  @Tag static var `SRS-035`: Self
  @Tag static var `SRS-036`: Self
  @Tag static var `SRS-037`: Self
  @Tag static var `SRS-038`: Self
  @Tag static var `SRS-039`: Self
  @Tag static var `SRS-060`: Self
  @Tag static var `SRS-061`: Self
  @Tag static var `SRS-062`: Self
  @Tag static var `SRS-099`: Self
  @Tag static var `SRS-107`: Self
  @Tag static var `SRS-141`: Self
  @Tag static var `RC-140`: Self
  @Tag static var `SRS-213`: Self
}
