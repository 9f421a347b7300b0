// SPDX-License-Identifier: Apache-2.0

import Testing
import UpdateMetadata

struct UnixTimeTests {
  // The seconds are those of GNU date.
  @Test(arguments: [
    ("1970-01-01T00:00:00Z", 0), ("2000-02-29T12:00:00Z", 951_825_600),
    ("2026-11-25T16:30:01Z", 1_795_624_201), ("2100-03-01T00:00:00Z", 4_107_542_400),
    ("1969-12-31T23:59:59Z", -1), ("9999-12-31T23:59:59Z", 253_402_300_799),
  ])
  func `reads a time of the metadata`(text: String, seconds: Int64) {
    #expect(UnixTime(text) == UnixTime(seconds: seconds))
  }

  @Test(arguments: [
    "", "2026-11-25", "2026-11-25T16:30:01", "2026-11-25T16:30:01+00:00", "2026-13-01T00:00:00Z",
    "2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-11-31T00:00:00Z", "2026-11-25T24:00:00Z",
    "2026-11-25t16:30:01Z", "0000-01-01T00:00:00Z", "2026-1-25T016:30:01Z", "+026-11-25T16:30:01Z",
  ])
  func `refuses what is not one`(text: String) {
    #expect(UnixTime(text) == nil)
  }
}
