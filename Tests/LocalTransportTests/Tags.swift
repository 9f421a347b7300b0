// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-031`: Self
  @Tag static var `SEC-008`: Self
  @Tag static var `RC-023`: Self
  @Tag static var `SRS-074`: Self
  @Tag static var `SRS-075`: Self
  @Tag static var `SRS-109`: Self
  @Tag static var `SRS-246`: Self
  @Tag static var `SRS-119`: Self
  @Tag static var `SEC-001`: Self
  @Tag static var `RC-050`: Self
  @Tag static var `SRS-143`: Self
  @Tag static var `SRS-211`: Self
}
