// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-001`: Self
  @Tag static var `RC-002`: Self
  @Tag static var `RC-005`: Self
  @Tag static var `RC-007`: Self
  @Tag static var `RC-008`: Self
  @Tag static var `RC-030`: Self
  @Tag static var `RC-090`: Self
  @Tag static var `RC-091`: Self
  @Tag static var `RC-094`: Self
  @Tag static var `RC-100`: Self
  @Tag static var `SRS-005`: Self
  @Tag static var `SRS-006`: Self
  @Tag static var `SRS-016`: Self
  @Tag static var `SRS-017`: Self
  @Tag static var `SRS-041`: Self
  @Tag static var `SRS-085`: Self
  @Tag static var `SRS-086`: Self
  @Tag static var `SRS-088`: Self
  @Tag static var `SRS-089`: Self
  @Tag static var `SRS-090`: Self
  @Tag static var `SRS-091`: Self
  @Tag static var `SRS-092`: Self
  @Tag static var `SRS-093`: Self
  @Tag static var `SRS-094`: Self
  @Tag static var `SRS-095`: Self
  @Tag static var `SRS-122`: Self
  @Tag static var `SRS-123`: Self
  @Tag static var `SRS-124`: Self
  @Tag static var `SRS-125`: Self
  @Tag static var `RC-125`: Self
  @Tag static var `RC-126`: Self
  @Tag static var `SRS-165`: Self
  @Tag static var `SRS-166`: Self
  @Tag static var `SRS-214`: Self
  @Tag static var `SRS-087`: Self
  @Tag static var `RC-130`: Self
  @Tag static var `RC-131`: Self
  @Tag static var `SRS-200`: Self
  @Tag static var `SRS-201`: Self
  @Tag static var `SRS-202`: Self
  @Tag static var `SRS-203`: Self
  @Tag static var `SRS-204`: Self
  @Tag static var `SRS-205`: Self
  @Tag static var `SRS-206`: Self
  @Tag static var `SEC-015`: Self
  @Tag static var `SEC-333`: Self
  @Tag static var `SEC-391`: Self
  @Tag static var `SEC-393`: Self
  @Tag static var `SYS-092`: Self
}
