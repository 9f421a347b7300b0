// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-127`: Self
  @Tag static var `SEC-367`: Self
  @Tag static var `SRS-168`: Self
  @Tag static var `RC-126`: Self
  @Tag static var `SEC-365`: Self
  @Tag static var `SEC-366`: Self
  @Tag static var `SRS-166`: Self
  @Tag static var `RC-064`: Self
  @Tag static var `RC-065`: Self
  @Tag static var `RC-008`: Self
  @Tag static var `RC-097`: Self
  @Tag static var `SEC-351`: Self
  @Tag static var `SRS-111`: Self
}
