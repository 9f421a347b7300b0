// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `SEC-381`: Self
  @Tag static var `SRS-192`: Self
  @Tag static var `SRS-193`: Self
}
