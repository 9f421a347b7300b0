// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Units

/// A control board that passes everything on, and keeps what came back when it has a recorder.
public struct RecordingBoard<Base: ControlBoard>: ControlBoard {
  public var base: Base
  public var recorder: Recorder?

  public init(_ base: Base, recorder: Recorder?) {
    self.base = base
    self.recorder = recorder
  }

  public var simulated: Bool { base.simulated }
  public var memorySize: Int { base.memorySize }

  public mutating func prepare() throws(BusError) {
    do { try base.prepare() } catch {
      recorder?.prepared(error)
      throw error
    }
    recorder?.prepared(nil)
  }

  public mutating func sense(at now: Instant) -> ControlReadings {
    let readings = base.sense(at: now)
    recorder?.sensed(readings)
    return readings
  }

  public mutating func act(_ order: DriveOrder, _ outputs: ControlOutputs, at now: Instant) {
    recorder?.acted(order, outputs)
    base.act(order, outputs, at: now)
  }

  public mutating func writeMemory(_ block: MemoryBlock, at address: Int) throws(BusError) {
    do { try base.writeMemory(block, at: address) } catch {
      recorder?.memoryWritten(block, at: address, error)
      throw error
    }
    recorder?.memoryWritten(block, at: address, nil)
  }

  public mutating func readMemory(_ count: Int, at address: Int) throws(BusError) -> MemoryBlock {
    do {
      let block = try base.readMemory(count, at: address)
      recorder?.memoryRead(block, nil)
      return block
    } catch {
      recorder?.memoryRead(nil, error)
      throw error
    }
  }
}

/// A control board that plays a recording and drives nothing.
public struct PlaybackBoard: ControlBoard {
  public var player: Player
  public let memorySize: Int

  public init(_ player: Player, memorySize: Int) {
    self.player = player
    self.memorySize = memorySize
  }

  public var simulated: Bool { true }

  public mutating func prepare() throws(BusError) { try player.prepared() }
  public mutating func sense(at now: Instant) -> ControlReadings { player.sensed() }
  public mutating func act(_ order: DriveOrder, _ outputs: ControlOutputs, at now: Instant) {
    player.acted(order, outputs)
  }
  public mutating func writeMemory(_ block: MemoryBlock, at address: Int) throws(BusError) {
    try player.memoryWritten(block, at: address)
  }
  public mutating func readMemory(_ count: Int, at address: Int) throws(BusError) -> MemoryBlock {
    try player.memoryRead()
  }
}
