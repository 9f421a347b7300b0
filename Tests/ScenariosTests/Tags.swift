// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-005`: Self
  @Tag static var `RC-022`: Self
  @Tag static var `RC-099`: Self
  @Tag static var `SRS-114`: Self
  @Tag static var `SRS-115`: Self
}
