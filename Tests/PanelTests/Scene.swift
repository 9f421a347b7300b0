// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import Panel
import ServiceAPI
import Testing
import Units

/// A moment of the pump that a screen is drawn from.
struct Scene: Sendable, CustomTestStringConvertible {
  /// Names the picture under `Goldens`.
  var name: String
  var view: PanelView

  var testDescription: String { name }

  static let now = Instant.nanoseconds(100_000_000_000)

  static func order(rate: FlowRate) -> PrescriptionDraft {
    PrescriptionDraft(
      drug: DrugName("Saline 0.9%") ?? DrugName(), syringe: .mL50, rate: rate,
      vtbi: .millilitres(10))
  }

  /// A status as it is in that state with the demonstration order: 5 mL/h, VTBI 10 mL.
  static func status(_ state: TherapyState) -> ControlStatus {
    var status = ControlStatus()
    status.state = state
    status.simulated = true
    status.mains = true
    status.battery = .percent(98)
    status.pressure = .mmHg(45)
    guard state != .standby else { return status }
    status.held = order(rate: .mLPerHour(5))
    status.timeRemaining = .minutes(120)
    switch state {
    case .infusing:
      status.commandedRate = .mLPerHour(5)
      status.delivered = .microlitres(1_234)
      status.timeRemaining = .minutes(106)
    case .kvo:
      status.commandedRate = .mLPerHour(1)
      status.delivered = .millilitres(10)
      status.timeRemaining = .zero
    case .paused, .relieving, .halted, .faulted:
      status.delivered = .microlitres(2_500)
      status.timeRemaining = .minutes(90)
    case .awaitingConfirm: status.confirmDeadline = now + .seconds(42)
    case .standby, .programmed, .starting: break
    }
    return status
  }

  static func view(of status: ControlStatus) -> PanelView {
    var view = PanelView(now: now)
    view.control = status
    view.controlAt = now
    view.serviceAlive = true
    return view
  }

  /// A scene of one state, changed as `change` says.
  static func scene(
    _ name: String, _ state: TherapyState, _ change: (inout ControlStatus) -> Void = { _ in }
  ) -> Scene {
    var status = status(state)
    change(&status)
    return Scene(name: name, view: view(of: status))
  }

  /// Every screen in every language; the German ones are named with "-de".
  static let all: [Scene] = english + english.map(\.inGerman)

  private var inGerman: Scene {
    var scene = Scene(name: name + "-de", view: view)
    scene.view.language = .german
    return scene
  }

  static let english: [Scene] = pump + people

  private static let pump: [Scene] = [
    Scene(name: "no-controller", view: PanelView(now: now)),
    scene("standby", .standby),
    scene("ready", .programmed),
    scene("read-back", .awaitingConfirm),
    scene("starting", .starting),
    scene("infusing", .infusing),
    scene("change", .infusing) {
      $0.pending = order(rate: .microlitresPerHour(12_500))
      $0.confirmDeadline = now + .seconds(60)
    },
    scene("caution", .infusing) {
      $0.mains = false
      $0.battery = .percent(7)
      $0.pressure = nil
      $0.uncertainty = .microlitres(20)
      $0.alarms.insert(.mainsLost)
      $0.alarms.insert(.batteryLow)
    },
    scene("keep-vein-open", .kvo),
    scene("complete", .kvo) { $0.alarms.insert(.endOfInfusion) },
    scene("paused", .paused),
    scene("occluded", .halted) {
      $0.alarms.insert(.occlusionDownstream)
      $0.audioPausedUntil = now + .seconds(100)
    },
    scene("relieving", .relieving) { $0.alarms.insert(.occlusionDownstream) },
    scene("faulted", .faulted) { $0.alarms.insert(.driveFault) },
    serviceGone,
    keyingIn,
    largeChange,
    menu("menu", [.down, .down]),
    menu("history", [.ok]),
    menu("device", [.down, .ok]),
    keysLocked,
    update("update"),
    update("update-asked") { _ = $0.press(.start, on: $1, at: now) },
    update("update-power", needsPower: true),
    update("update-agreed", stage: .agreed),
    update("update-library", kind: .drugLibrary),
    update("update-library-asked", kind: .drugLibrary) { _ = $0.press(.start, on: $1, at: now) },
    update("update-configuration", kind: .configuration),
    update("update-returned", stage: .none, outcome: .returned),
  ]

  static let image = ContentHash(0x1a2b_3c4d_0000_0000, 0, 0, 1)
  static let imageHex = "1a2b3c4d" + String(repeating: "0", count: 55) + "1"

  static func notice(_ stage: UpdateStage, outcome: UpdateOutcome = .none) -> UpdateNotice {
    var notice = UpdateNotice()
    notice.stage = stage
    notice.running = ShortName("1.4.0") ?? ShortName()
    if stage != .none {
      notice.candidate = ShortName("1.5.0-rc1") ?? ShortName()
      notice.digest = image
    }
    notice.outcome = outcome
    return notice
  }

  private static func update(
    _ name: String, kind: UpdateKind = .firmware, stage: UpdateStage = .offered,
    outcome: UpdateOutcome = .none, needsPower: Bool = false,
    _ press: (inout UpdatePrompt, UpdateNotice) -> Void = { _, _ in }
  ) -> Scene {
    var scene = scene(name, .standby)
    var notice = notice(stage, outcome: outcome)
    notice.kind = kind
    notice.needsPower = needsPower
    scene.view.update.hear(notice, at: now)
    press(&scene.view.update, notice)
    return scene
  }

  private static var largeChange: Scene {
    var scene = scene("large-change", .infusing)
    var editor = OrderEditor(from: scene.view.control?.held)
    for key in [.ok, .left, .up, .up, .ok, .ok] as [PanelKeys] { _ = editor.press(key) }
    scene.view.editor = editor
    return scene
  }

  private static func menu(_ name: String, _ keys: [PanelKeys]) -> Scene {
    var scene = scene(name, .infusing)
    for event in events { scene.view.history.append(event) }
    scene.view.version = "1.2.3"
    var menu = PanelMenu()
    for key in keys { _ = menu.press(key, events: events.count) }
    scene.view.menu = menu
    return scene
  }

  /// Half a minute in which the demonstration order ran into an occlusion.
  static let events: [PumpEvent] = [
    PumpEvent(
      source: .control, kind: .stateChanged, at: now - .seconds(40),
      a: Int64(TherapyState.starting.rawValue), b: Int64(TherapyState.infusing.rawValue)),
    PumpEvent(
      source: .control, kind: .alarmRaised, subject: AlarmID.occlusionDownstream.rawValue,
      at: now - .seconds(12)),
  ]

  private static var keysLocked: Scene {
    var scene = scene("keys-locked", .infusing)
    scene.view.lock.lock()
    scene.view.lock.press(.ok, now: now)
    return scene
  }

  private static var serviceGone: Scene {
    var scene = scene("service-gone", .infusing)
    scene.view.serviceAlive = false
    return scene
  }

  private static var keyingIn: Scene {
    var scene = scene("keying-in", .programmed)
    var editor = OrderEditor(from: scene.view.control?.held)
    _ = editor.press(.ok)
    _ = editor.press(.right)
    _ = editor.press(.up)
    scene.view.editor = editor
    return scene
  }
}
