// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-140`: Self
  @Tag static var `SEC-034`: Self
  @Tag static var `SEC-400`: Self
  @Tag static var `SRS-211`: Self
}
