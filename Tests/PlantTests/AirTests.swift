// SPDX-License-Identifier: Apache-2.0

import Plant
import Testing

struct AirTests {
  private let bubble_fL: Int64 = 50_000_000_000

  @Test func `a bubble passes the detector and arrives after the line's volume`() throws {
    var rig = try Rig()
    // 30 mL/h: 8.33 µL a second.
    rig.run(seconds: 60, flow: 30)
    try rig.set(.airBubble, 50)
    var firstSeen: Double?
    var lastSeen: Double?
    var arrived: Double?
    var gone: Double?
    var time = 0.0
    rig.run(seconds: 200, flow: 30) { output, truth in
      time += 0.01
      if output.airAtDetector {
        firstSeen = firstSeen ?? time
        lastSeen = time
      }
      if truth.deliveredAir_fL > 0 { arrived = arrived ?? time }
      if truth.deliveredAir_fL == 50_000_000_000 { gone = gone ?? time }
    }
    // Head at 50 µL, detector at 150 µL, end at 1500 µL.
    #expect(abs(try #require(firstSeen) - 12) < 0.5)
    #expect(abs(try #require(lastSeen) - 18) < 0.5)
    #expect(abs(try #require(arrived) - 174) < 2)
    #expect(abs(try #require(gone) - 180) < 2)
    #expect(rig.truth.bubblePassed_fL == bubble_fL)
    #expect(rig.truth.deliveredAir_fL == bubble_fL)
    #expect(rig.truth.lineAir_fL == 0)
  }

  @Test func `a bubble put in beyond the detector is never seen`() throws {
    var rig = try Rig()
    try rig.set(.airPosition, 50)
    try rig.set(.airBubble, 50)
    var seen = false
    rig.run(seconds: 150, flow: 30) { output, _ in seen = seen || output.airAtDetector }
    #expect(!seen)
    #expect(rig.truth.bubblePassed_fL == 0)
    #expect(rig.truth.deliveredAir_fL == bubble_fL)
  }

  @Test func `a bubble takes the place of liquid`() throws {
    var rig = try Rig()
    let before = rig.truth
    try rig.set(.airBubble, 50)
    #expect(rig.truth.inLine_fL == before.inLine_fL)
    #expect(rig.truth.lineAir_fL == bubble_fL)
    #expect(rig.truth.spilled_fL == bubble_fL)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `a line holds no more air than itself`() throws {
    var rig = try Rig([.lineVolume: 1])
    try rig.set(.airBubble, 5_000)
    #expect(rig.truth.lineAir_fL == 1_000_000_000_000)
    rig.run(seconds: 10, flow: 30)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `more bubbles than the list holds keep their volume`() throws {
    var rig = try Rig()
    for place in 0..<40 {
      try rig.set(.airPosition, Double(place * 37 % 100))
      try rig.set(.airBubble, 1)
    }
    #expect(rig.truth.lineAir_fL == 40_000_000_000)
    #expect(rig.plant.conservationError_fL == 0)
    rig.run(seconds: 240, flow: 30)
    #expect(rig.truth.deliveredAir_fL == 40_000_000_000)
    #expect(rig.truth.lineAir_fL == 0)
  }

  @Test func `drawing back takes a bubble into the syringe`() throws {
    var rig = try Rig()
    try rig.set(.airBubble, 50)
    rig.run(seconds: 60, flow: -30)
    #expect(rig.truth.syringeAir_fL == bubble_fL)
    #expect(rig.truth.lineAir_fL == 0)
    #expect(rig.truth.bubblePassed_fL == 0)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `a bubble that goes forth and back past the detector counts as not passed`() throws {
    var rig = try Rig()
    rig.run(seconds: 10, flow: 30)
    try rig.set(.airBubble, 20)
    rig.run(seconds: 40, flow: 30)
    #expect(rig.truth.bubblePassed_fL == 20_000_000_000)
    rig.run(seconds: 120, flow: -30)
    #expect(rig.truth.bubblePassed_fL == 0)
  }

  @Test func `air in the syringe makes it soft and leaves it last`() throws {
    var hard = try Rig([.syringeSize: 3, .syringeFill: 1, .occlusionDownstream: 100])
    var soft = try Rig([
      .syringeSize: 3, .syringeFill: 1, .syringeAir: 1, .occlusionDownstream: 100,
    ])
    hard.run(seconds: 60, flow: 10)
    soft.run(seconds: 60, flow: 10)
    #expect(soft.truth.linePressure_Pa < hard.truth.linePressure_Pa * 2 / 3)

    var rig = try Rig([.syringeSize: 3, .syringeFill: 1, .syringeAir: 1, .lineVolume: 0.5])
    rig.run(seconds: 90, flow: 30)
    #expect(rig.truth.syringeAir_fL == 1_000_000_000_000)
    rig.run(seconds: 120, flow: 30)
    #expect(rig.truth.deliveredAir_fL > 0)
    #expect(rig.plant.conservationError_fL == 0)
  }

  @Test func `a loose joint draws its part of the flow as air`() throws {
    var rig = try Rig([.airEntrainment: 10])
    rig.run(seconds: 600, flow: 30)
    let air = Double(rig.truth.deliveredAir_fL + rig.truth.lineAir_fL) * 1e-9
    #expect(abs(air / rig.commanded_uL - 0.1) < 0.005)
    #expect(rig.plant.conservationError_fL == 0)
  }
}
