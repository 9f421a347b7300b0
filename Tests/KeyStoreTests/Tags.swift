// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-061`: Self
  @Tag static var `RC-062`: Self
  @Tag static var `SEC-023`: Self
  @Tag static var `SEC-024`: Self
}
