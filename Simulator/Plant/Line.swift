// SPDX-License-Identifier: Apache-2.0

/// The tube from syringe to patient: liquid with plugs of air that move with the flow.
///
/// Places along the tube are volumes from its inlet, in femtolitres; a plug lies between its tail and
/// its head. The wall's stretch belongs to the inlet, so a plug moves by exactly what leaves the outlet.
/// A tail below zero still lies in the stretched inlet.
struct Line: Sendable {
  /// A plug of air.
  struct Bubble: Sendable {
    var tail: Int64
    var head: Int64
    var volume: Int64 { head &- tail }

    /// The part of the plug that lies in `low..<high`.
    @inline(__always)
    func part(from low: Int64, to high: Int64) -> Int64 {
      max(min(head, high) &- max(tail, low), 0)
    }
  }

  /// The most plugs told apart; beyond it the two nearest neighbours become one.
  static let capacity = 16

  /// The tube's volume at rest.
  let volume_fL: Int64
  private(set) var contents: Contents
  private(set) var count = 0
  /// Ordered from the inlet, not overlapping.
  private var bubbles: [16 of Bubble] = .init(repeating: Bubble(tail: 0, head: 0))

  init(volume_fL: Int64, stretch_fL: Int64) {
    self.volume_fL = volume_fL
    contents = Contents(liquid_fL: volume_fL + stretch_fL)
  }

  /// What the line holds beyond its volume at rest.
  var stretch_fL: Int64 { contents.total_fL &- volume_fL }

  /// The air in the plugs, counted plug by plug; it equals `contents.air_fL`.
  var airInBubbles_fL: Int64 {
    var sum: Int64 = 0
    for index in 0..<count { sum &+= bubbles[index].volume }
    return sum
  }

  /// The air that lies between two places.
  func air(from low: Int64, to high: Int64) -> Int64 {
    var sum: Int64 = 0
    for index in 0..<count { sum &+= bubbles[index].part(from: low, to: high) }
    return sum
  }

  // MARK: The inlet

  /// Takes in what the syringe pushes out.
  @inline(__always)
  mutating func enter(_ inflow: Contents) {
    contents += inflow
    guard inflow.air_fL > 0 else { return }
    if count > 0 && bubbles[0].tail <= 0 {
      bubbles[0].tail &-= inflow.air_fL
    } else {
      insert(Bubble(tail: 0 &- inflow.air_fL, head: 0), at: 0)
    }
  }

  /// Gives back up to `volume` to a syringe that draws: first the air that lies in the inlet.
  mutating func withdraw(_ volume: Int64) -> Contents {
    let wanted = max(volume, 0)
    var air: Int64 = 0
    if count > 0 && bubbles[0].tail < 0 {
      air = min(wanted, min(0 &- bubbles[0].tail, bubbles[0].volume))
      bubbles[0].tail &+= air
      if bubbles[0].volume == 0 { remove(at: 0) }
    }
    let taken = Contents(liquid_fL: min(wanted &- air, max(contents.liquid_fL, 0)), air_fL: air)
    contents -= taken
    return taken
  }

  // MARK: The outlet

  /// Moves everything towards the outlet and returns what leaves there, at most what the line holds.
  @inline(__always)
  mutating func discharge(_ volume: Int64) -> Contents {
    let air = count > 0 ? dischargeAir(volume) : 0
    let liquid = min(volume &- air, max(contents.liquid_fL, 0))
    let leaving = Contents(liquid_fL: liquid, air_fL: air)
    contents -= leaving
    return leaving
  }

  private mutating func dischargeAir(_ volume: Int64) -> Int64 {
    var air: Int64 = 0
    var index = count &- 1
    while index >= 0 {
      let gone = bubbles[index].part(from: volume_fL &- volume, to: volume_fL)
      air &+= gone
      if gone == bubbles[index].volume {
        remove(at: index)
      } else {
        bubbles[index].head = bubbles[index].head &- gone &+ volume
        bubbles[index].tail &+= volume
      }
      index &-= 1
    }
    return air
  }

  /// Moves everything towards the inlet and takes in what comes from beyond the outlet.
  mutating func drawBack(_ inflow: Contents) {
    let volume = inflow.total_fL
    for index in 0..<count {
      bubbles[index].tail &-= volume
      bubbles[index].head &-= volume
    }
    contents += inflow
    guard inflow.air_fL > 0 else { return }
    if count > 0 && bubbles[count &- 1].head == volume_fL &- volume {
      bubbles[count &- 1].head = volume_fL
    } else {
      insert(Bubble(tail: volume_fL &- inflow.air_fL, head: volume_fL), at: count)
    }
  }

  // MARK: Air put in from outside

  /// Puts a plug of air in the place of as much liquid and returns that volume, which may be less than
  /// asked for: a line holds no more air than itself.
  mutating func replaceLiquid(by air: Int64, at place: Int64) -> Int64 {
    let room = max(min(contents.liquid_fL, volume_fL &- contents.air_fL), 0)
    let volume = min(max(air, 0), room)
    guard volume > 0 else { return 0 }
    contents += Contents(liquid_fL: 0 &- volume, air_fL: volume)
    let head = min(place &+ volume, volume_fL)
    var index = 0
    while index < count && bubbles[index].tail < head { index &+= 1 }
    if index > 0 && bubbles[index &- 1].head >= head {
      // It falls within a plug: the plug grows towards the inlet.
      bubbles[index &- 1].tail &-= volume
    } else {
      insert(Bubble(tail: head &- volume, head: head), at: index)
    }
    separate()
    return volume
  }

  /// Joins plugs that overlap, keeping their volume and the head of the one nearer the outlet.
  private mutating func separate() {
    var index = count &- 1
    while index > 0 {
      if bubbles[index &- 1].head >= bubbles[index].tail { join(index &- 1) }
      index &-= 1
    }
  }

  // MARK: The list

  /// Makes one plug of those at `index` and `index + 1`.
  private mutating func join(_ index: Int) {
    let head = bubbles[index &+ 1].head
    let volume = bubbles[index].volume &+ bubbles[index &+ 1].volume
    remove(at: index &+ 1)
    bubbles[index] = Bubble(tail: head &- volume, head: head)
  }

  private mutating func insert(_ bubble: Bubble, at place: Int) {
    var index = place
    if count == Line.capacity {
      let joined = nearestNeighbours()
      join(joined)
      if joined < index { index &-= 1 }
    }
    var last = count
    while last > index {
      bubbles[last] = bubbles[last &- 1]
      last &-= 1
    }
    bubbles[index] = bubble
    count &+= 1
  }

  private mutating func remove(at index: Int) {
    count &-= 1
    var next = index
    while next < count {
      bubbles[next] = bubbles[next &+ 1]
      next &+= 1
    }
  }

  private func nearestNeighbours() -> Int {
    var nearest = 0
    var least = Int64.max
    for index in 0..<(Line.capacity - 1) {
      let gap = bubbles[index &+ 1].tail &- bubbles[index].head
      if gap < least {
        least = gap
        nearest = index
      }
    }
    return nearest
  }
}
