// SPDX-License-Identifier: Apache-2.0

/// The panel's own 5 × 7 letters: printable ASCII and the German ones, one 35-bit word a glyph, top row
/// first, the leftmost point of a row in its highest bit.
enum Font {
  static let width = 5
  static let height = 7

  /// A character that the font lacks: a full block, never nothing.
  static let unknown: UInt64 = 0x7_ffff_ffff

  static func glyph(_ character: Unicode.Scalar) -> UInt64 {
    switch character {
    case " "..."~": glyphs[Int(character.value) - 0x20]
    case "Ä": 0x448a8fe31
    case "Ö": 0x45d18c62e
    case "Ü": 0x44118c62e
    case "ä": 0x280e0be2f
    case "ö": 0x280e8c62e
    case "ü": 0x28118c66d
    case "ß": 0x3252b4636
    default: unknown
    }
  }

  private static let glyphs: [UInt64] = [
    0x000000000,  // space
    0x108421004,  // !
    0x294000000,  // "
    0x295f57d4a,  // #
    0x11f4717c4,  // $
    0x632222263,  // %
    0x32544564d,  // &
    0x108000000,  // '
    0x088842082,  // (
    0x208210888,  // )
    0x009575480,  // *
    0x0084f9080,  // +
    0x000001088,  // ,
    0x0000f8000,  // -
    0x00000018c,  // .
    0x042222210,  // /
    0x3a33ae62e,  // 0
    0x11842108e,  // 1
    0x3a211111f,  // 2
    0x7c441062e,  // 3
    0x08ca97c42,  // 4
    0x7e1e0862e,  // 5
    0x1910f462e,  // 6
    0x7c2221084,  // 7
    0x3a317462e,  // 8
    0x3a317844c,  // 9
    0x018c03180,  // :
    0x008401088,  // ;
    0x088882082,  // <
    0x001f07c00,  // =
    0x208208888,  // >
    0x3a2111004,  // ?
    0x3a37ade0e,  // @
    0x3a31fc631,  // A
    0x7a31f463e,  // B
    0x3a308422e,  // C
    0x72518c65c,  // D
    0x7e10f421f,  // E
    0x7e10f4210,  // F
    0x3a30bc62f,  // G
    0x4631fc631,  // H
    0x38842108e,  // I
    0x1c4210a4c,  // J
    0x4654c5251,  // K
    0x42108421f,  // L
    0x4775ac631,  // M
    0x4639ace31,  // N
    0x3a318c62e,  // O
    0x7a31f4210,  // P
    0x3a318d64d,  // Q
    0x7a31f5251,  // R
    0x3e107043e,  // S
    0x7c8421084,  // T
    0x46318c62e,  // U
    0x46318c544,  // V
    0x4631ad6aa,  // W
    0x462a22a31,  // X
    0x463151084,  // Y
    0x7c222221f,  // Z
    0x39084210e,  // [
    0x420820821,  // \
    0x38421084e,  // ]
    0x115100000,  // ^
    0x00000001f,  // _
    0x208000000,  // `
    0x000e0be2f,  // a
    0x4216cc63e,  // b
    0x000e8422e,  // c
    0x042d9c62f,  // d
    0x000e8fe0e,  // e
    0x1928e2108,  // f
    0x01f18bc2e,  // g
    0x4216cc631,  // h
    0x100c2108e,  // i
    0x080610a4c,  // j
    0x4212a6292,  // k
    0x30842108e,  // l
    0x001aad631,  // m
    0x0016cc631,  // n
    0x000e8c62e,  // o
    0x001e8fa10,  // p
    0x000d9bc21,  // q
    0x0016cc210,  // r
    0x000e8383e,  // s
    0x211c42126,  // t
    0x00118c66d,  // u
    0x00118c544,  // v
    0x00118d6aa,  // w
    0x001151151,  // x
    0x00118bc2e,  // y
    0x001f1111f,  // z
    0x088441082,  // {
    0x108421084,  // |
    0x208411088,  // }
    0x0008a8800,  // ~
  ]
}
