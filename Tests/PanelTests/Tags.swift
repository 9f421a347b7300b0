// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-001`: Self
  @Tag static var `RC-002`: Self
  @Tag static var `RC-005`: Self
  @Tag static var `RC-007`: Self
  @Tag static var `RC-008`: Self
  @Tag static var `RC-030`: Self
  @Tag static var `RC-100`: Self
}
