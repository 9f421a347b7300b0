// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-004`: Self
  @Tag static var `RC-025`: Self
  @Tag static var `RC-029`: Self
  @Tag static var `RC-040`: Self
  @Tag static var `RC-041`: Self
  @Tag static var `SRS-126`: Self
  @Tag static var `SRS-127`: Self
  @Tag static var `SRS-128`: Self
  @Tag static var `RC-042`: Self
}
