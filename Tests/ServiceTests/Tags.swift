// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `SEC-410`: Self
  @Tag static var `SRS-222`: Self
  @Tag static var `SRS-195`: Self
  @Tag static var `SEC-382`: Self
  @Tag static var `SEC-379`: Self
  @Tag static var `SEC-005`: Self
  @Tag static var `SEC-404`: Self
  @Tag static var `SEC-405`: Self
  @Tag static var `SEC-406`: Self
  @Tag static var `SRS-217`: Self
  @Tag static var `SRS-218`: Self
  @Tag static var `SRS-219`: Self
  @Tag static var `RC-127`: Self
  @Tag static var `SEC-367`: Self
  @Tag static var `SRS-168`: Self
  @Tag static var `RC-126`: Self
  @Tag static var `SEC-365`: Self
  @Tag static var `SEC-366`: Self
  @Tag static var `SEC-371`: Self
  @Tag static var `SEC-374`: Self
  @Tag static var `SRS-189`: Self
  @Tag static var `SRS-181`: Self
  @Tag static var `SRS-188`: Self
  @Tag static var `SRS-166`: Self
  @Tag static var `RC-064`: Self
  @Tag static var `RC-065`: Self
  @Tag static var `RC-008`: Self
  @Tag static var `RC-097`: Self
  @Tag static var `SEC-351`: Self
  @Tag static var `SRS-111`: Self
  @Tag static var `SEC-008`: Self
  @Tag static var `SEC-011`: Self
  @Tag static var `SEC-013`: Self
  @Tag static var `SEC-015`: Self
  @Tag static var `SEC-016`: Self
  @Tag static var `SEC-017`: Self
  @Tag static var `SEC-018`: Self
  @Tag static var `SEC-330`: Self
  @Tag static var `SEC-331`: Self
  @Tag static var `SEC-333`: Self
  @Tag static var `SEC-334`: Self
  @Tag static var `SRS-150`: Self
  @Tag static var `SRS-151`: Self
  @Tag static var `SRS-152`: Self
  @Tag static var `SRS-153`: Self
  @Tag static var `SRS-154`: Self
  @Tag static var `SRS-155`: Self
  @Tag static var `SRS-156`: Self
  @Tag static var `SEC-401`: Self
  @Tag static var `SRS-216`: Self
  @Tag static var `SRS-087`: Self
  @Tag static var `RC-130`: Self
  @Tag static var `RC-132`: Self
  @Tag static var `SRS-208`: Self
  @Tag static var `SEC-394`: Self
  @Tag static var `SRS-201`: Self
  @Tag static var `SRS-205`: Self
  @Tag static var `SRS-207`: Self
  @Tag static var `SEC-390`: Self
  @Tag static var `SEC-392`: Self
  @Tag static var `SEC-393`: Self
  @Tag static var `SYS-091`: Self
}
