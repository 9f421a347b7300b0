// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-099`: Self
  @Tag static var `SRS-116`: Self
  @Tag static var `SRS-117`: Self
}
