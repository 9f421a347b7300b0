// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-024`: Self
  @Tag static var `RC-090`: Self
  @Tag static var `SRS-079`: Self
  @Tag static var `SRS-081`: Self
  @Tag static var `SRS-082`: Self
  @Tag static var `SRS-083`: Self
  @Tag static var `SRS-084`: Self
}
