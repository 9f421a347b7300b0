// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `SEC-032`: Self
  @Tag static var `SEC-033`: Self
  @Tag static var `SEC-037`: Self
  @Tag static var `SEC-308`: Self
  @Tag static var `SEC-309`: Self
  @Tag static var `SEC-310`: Self
  @Tag static var `SEC-312`: Self
  @Tag static var `SEC-314`: Self
  @Tag static var `SEC-315`: Self
  @Tag static var `SEC-316`: Self
  @Tag static var `SEC-317`: Self
  @Tag static var `SEC-034`: Self
  @Tag static var `SEC-401`: Self
  @Tag static var `SEC-402`: Self
  @Tag static var `SEC-379`: Self
  @Tag static var `SEC-382`: Self
  @Tag static var `SEC-385`: Self
  @Tag static var `SRS-196`: Self
  @Tag static var `SEC-386`: Self
  @Tag static var `SRS-216`: Self
  @Tag static var `SEC-430`: Self
  @Tag static var `SRS-231`: Self
  @Tag static var `SRS-232`: Self
  @Tag static var `SRS-233`: Self
  @Tag static var `SEC-423`: Self
  @Tag static var `SEC-424`: Self
  @Tag static var `SEC-425`: Self
  @Tag static var `SEC-427`: Self
}
