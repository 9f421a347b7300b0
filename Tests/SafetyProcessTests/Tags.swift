// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-003`: Self
  @Tag static var `RC-004`: Self
  @Tag static var `RC-016`: Self
  @Tag static var `RC-017`: Self
  @Tag static var `RC-019`: Self
  @Tag static var `RC-030`: Self
}
