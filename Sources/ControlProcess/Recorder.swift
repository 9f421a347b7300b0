// SPDX-License-Identifier: Apache-2.0

public import DeviceInterface
public import Domain
public import Units

/// The black box: keeps what every cycle was given and a sum of what it gave, in a ring (RC-022).
///
/// What a cycle is given is stored before it decides, so that a decision that ends the process can be
/// looked at too. The ring always holds the newest cycles; the oldest segment makes room for the next.
// RC-022: the black box that a replay must reproduce bit for bit.
public struct Recorder<Store: RecordStore> {
  public var store: Store
  @usableFromInline var encoder = RecordEncoder()
  @usableFromInline var segments: Int
  @usableFromInline var number: UInt64 = 0
  @usableFromInline var filled: Int = 0

  /// A recorder that waits for its first checkpoint; a store too small for two segments is not used.
  public init(_ store: Store) {
    self.store = store
    let room = (store.size - RecordFormat.headerLength) / RecordFormat.segmentLength
    segments = room < 2 ? 0 : room
  }

  /// The recorder has somewhere to write.
  @inlinable public var records: Bool { segments > 0 }

  /// The present segment has no room for another cycle: it is time for a checkpoint.
  @inlinable public var wantsCheckpoint: Bool {
    segments > 0
      && (number == 0 || filled > RecordFormat.segmentLength - 2 * RecordFormat.longestEntry)
  }

  /// Begins the next segment with the controller's state, after a cycle and before the next.
  @inlinable
  public mutating func checkpoint(_ state: borrowing RecordBuffer, at now: Instant) {
    guard segments > 0, !state.overflowed else { return }
    if number == 0 {
      var header = RecordFormat.header()
      store.write(&header, at: 0)
    }
    let next = number + 1
    let start = offset(of: next)
    // What the segment held until now is gone before anything of it is overwritten.
    store.commit(RecordFormat.lengthWord(0), at: start + 8)
    store.commit(next, at: start)
    number = next
    filled = RecordFormat.segmentHeaderLength
    encoder.checkpoint(state, number: next, at: now)
    add()
  }

  /// Takes up what the next cycle is given, before its board is read.
  @inlinable
  public mutating func begin(_ inbox: inout ControlInbox, at now: Instant) {
    guard number > 0 else { return }
    encoder.begin(&inbox, at: now)
  }

  /// Stores what the cycle was given, its readings now among it.
  @inlinable
  public mutating func sensed(_ readings: ControlReadings) {
    guard number > 0 else { return }
    encoder.sensed(readings)
    add()
  }

  @inlinable
  public mutating func acted(_ order: DriveOrder, _ outputs: ControlOutputs) {
    if number > 0 { encoder.output.acted(order, outputs) }
  }

  @inlinable
  public mutating func wrote(_ block: MemoryBlock, at address: Int, _ error: BusError?) {
    if number > 0 { encoder.output.wrote(block, at: address, error) }
  }

  /// Takes up a status that the cycle published.
  @inlinable
  public mutating func said(_ status: inout ControlStatus) {
    if number > 0 { encoder.output.said(&status) }
  }

  /// Stores what the cycle gave.
  @inlinable
  public mutating func end(_ events: borrowing EventBatch) {
    guard number > 0 else { return }
    encoder.end(events)
    add()
  }

  @usableFromInline func offset(of number: UInt64) -> Int {
    RecordFormat.headerLength
      + Int((number &- 1) % UInt64(segments)) * RecordFormat.segmentLength
  }

  /// Adds the encoder's entry to the segment; one that finds no room is left out, and the next
  /// checkpoint comes first.
  @inlinable
  mutating func add() {
    let length = encoder.buffer.count
    guard length > 0, filled + length <= RecordFormat.segmentLength else { return }
    let start = offset(of: number)
    store.write(&encoder.buffer, at: start + filled)
    filled += length
    store.commit(RecordFormat.lengthWord(filled), at: start + 8)
  }
}

extension Recorder: Sendable where Store: Sendable {}

/// Puts entries together; apart from the store, so that it is one piece of code for all of them.
@usableFromInline
struct RecordEncoder: Sendable {
  @usableFromInline var buffer = RecordBuffer()
  @usableFromInline var output = RecordedOutput()
  private var inputs = DeltaWriter()
  private var statuses = DeltaWriter()
  private var sum = RecordSum()
  private var input = RecordedInput()
  private var command: Command?
  private var safety = SafetyStatus()
  private var lastSafetyAt: Instant?
  private var newSafety = false
  private var clock = Instant.zero

  @usableFromInline init() {}

  @usableFromInline
  mutating func checkpoint(_ state: borrowing RecordBuffer, number: UInt64, at now: Instant) {
    inputs.forget()
    statuses.forget()
    lastSafetyAt = nil
    clock = now
    sum = RecordSum()
    sum.add(number)
    output = RecordedOutput()
    open(.checkpoint)
    var at = UInt64(bitPattern: now.native)
    do throws(FieldRefusal) { try buffer.field(&at) } catch {}
    sum.add(at)
    var position = 0
    while position < state.count {
      buffer.append(state.bytes[position])
      sum.add(UInt64(state.bytes[position]))
      position += 1
    }
    close()
  }

  @usableFromInline
  mutating func begin(_ inbox: inout ControlInbox, at now: Instant) {
    input.take(&inbox, sinceLast: now - clock)
    clock = now
    if input.hasCommand { command = inbox.command }
    // A new status comes with a new instant (``ControlInbox/safetyAt``).
    newSafety = input.hasSafety && input.safetyAt != lastSafetyAt
    lastSafetyAt = input.safetyAt
    if newSafety, let fresh = inbox.safety { safety = fresh }
    output.beginCycle()
  }

  @usableFromInline
  mutating func sensed(_ readings: ControlReadings) {
    input.readings = readings
    open(.input)
    inputs.begin()
    do throws(FieldRefusal) { try input.fields(&inputs) } catch {}
    inputs.write(to: &buffer, &sum)
    if newSafety {
      statuses.begin()
      do throws(FieldRefusal) { try safety.fields(&statuses) } catch {}
      statuses.write(to: &buffer, &sum)
    }
    if input.hasCommand, var command {
      let start = buffer.count
      do throws(FieldRefusal) { try command.fields(&buffer) } catch {}
      var position = start
      while position < buffer.count {
        sum.add(UInt64(buffer.bytes[position]))
        position += 1
      }
    }
    close()
  }

  @usableFromInline
  mutating func end(_ events: borrowing EventBatch) {
    output.said(events)
    open(.output)
    buffer.append(UInt8(truncatingIfNeeded: output.writeCount))
    sum.add(UInt64(output.writeCount))
    var position = 0
    while position < output.writeCount {
      buffer.append(output.writes[position])
      sum.add(UInt64(output.writes[position]))
      position += 1
    }
    buffer.append(word: output.sum.value)
    sum.add(UInt64(output.sum.value))
    close()
  }

  private mutating func open(_ kind: RecordFormat.Entry) {
    buffer.removeAll()
    buffer.append(kind.rawValue)
    buffer.append(0)
    buffer.append(0)
    sum.add(UInt64(kind.rawValue))
  }

  private mutating func close() {
    buffer.append(word: sum.value)
    buffer.setLength()
    if buffer.overflowed { buffer.removeAll() }
  }
}

extension RecordBuffer {
  /// Writes the length of what follows into the second and third byte.
  mutating func setLength() {
    let length = count - 3
    replace(1, UInt8(truncatingIfNeeded: length))
    replace(2, UInt8(truncatingIfNeeded: length &>> 8))
  }
}
