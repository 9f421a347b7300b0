// SPDX-License-Identifier: Apache-2.0

public import Board
public import DeviceInterface
import Units

/// The contract of a pump's board, clause by clause, on whatever board and world it is given.
///
/// The same clauses run over the simulated boards, over gpio-sim in the kernel lab and over a wired
/// board. No clause moves the motor: nothing but outputs, inputs and memory is touched.
public struct BoardContract<Control: ControlBoard, Safety: SafetyBoard, World: ContractWorld> {
  private let map: BoardMap
  private var control: Control
  private var safety: Safety
  private var world: World
  private var results: [ContractResult] = []

  public init(of map: BoardMap, control: Control, safety: Safety, in world: World) {
    self.map = map
    self.control = control
    self.safety = safety
    self.world = world
  }

  /// Every clause, in order.
  public mutating func check() -> [ContractResult] {
    results = []
    startsSafe()
    inputs()
    shortPress()
    controlOutputs()
    safetyOutputs()
    strokes()
    memory()
    driveRests()
    endsSafe()
    return results
  }

  // MARK: Clauses

  /// RC-004: preparing writes the safe level of every output.
  private mutating func startsSafe() {
    do {
      try control.prepare()
      try safety.prepare()
      note("prepares", nil)
    } catch { note("prepares", "threw \(error)") }
    world.pass(milliseconds: 20)
    outputsAreSafe("after preparing")
  }

  private mutating func endsSafe() {
    control.act(.off, ControlOutputs(), at: world.now)
    safety.act(SafetyOutputs(), at: world.now)
    world.pass(milliseconds: 20)
    outputsAreSafe("after the last act")
  }

  private mutating func outputsAreSafe(_ when: String) {
    for line in map.lines {
      guard case .output(let safe) = line.kind,
        line.bit != SafetyLine.stroke.rawValue || line.bank != .safety
      else { continue }
      expect("\(line.name) is safe \(when)", world.level(line), safe)
    }
  }

  private mutating func inputs() {
    for line in map.lines(of: .control) {
      if case .output = line.kind { continue }
      for on in [true, false] {
        guard world.set(line, on) else {
          note("reads \(line.name)", nil, shown: false)
          break
        }
        settle()
        expect("reads \(line.name) as \(on)", reading(line, control.sense(at: world.now)), on)
      }
    }
    for line in map.lines(of: .safety) where line.bit == SafetyLine.motorPowered.rawValue {
      for on in [true, false] {
        guard world.set(line, on) else {
          note("reads \(line.name)", nil, shown: false)
          break
        }
        settle()
        expect("reads \(line.name) as \(on)", safety.sense(at: world.now).motorPowered, on)
      }
    }
  }

  /// A press between two samples is seen, once.
  private mutating func shortPress() {
    for line in map.lines(of: .control) {
      guard case .key = line.kind, line.bit != ControlLine.airDetected.rawValue else { continue }
      let clause = "sees a short press of \(line.name)"
      guard world.set(line, false) else {
        note(clause, nil, shown: false)
        continue
      }
      settle()
      _ = control.sense(at: world.now)
      _ = world.set(line, true)
      // Longer than the debounce time, shorter than a cycle.
      world.pass(milliseconds: 8)
      _ = world.set(line, false)
      world.pass(milliseconds: 8)
      expect(clause, reading(line, control.sense(at: world.now)), true)
      settle()
      expect(clause + " once", reading(line, control.sense(at: world.now)), false)
    }
  }

  private mutating func controlOutputs() {
    for line in map.lines(of: .control) {
      guard case .output = line.kind else { continue }
      for on in [true, false] {
        var outputs = ControlOutputs()
        switch ControlLine(rawValue: line.bit) {
        case .motorEnable: outputs.motorEnable = on
        case .buzzer: outputs.buzzer = on
        case .lampRed: outputs.lampRed = on
        case .lampYellow: outputs.lampYellow = on
        case .lampGreen: outputs.lampGreen = on
        default: break
        }
        control.act(.off, outputs, at: world.now)
        world.pass(milliseconds: 10)
        expect("writes \(line.name) \(on)", world.level(line), on)
      }
    }
  }

