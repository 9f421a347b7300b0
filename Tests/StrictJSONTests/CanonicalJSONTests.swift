// SPDX-License-Identifier: Apache-2.0

import StrictJSON
import Testing

struct CanonicalJSONTests {
  private func canonical(_ text: String) throws -> [UInt8] {
    CanonicalJSON.bytes(try JSONReader.read(Array(text.utf8)))
  }

  // The expected bytes are those of securesystemslib.formats.encode_canonical.
  @Test(arguments: [
    ("{ \"b\": 1, \"a\": [true, null, -7] }", "{\"a\":[true,null,-7],\"b\":1}"),
    (#"{"a\"b\\":"x\n"}"#, "{\"a\\\"b\\\\\":\"x\n\"}"),
    (#""\u00b5\ud83d\ude00/""#, "\"µ😀/\""),
    (#"{"Z":0,"a":0,"é":0,"𝄞":0,"ﬀ":0}"#, #"{"Z":0,"a":0,"é":0,"ﬀ":0,"𝄞":0}"#),
    ("-0", "0"),
  ])
  func `has one spelling`(text: String, expected: String) throws {
    #expect(try canonical(text) == Array(expected.utf8))
  }

  @Test func `keeps every field that it does not know`() throws {
    let text = #"{"signed":{"version":3,"x-new":{"deep":[1,{"er":"y"}]}}}"#
    #expect(try canonical(text) == Array(text.utf8))
  }
}
