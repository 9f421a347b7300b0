// SPDX-License-Identifier: Apache-2.0

import Alarms
import DeviceInterface
import Domain
import Testing
import Units

@testable import Panel

@Suite struct PhraseTests {
  @Test(arguments: Phrase.allCases, Language.allCases)
  func `has every text in letters that the font has, on one line`(
    phrase: Phrase, language: Language
  ) {
    let text = phrase.text(language)
    #expect((1...21).contains(text.unicodeScalars.count), "\(text)")
    #expect(text.unicodeScalars.allSatisfy { Font.glyph($0) != Font.unknown }, "\(text)")
  }

  @Test(arguments: AlarmID.allCases, Language.allCases)
  func `breaks every remedy into two lines of 20 letters that the font has`(
    alarm: AlarmID, language: Language
  ) {
    let row = AlarmTable.row(alarm)
    let (first, second) = Screens.split(row.remedy[language].description, at: 20)
    #expect(first.unicodeScalars.count <= 20 && second.unicodeScalars.count <= 20)
    for scalar in "\(row.text[language])\(first)\(second)".unicodeScalars {
      #expect(Font.glyph(scalar) != Font.unknown, "\(scalar)")
    }
  }

  @Test(arguments: TherapyState.allCases, Language.allCases)
  func `leaves room for the simulation's mark beside every state`(
    state: TherapyState, language: Language
  ) {
    #expect(Screens.word(for: state, language).unicodeScalars.count <= 9)
  }

  @Test func `keeps the newest 64 events that mean something at a bedside`() {
    var history = PanelHistory()
    for number in 0..<100 as Range<UInt32> {
      history.append(
        PumpEvent(number: number, source: .control, kind: .confirmed, at: .zero, b: 5_000_000))
      history.append(PumpEvent(number: number, source: .control, kind: .cycleMissed, at: .zero))
    }
    #expect(history.events.map(\.number) == (36..<100).reversed().map { $0 })
  }

  @Test func `tells every kind of event with any content without a trap`() {
    for kind in EventKind.allCases {
      for subject in [0, 1, 9, 63, 255] as [UInt8] {
        for value in [Int64.min, -1, 0, 1, Int64.max] {
          let event = PumpEvent(
            source: .safety, kind: kind, subject: subject, at: .zero, a: value, b: value)
          for language in Language.allCases {
            #expect(PanelHistory.detail(of: event, in: language).unicodeScalars.count <= 60)
          }
        }
      }
    }
  }

  @Test func `writes how long ago in three ways`() {
    #expect(Figures.age(.seconds(59)) == "59s")
    #expect(Figures.age(.seconds(3_599)) == "59m")
    #expect(Figures.age(.seconds(3_660)) == "1h01")
    #expect(Figures.age(.seconds(400_000)) == ">99h")
    #expect(Figures.age(.seconds(-5)) == "0s")
  }
}