  private mutating func safetyOutputs() {
    for line in map.lines(of: .safety) {
      guard line.bit == SafetyLine.gate.rawValue || line.bit == SafetyLine.buzzer.rawValue else {
        continue
      }
      for on in [true, false] {
        var outputs = SafetyOutputs()
        if line.bit == SafetyLine.gate.rawValue { outputs.gate = on } else { outputs.buzzer = on }
        safety.act(outputs, at: world.now)
        world.pass(milliseconds: 10)
        expect("writes \(line.name) \(on)", world.level(line), on)
      }
    }
  }

  /// RC-019: a stroke is an edge, and none comes without being asked for.
  private mutating func strokes() {
    for line in map.lines(of: .safety) where line.bit == SafetyLine.stroke.rawValue {
      var outputs = SafetyOutputs()
      outputs.stroke = true
      guard let before = world.level(line) else {
        note("strokes", nil, shown: false)
        return
      }
      safety.act(outputs, at: world.now)
      world.pass(milliseconds: 10)
      expect("strokes with an edge", world.level(line), !before)
      safety.act(outputs, at: world.now)
      world.pass(milliseconds: 10)
      expect("strokes with an edge back", world.level(line), before)
      safety.act(SafetyOutputs(), at: world.now)
      world.pass(milliseconds: 10)
      expect("makes no stroke unasked", world.level(line), before)
    }
  }

  /// RC-006: what was written is there, in both halves; what is not there is refused.
  private mutating func memory() {
    for address in [0, control.memorySize - 32] {
      let clause = "keeps 32 bytes at \(address)"
      do {
        let kept = try control.readMemory(32, at: address)
        var block = MemoryBlock()
        for position in 0..<32 { block.append(kept[position] ^ UInt8(position + 1)) }
        try control.writeMemory(block, at: address)
        let back = try control.readMemory(32, at: address)
        try control.writeMemory(kept, at: address)
        note(clause, (0..<32).allSatisfy { back[$0] == block[$0] } ? nil : "other bytes came back")
      } catch { note(clause, "threw \(error)") }
    }
    do {
      _ = try control.readMemory(1, at: control.memorySize)
      note("refuses memory that is not there", "gave it")
    } catch {
      note("refuses memory that is not there", error == .badRequest ? nil : "threw \(error)")
    }
  }

  private mutating func driveRests() {
    control.act(.off, ControlOutputs(), at: world.now)
    world.pass(milliseconds: 300)
    guard let first = control.sense(at: world.now).drive else {
      note("has a drive that answers", "no report")
      return
    }
    world.pass(milliseconds: 300)
    let later = control.sense(at: world.now).drive
    note(
      "has a drive that rests",
      later?.position == first.position && later?.energised == false ? nil : "\(later as Any)")
  }

  // MARK: Parts

  /// Long enough for the debounce time and the slowest of the simulated world's looks.
  private mutating func settle() { world.pass(milliseconds: 110) }

  private func reading(_ line: BoardLine, _ readings: ControlReadings) -> Bool? {
    if readings.linesLost { return nil }
    switch ControlLine(rawValue: line.bit) {
    case .stopKey: return readings.stopKey
    case .confirmKey: return readings.confirmKey
    case .doorClosed: return readings.doorClosed
    case .plungerEngaged: return readings.plungerEngaged
    case .airDetected: return readings.airDetected
    case .mains: return readings.mains
    default: return nil
    }
  }

  private mutating func expect(_ clause: String, _ found: Bool?, _ wanted: Bool) {
    guard let found else {
      note(clause, nil, shown: false)
      return
    }
    note(clause, found == wanted ? nil : "is \(found)")
  }

  private mutating func note(_ clause: String, _ trouble: String?, shown: Bool = true) {
    let outcome: ContractResult.Outcome =
      if let trouble { .broken(trouble) } else if shown { .kept } else {
        .notShown("not in this world")
      }
    results.append(ContractResult(clause: clause, outcome: outcome))
  }
}
