// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-063`: Self
  @Tag static var `RC-064`: Self
  @Tag static var `RC-080`: Self
  @Tag static var `RC-082`: Self
  @Tag static var `SEC-022`: Self
  @Tag static var `SEC-024`: Self
  @Tag static var `SEC-027`: Self
}
