// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-004`: Self
  @Tag static var `RC-029`: Self
  @Tag static var `SRS-064`: Self
}
