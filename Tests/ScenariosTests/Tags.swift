// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-005`: Self
  @Tag static var `RC-022`: Self
}
