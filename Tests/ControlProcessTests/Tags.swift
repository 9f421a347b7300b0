// SPDX-License-Identifier: Apache-2.0

import Testing

extension Tag {
  @Tag static var `RC-001`: Self
  @Tag static var `RC-002`: Self
  @Tag static var `RC-003`: Self
  @Tag static var `RC-005`: Self
  @Tag static var `RC-006`: Self
  @Tag static var `RC-007`: Self
  @Tag static var `RC-008`: Self
  @Tag static var `RC-012`: Self
  @Tag static var `RC-013`: Self
  @Tag static var `RC-014`: Self
  @Tag static var `RC-015`: Self
  @Tag static var `RC-018`: Self
  @Tag static var `RC-020`: Self
  @Tag static var `RC-021`: Self
  @Tag static var `RC-023`: Self
  @Tag static var `RC-024`: Self
  @Tag static var `RC-025`: Self
  @Tag static var `RC-026`: Self
  @Tag static var `RC-027`: Self
  @Tag static var `RC-029`: Self
  @Tag static var `RC-030`: Self
  @Tag static var `RC-090`: Self
  @Tag static var `RC-092`: Self
  @Tag static var `RC-093`: Self
  @Tag static var `RC-097`: Self
  @Tag static var `SRS-001`: Self
  @Tag static var `SRS-004`: Self
  @Tag static var `SRS-007`: Self
  @Tag static var `SRS-008`: Self
  @Tag static var `SRS-011`: Self
  @Tag static var `SRS-012`: Self
  @Tag static var `SRS-013`: Self
  @Tag static var `SRS-018`: Self
  @Tag static var `SRS-019`: Self
  @Tag static var `SRS-023`: Self
  @Tag static var `SRS-040`: Self
  @Tag static var `SRS-042`: Self
  @Tag static var `SRS-043`: Self
  @Tag static var `SRS-045`: Self
  @Tag static var `SRS-047`: Self
  @Tag static var `SRS-048`: Self
  @Tag static var `SRS-053`: Self
  @Tag static var `SRS-058`: Self
  @Tag static var `SRS-059`: Self
  @Tag static var `SRS-066`: Self
  @Tag static var `SRS-068`: Self
  @Tag static var `SRS-069`: Self
  @Tag static var `SRS-070`: Self
  @Tag static var `SRS-071`: Self
  @Tag static var `SRS-073`: Self
  @Tag static var `SRS-080`: Self
  @Tag static var `SRS-083`: Self
  @Tag static var `SRS-092`: Self
  @Tag static var `SRS-098`: Self
  @Tag static var `SRS-108`: Self
  @Tag static var `SRS-111`: Self
  @Tag static var `SEC-002`: Self
  @Tag static var `SRS-140`: Self
  @Tag static var `SRS-142`: Self
  @Tag static var `SRS-143`: Self
  @Tag static var `RC-140`: Self
  @Tag static var `SRS-213`: Self
}
