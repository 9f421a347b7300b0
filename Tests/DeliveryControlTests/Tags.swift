// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-091`: Self
  @Tag static var `RC-095`: Self
  @Tag static var `SRS-002`: Self
  @Tag static var `SRS-003`: Self
  @Tag static var `SRS-009`: Self
  @Tag static var `SRS-010`: Self
  @Tag static var `SRS-046`: Self
  @Tag static var `SRS-049`: Self
  @Tag static var `SRS-054`: Self
  @Tag static var `SRS-106`: Self
}
