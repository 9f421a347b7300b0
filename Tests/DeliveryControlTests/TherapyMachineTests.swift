// SPDX-License-Identifier: Apache-2.0

import Domain
import EveryCase
import Testing

@testable import DeliveryControl

@Suite struct TherapyMachineTests {
  typealias State = TherapyMachine.State
  typealias Event = TherapyMachine.Event

  static let states: [State] = [
    .standby, .programmed, .awaitingConfirm(.programmed), .awaitingConfirm(.paused),
    .awaitingConfirm(.halted), .starting, .infusing(change: false), .infusing(change: true),
    .kvo(change: false), .kvo(change: true), .paused, .relieving, .halted, .faulted,
  ]
  static let events: [Event] = [
    .program, .start, .pause, .stop, .cancel, .confirmKey, .stopKey, .lapse, .gateClosed,
    .vtbiReached, .occlusion, .relieved, .alarm, .fault,
  ]

  /// What follows each state and event, one letter for a pair.
  ///
  /// A dot stays, an exclamation mark is refused, a letter names the next state: s standby,
  /// p programmed, a awaiting, g starting, i infusing, I infusing with a change, k kvo, K kvo with a
  /// change, u paused, r relieving, h halted, f faulted.
  static let table = [
    "p!!!!!.......f",  // standby
    "pa!s!!.......f",  // programmed
    "!!!spgpp....pf",  // awaiting, from programmed
    "!!!suguu....uf",  // awaiting, from paused
    "!!!shghh....hf",  // awaiting, from halted
    "!!us!!u.i.h.hf",  // starting
    "I!us!!u..kr.hf",  // infusing
    "I.usigui.Kr.hf",  // infusing with a change
    "K!us!!u...r.hf",  // kvo
    "K.uskguk..r.hf",  // kvo with a change
    "!a!s!!.......f",  // paused
    "!!hs!!h....hhf",  // relieving
    "!a!s!!.......f",  // halted
    "!!!!!!.......f",  // faulted
  ]

  static func letter(_ state: State) -> Character {
    switch state {
    case .standby: "s"
    case .programmed: "p"
    case .awaitingConfirm: "a"
    case .starting: "g"
    case .infusing(let change): change ? "I" : "i"
    case .kvo(let change): change ? "K" : "k"
    case .paused: "u"
    case .relieving: "r"
    case .halted: "h"
    case .faulted: "f"
    }
  }

  /// The shortest way from standby to every state, found by trying every event.
  static func machines() -> [State: TherapyMachine] {
    var found: [State: TherapyMachine] = [.standby: TherapyMachine()]
    var queue: [State] = [.standby]
    while let state = queue.popLast() {
      for event in events {
        guard var machine = found[state] else { continue }
        machine.apply(event)
        if found[machine.state] == nil {
          found[machine.state] = machine
          queue.append(machine.state)
        }
      }
    }
    return found
  }

  @Test func `every state can be reached`() {
    #expect(Set(Self.machines().keys) == Set(Self.states))
  }

  @Test(.tags(.`RC-095`, .`SRS-010`))
  func `RC-095 SRS-010 every pair of state and event does what the table says`() throws {
    let machines = Self.machines()
    let table = Self.table.map(Array.init)
    #expect(table.count == Self.states.count)
    try everyCase(of: pairs(Self.states.indices, Self.events.indices)) { row, column in
      let (state, event) = (Self.states[row], Self.events[column])
      let mark = table[row][column]
      var machine = try #require(machines[state], "\(state) cannot be reached")
      let verdict = machine.apply(event)
      switch verdict {
      case .stay: #expect(mark == ".", "\(state) \(event)")
      case .refused: #expect(mark == "!", "\(state) \(event)")
      case .to(let next):
        #expect(mark == Self.letter(next), "\(state) \(event)")
        #expect(machine.state == next)
      }
    }
  }

  @Test(.tags(.`SRS-009`))
  func `SRS-009 only CONFIRM leads to a start, and only a start to forward motion`() throws {
    let machines = Self.machines()
    try everyCase(of: pairs(Self.states, Self.events)) { state, event in
      let machine = try #require(machines[state])
      var next = machine
      next.apply(event)
      if next.state == .starting && state != .starting { #expect(event == .confirmKey) }
      if next.therapy.delivers && !machine.therapy.delivers {
        #expect(state == .starting && event == .gateClosed)
      }
    }
  }

  @Test(.tags(.`SRS-002`))
  func `SRS-002 STOP, pause and stop end motion from every moving state`() throws {
    let machines = Self.machines()
    let events = [Event.stopKey, .pause, .stop, .alarm, .fault]
    try everyCase(of: pairs(Self.states, events)) { state, event in
      let machine = try #require(machines[state])
      var next = machine
      next.apply(event)
      if machine.therapy.moves { #expect(!next.therapy.moves, "\(state) \(event)") }
    }
  }
}
