// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `SRS-220`: Self
  @Tag static var `SRS-221`: Self
  @Tag static var `SEC-409`: Self
  @Tag static var `RC-080`: Self
  @Tag static var `RC-081`: Self
  @Tag static var `RC-082`: Self
  @Tag static var `RC-083`: Self
  @Tag static var `SEC-020`: Self
  @Tag static var `SEC-026`: Self
  @Tag static var `SEC-055`: Self
  @Tag static var `SEC-200`: Self
  @Tag static var `SEC-201`: Self
  @Tag static var `SEC-202`: Self
  @Tag static var `SEC-203`: Self
  @Tag static var `SEC-350`: Self
}
