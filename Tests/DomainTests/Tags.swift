// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-098`: Self
  @Tag static var `SRS-096`: Self
  @Tag static var `SRS-097`: Self
  @Tag static var `SRS-103`: Self
  @Tag static var `SRS-104`: Self
  @Tag static var `SEC-054`: Self
}
