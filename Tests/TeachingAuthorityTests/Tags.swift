// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `SRS-191`: Self
}
