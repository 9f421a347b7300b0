// SPDX-License-Identifier: Apache-2.0

import DeviceInterface
import Domain
import EveryCase
import Panel
import ServiceAPI
import Testing
import Units

@Suite struct UpdatePromptTests {
  /// A panel whose pump and updater always answer.
  private struct Bench {
    var core = PanelCore(now: Scene.now)
    var now = Scene.now
    var status: ControlStatus
    var notice: UpdateNotice

    init(_ state: TherapyState = .standby, _ notice: UpdateNotice = Scene.notice(.offered)) {
      status = Scene.status(state)
      self.notice = notice
      core.view.serviceAlive = true
    }

    /// Holds keys for a time; what the panel sends meanwhile.
    mutating func hold(_ keys: PanelKeys, for time: Interval) -> [CommandKind] {
      var sent: [CommandKind] = []
      let end = now + time
      while now < end {
        core.view.control = status
        core.view.controlAt = now
        core.view.update.hear(notice, at: now)
        if let action = core.step(keys: keys, now: now) { sent.append(action.command.kind) }
        now = now + .milliseconds(20)
      }
      return sent
    }

    /// The image that was agreed to since the last call.
    mutating func agreed() -> String? {
      var image: String?
      while let request = core.takeRequest() {
        guard request.about == .agree, let asked = try? ServiceRequest(request.bytes),
          case .agreeUpdate(nil, let named) = asked
        else { continue }
        image = named
      }
      return image
    }

    @discardableResult mutating func press(_ keys: PanelKeys) -> [CommandKind] {
      hold(keys, for: .milliseconds(60)) + hold([], for: .milliseconds(60))
    }
  }

  @Test(.tags(.`RC-125`, .`SRS-165`))
  func `RC-125 SRS-165 START and then OK agree, once, to the image on the screen`() {
    var bench = Bench()
    #expect(bench.press(.start).isEmpty)
    #expect(bench.agreed() == nil)
    #expect(bench.press(.ok).isEmpty)
    #expect(bench.agreed() == Scene.imageHex)
    #expect(bench.agreed() == nil)
    #expect(bench.core.view.editor == nil)
  }

  @Test(.tags(.`RC-125`, .`SRS-165`))
  func `RC-125 SRS-165 no other two keys agree`() {
    let keys = (0..<8).map { PanelKeys(rawValue: 1 << $0) }
    let others = pairs(keys, keys).filter { $0.0 != .start || $0.1 != .ok }
    everyCase(of: others) { first, second in
      var bench = Bench()
      bench.press(first)
      bench.press(second)
      #expect(bench.agreed() == nil, "\(first), \(second)")
    }
    // Both at once are not one after the other.
    var bench = Bench()
    bench.press([.start, .ok])
    bench.press(.ok)
    #expect(bench.agreed() == nil)
  }

  @Test(.tags(.`RC-125`, .`SRS-165`))
  func `RC-125 SRS-165 offers nothing and agrees to nothing but in standby`() {
    everyCase(of: TherapyState.allCases) { state in
      var bench = Bench(state)
      bench.press([])
      let offered = bench.core.view.offer != nil
      #expect(offered == (state == .standby))
      guard !offered else { return }
      let shown = Picture(Screens.draw(bench.core.view))
      #expect(!shown.shows("Update waits") && !shown.shows("1.5.0"))
      bench.press(.start)
      bench.press(.ok)
      #expect(bench.agreed() == nil)
    }
  }

  @Test(.tags(.`RC-125`, .`SRS-165`))
  func `RC-125 SRS-165 a therapy, another image and half a minute each drop the question`() {
    for change in 0..<3 {
      var bench = Bench()
      bench.press(.start)
      #expect(bench.core.view.update.asked == Scene.image)
      switch change {
      case 0:
        bench.status = Scene.status(.programmed)
        bench.press(.ok)
      case 1:
        bench.notice.digest = ContentHash(9, 9, 9, 9)
        bench.press(.ok)
      default:
        _ = bench.hold([], for: .seconds(31))
        #expect(bench.core.view.update.asked == nil)
      }
      #expect(bench.agreed() == nil, "\(change)")
    }
  }

  @Test(.tags(.`RC-125`, .`SRS-165`))
  func `RC-125 SRS-165 offers nothing that it cannot show whole or that nobody says any more`() {
    var notice = Scene.notice(.offered)
    notice.candidate = ShortName("1.5.0-a-very-long-name") ?? ShortName()
    var bench = Bench(.standby, notice)
    bench.press([])
    #expect(bench.core.view.offer == nil)
    bench = Bench()
    bench.press([])
    #expect(bench.core.view.offer != nil)
    bench.core.view.now = bench.now + .seconds(4)
    bench.core.view.controlAt = bench.core.view.now
    #expect(bench.core.view.offer == nil)
  }

  @Test(.tags(.`SRS-165`))
  func `SRS-165 an offer stands in nobody's way`() {
    var bench = Bench()
    bench.press(.ok)
    #expect(bench.core.view.editor != nil)
    bench = Bench()
    bench.press(.left)
    #expect(bench.core.view.offer == nil && bench.core.view.menu == nil)
    bench.press(.left)
    #expect(bench.core.view.menu != nil)
    _ = bench.hold([], for: .minutes(11))
    #expect(bench.core.view.offer != nil)
    #expect(bench.press(.silence) == [.silence])
    // Without power the answer would be no; the key says so by doing nothing.
    bench.notice.needsPower = true
    bench.press(.start)
    #expect(bench.core.view.update.asked == nil)
  }

  @Test(.tags(.`RC-126`, .`SRS-166`))
  func `RC-126 SRS-166 a return is an alarm of low priority until somebody has seen it`() {
    var bench = Bench(.standby, Scene.notice(.none, outcome: .returned))
    bench.press([])
    #expect(bench.core.view.alarms == .of(.updateReturned))
    #expect(Picture(Screens.draw(bench.core.view)).shows("! Update returned"))
    // An alarm that stands before it is the one that OK clears.
    bench.status.alarms.insert(.doorOpen)
    #expect(bench.press(.ok) == [.clear])
    #expect(bench.core.takeAnswer() == nil)
    bench.status.alarms = AlarmSet()
    #expect(bench.press(.ok).isEmpty)
    #expect(bench.core.takeAnswer() == UpdateAnswer(.seen))
    bench.notice.outcome = .none
    bench.press([])
    #expect(bench.core.view.alarms.isEmpty)
  }
}
