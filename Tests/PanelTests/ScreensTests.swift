// SPDX-License-Identifier: Apache-2.0

import Alarms
import DeviceInterface
import Domain
import EveryCase
import Foundation
import Panel
import Testing
import Units

@Suite struct ScreensTests {
  private static func draw(_ view: PanelView) -> Picture { Picture(Screens.draw(view)) }

  /// Set to keep the pictures drawn now; look at each change before it is committed.
  private static let keepsPictures = ProcessInfo.processInfo.environment["PANEL_KEEP"] == "1"

  private static func goldens() throws -> URL {
    try #require(Bundle.module.resourceURL).appendingPathComponent("Goldens")
  }

  @Test(.tags(.`SRS-122`), arguments: Scene.all)
  func `SRS-122 draws each screen as it is kept`(scene: Scene) throws {
    let drawn = Self.draw(scene.view).art
    if Self.keepsPictures {
      let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Goldens/\(scene.name).txt")
      try Data(drawn.utf8).write(to: file)
      Issue.record("kept \(scene.name): look at it, then run without PANEL_KEEP")
      return
    }
    let file = try Self.goldens().appendingPathComponent("\(scene.name).txt")
    let kept = String(decoding: try Data(contentsOf: file), as: UTF8.self)
    #expect(drawn == kept, "\(scene.name) is drawn as\n\(drawn)")
  }

