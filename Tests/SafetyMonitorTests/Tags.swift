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
}
