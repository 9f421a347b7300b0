// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-001`: Self
  @Tag static var `RC-002`: Self
  @Tag static var `RC-003`: Self
  @Tag static var `RC-005`: Self
  @Tag static var `RC-006`: Self
  @Tag static var `RC-007`: Self
  @Tag static var `RC-008`: Self
  @Tag static var `RC-012`: Self
  @Tag static var `RC-013`: Self
  @Tag static var `RC-014`: Self
  @Tag static var `RC-015`: Self
  @Tag static var `RC-018`: Self
  @Tag static var `RC-020`: Self
  @Tag static var `RC-021`: Self
  @Tag static var `RC-024`: Self
  @Tag static var `RC-025`: Self
  @Tag static var `RC-026`: Self
  @Tag static var `RC-027`: Self
  @Tag static var `RC-029`: Self
  @Tag static var `RC-030`: Self
}