  @Test func `has one kept picture for each scene`() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.goldens().path)
    #expect(files.sorted() == Scene.all.map { $0.name + ".txt" }.sorted())
    #expect(Scene.all.count == Language.allCases.count * Scene.english.count)
  }

  @Test(.tags(.`SRS-214`))
  func `SRS-214 says that the software is not proved, and which file or why`() {
    var status = Scene.status(.faulted)
    status.alarms = .of(.softwareUnproved)
    status.conditions = status.alarms
    for (verdict, english, german) in [
      (
        StartVerdict(.changed, ["/usr/bin/pump-safetyd"]), "file pump-safetyd", "Datei pump-safetyd"
      ),
      (
        StartVerdict(.unproved, ["manifest not signed"]), "manifest not signed",
        "manifest not signed"
      ),
    ] {
      var view = Scene.view(of: status)
      view.verdict = verdict
      view.control?.alarms.insert(.monitorLost)
      #expect(Self.draw(view).shows("Software not proved"))
      #expect(Self.draw(view).shows(english))
      // A controller that was not started says nothing; the panel still does.
      view.control = nil
      #expect(Self.draw(view).shows(english))
      view.language = .german
      #expect(Self.draw(view).shows(german))
      view.control = status
      #expect(Self.draw(view).shows("Software ungeprüft"))
      #expect(Self.draw(view).shows(german))
    }
    var good = Scene.view(of: Scene.status(.standby))
    good.verdict = StartVerdict(.asSigned, ["0.1.0"])
    #expect(Self.draw(good) == Self.draw(Scene.view(of: Scene.status(.standby))))
  }

  @Test(.tags(.`RC-001`, .`SRS-016`))
  func `RC-001 SRS-016 reads back rate, VTBI, syringe, drug and the seconds left`() {
    let picture = Self.draw(Scene.view(of: Scene.status(.awaitingConfirm)))
    #expect(picture.shows("5 mL/h", scale: 2))
    #expect(picture.shows("VTBI 10 mL"))
    #expect(picture.shows("Syringe 50 mL"))
    #expect(picture.shows("Saline 0.9%"))
    #expect(picture.shows("Press CONFIRM 42s"))
  }

  @Test(.tags(.`RC-001`))
  func `RC-001 reads back the change that waits, not what runs`() {
    var status = Scene.status(.infusing)
    status.pending = Scene.order(rate: .mLPerHour(12))
    let picture = Self.draw(Scene.view(of: status))
    #expect(picture.shows("12 mL/h", scale: 2))
    #expect(!picture.shows("5 mL/h", scale: 2))
  }

  @Test(.tags(.`RC-001`))
  func `RC-001 asks for CONFIRM in no state but a read-back`() {
    for state in TherapyState.allCases where state != .awaitingConfirm {
      #expect(!Self.draw(Scene.view(of: Scene.status(state))).shows("CONFIRM"), "\(state)")
    }
  }

  @Test(.tags(.`RC-005`, .`SRS-090`))
  func `RC-005 SRS-090 shows no figure of a status older than a second`() {
    var view = Scene.view(of: Scene.status(.infusing))
    view.now = Scene.now + .seconds(1)
    #expect(Self.draw(view).shows("5", scale: 3))
    view.now = Scene.now + .seconds(1) + .nanoseconds(1)
    let stale = Self.draw(view)
    #expect(!stale.shows("5", scale: 3))
    #expect(stale.shows("NO CONTROLLER"))
  }

  @Test(.tags(.`RC-005`, .`SRS-091`))
  func `RC-005 SRS-091 shows what is held and not what was keyed in`() {
    var core = PanelCore(now: Scene.now)
    core.view = Scene.view(of: Scene.status(.programmed))
    var editor = OrderEditor(from: core.view.control?.held)
    _ = editor.press(.ok)
    for _ in 0..<3 { _ = editor.press(.up) }
    _ = editor.press(.ok)
    core.view.editor = editor
    _ = core.step(keys: .ok, now: Scene.now)
    let sent = core.step(keys: .ok, now: Scene.now + .milliseconds(20))
    #expect(sent?.command.draft?.rate == .mLPerHour(8))
    #expect(Self.draw(core.view).shows("5", scale: 3))
    #expect(!Self.draw(core.view).shows("8", scale: 3))
    core.view.control?.held = sent?.command.draft
    #expect(Self.draw(core.view).shows("8", scale: 3))
  }

  @Test(.tags(.`RC-005`, .`RC-094`, .`SRS-089`))
  func `RC-005 RC-094 SRS-089 follows every held rate and writes its unit`() {
    for rate in [10, 990, 1_000, 12_500, 12_250, 999_990, 1_199_990] as [Int64] {
      var status = Scene.status(.programmed)
      status.held = Scene.order(rate: .microlitresPerHour(rate))
      let picture = Self.draw(Scene.view(of: status))
      let text = Figures.rate(.microlitresPerHour(rate))
      #expect(picture.shows(text, scale: 3) || picture.shows(text, scale: 2), "\(text)")
      #expect(picture.shows("mL/h"), "\(text)")
      status.state = .infusing
      status.commandedRate = .microlitresPerHour(rate)
      let running = Self.draw(Scene.view(of: status))
      #expect(running.shows("mL/h") && running.shows("-->"), "\(text)")
    }
  }

  @Test(.tags(.`RC-001`, .`SRS-017`))
  func `RC-001 SRS-017 shows the read-back over an order that is being keyed in`() {
    var view = Scene.view(of: Scene.status(.awaitingConfirm))
    let readBack = Self.draw(view)
    view.editor = OrderEditor(from: Scene.order(rate: .mLPerHour(9)))
    #expect(Self.draw(view) == readBack)
  }

  @Test(.tags(.`RC-001`, .`SRS-017`))
  func `RC-001 SRS-017 lets only an alarm that stops delivery cover a read-back`() {
    var status = Scene.status(.kvo)
    status.pending = Scene.order(rate: .mLPerHour(12))
    status.alarms.insert(.endOfInfusion)
    #expect(Self.draw(Scene.view(of: status)).shows("CONFIRM"))
    status.alarms.insert(.occlusionDownstream)
    #expect(Self.draw(Scene.view(of: status)).shows("Line occluded"))
  }

  @Test(.tags(.`RC-005`, .`SRS-016`))
  func `RC-005 SRS-016 reads back every figure that is held`() {
    var status = Scene.status(.awaitingConfirm)
    status.held?.vtbi = .microlitres(12_550)
    status.held?.rate = .nLPerHour(5_005_000)
    let picture = Self.draw(Scene.view(of: status))
    #expect(picture.shows("VTBI 12.55 mL"))
    #expect(picture.shows("5.005 mL/h") || picture.shows("5.005 mL/h", scale: 2))
  }

  @Test(.tags(.`RC-090`, .`SRS-085`))
  func `RC-090 SRS-085 shows every word of an alarm and of its remedy in both languages`() {
    everyCase(of: pairs(AlarmID.allCases, Language.allCases)) { alarm, language in
      let row = AlarmTable.row(alarm)
      let picture = Self.alarmPicture(alarm, .halted, language)
      for word in "\(row.text[language]) \(row.remedy[language])".split(separator: " ") {
        #expect(picture.shows(String(word)), "\(alarm): \(word)")
      }
    }
  }

  @Test(.tags(.`RC-030`, .`SRS-092`))
  func `RC-030 SRS-092 keeps the mark when the controller is gone`() {
    var view = Scene.view(of: Scene.status(.infusing))
    view.now = Scene.now + .seconds(9)
    #expect(Self.draw(view).shows("SIM") && Self.draw(view).shows("NO CONTROLLER"))
  }

  @Test(.tags(.`RC-030`, .`SRS-092`))
  func `RC-030 SRS-092 marks every screen of a simulated pump and no other`() {
    for state in TherapyState.allCases {
      for alarm in [nil, AlarmID.driveFault, .mainsLost] {
        for keying in [false, true] {
          var status = Scene.status(state)
          if let alarm { status.alarms.insert(alarm) }
          var view = Scene.view(of: status)
          view.editor = keying ? OrderEditor(from: status.held) : nil
          #expect(Self.draw(view).shows("SIM"), "\(state), \(String(describing: alarm))")
          view.control?.simulated = false
          #expect(!Self.draw(view).shows("SIM"), "\(state), \(String(describing: alarm))")
        }
      }
    }
  }

  @Test func `shows an alarm of the monitor like one of the controller`() {
    var status = Scene.status(.halted)
    status.alarms.insert(.overInfusion)
    let own = Self.draw(Scene.view(of: status))
    var view = Scene.view(of: Scene.status(.halted))
    var safety = SafetyStatus()
    safety.alarms.insert(.overInfusion)
    view.safety = safety
    view.safetyAt = Scene.now
    #expect(Self.draw(view) == own)
  }

  @Test(.tags(.`RC-090`, .`SRS-085`))
  func `RC-090 SRS-085 says the priority of an alarm in words and marks`() {
    #expect(Self.alarmPicture(.occlusionDownstream, .halted).shows("!!! HIGH"))
    #expect(Self.alarmPicture(.batteryLow, .halted).shows("!! MEDIUM"))
    #expect(Self.alarmPicture(.mainsLost, .halted).shows("! LOW"))
  }

  private static func alarmPicture(
    _ alarm: AlarmID, _ state: TherapyState, _ language: Language = .english
  ) -> Picture {
    var status = Scene.status(state)
    status.alarms.insert(alarm)
    var view = Scene.view(of: status)
    view.language = language
    return draw(view)
  }

  @Test func `moves a mark while fluid does and only then`() {
    func pictures(_ state: TherapyState) -> [Picture] {
      (0..<3).map { step in
        var view = Scene.view(of: Scene.status(state))
        view.now = Scene.now + .milliseconds(Int64(step) * 500)
        view.controlAt = view.now
        return Self.draw(view)
      }
    }
    let running = pictures(.infusing)
    #expect(running[0] != running[1] && running[1] != running[2] && running[2] != running[0])
    let paused = pictures(.paused)
    #expect(paused[0] == paused[1] && paused[1] == paused[2])
  }
}
