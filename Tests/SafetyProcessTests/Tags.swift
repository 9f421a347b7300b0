// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-003`: Self
  @Tag static var `RC-004`: Self
  @Tag static var `RC-016`: Self
  @Tag static var `RC-017`: Self
  @Tag static var `RC-019`: Self
  @Tag static var `RC-023`: Self
  @Tag static var `RC-030`: Self
  @Tag static var `RC-097`: Self
  @Tag static var `SRS-020`: Self
  @Tag static var `SRS-031`: Self
  @Tag static var `SRS-037`: Self
  @Tag static var `SRS-111`: Self
  @Tag static var `SRS-143`: Self
}
