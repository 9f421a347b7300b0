// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-003`: Self
  @Tag static var `RC-004`: Self
  @Tag static var `RC-006`: Self
  @Tag static var `RC-019`: Self
  @Tag static var `RC-029`: Self
  @Tag static var `RC-030`: Self
  @Tag static var `RC-041`: Self
  @Tag static var `SRS-025`: Self
  @Tag static var `SRS-030`: Self
  @Tag static var `SRS-031`: Self
  @Tag static var `SRS-032`: Self
  @Tag static var `SRS-063`: Self
  @Tag static var `SRS-065`: Self
  @Tag static var `SRS-120`: Self
}
