// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-127`: Self
  @Tag static var `RC-128`: Self
  @Tag static var `SEC-367`: Self
  @Tag static var `SRS-167`: Self
  @Tag static var `SRS-168`: Self
}
