// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Units

/// A control board that passes everything on and lets the black box see it.
public struct RecordingBoard<Base: ControlBoard, Store: RecordStore>: ControlBoard {
  public var base: Base
  public var recorder: Recorder<Store>

  public init(_ base: Base, recorder: Recorder<Store>) {
    self.base = base
    self.recorder = recorder
  }

  @inlinable public var simulated: Bool { base.simulated }
  @inlinable public var memorySize: Int { base.memorySize }

  @inlinable public mutating func prepare() throws(BusError) { try base.prepare() }

  @inlinable
  public mutating func sense(at now: Instant) -> ControlReadings {
    let readings = base.sense(at: now)
    recorder.sensed(readings)
    return readings
  }

  @inlinable
  public mutating func act(_ order: DriveOrder, _ outputs: ControlOutputs, at now: Instant) {
    recorder.acted(order, outputs)
    base.act(order, outputs, at: now)
  }

  @inlinable
  public mutating func writeMemory(_ block: MemoryBlock, at address: Int) throws(BusError) {
    do { try base.writeMemory(block, at: address) } catch {
      recorder.wrote(block, at: address, error)
      throw error
    }
    recorder.wrote(block, at: address, nil)
  }

  @inlinable
  public mutating func readMemory(_ count: Int, at address: Int) throws(BusError) -> MemoryBlock {
    try base.readMemory(count, at: address)
  }
}

extension RecordingBoard: Sendable where Base: Sendable, Store: Sendable {}

extension ControlCycle {
  /// One cycle with everything about it recorded.
  @inlinable
  public mutating func step<Base, Store>(
    recording inbox: inout ControlInbox, at now: Instant, into outbox: inout ControlOutbox
  ) where Board == RecordingBoard<Base, Store> {
    if board.recorder.wantsCheckpoint {
      board.recorder.checkpoint(checkpoint(), at: now)
    }
    board.recorder.begin(&inbox, at: now)
    step(&inbox, at: now, into: &outbox)
    if outbox.publish { board.recorder.said(&published) }
    board.recorder.end(outbox.events)
  }
}
