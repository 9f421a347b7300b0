// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-095`: Self
  @Tag static var `RC-098`: Self
  @Tag static var `SRS-100`: Self
  @Tag static var `SRS-101`: Self
  @Tag static var `SRS-102`: Self
}
