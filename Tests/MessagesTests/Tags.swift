// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-023`: Self
  @Tag static var `RC-095`: Self
  @Tag static var `SRS-076`: Self
  @Tag static var `SRS-077`: Self
  @Tag static var `SRS-078`: Self
  @Tag static var `SEC-007`: Self
}
