// SPDX-License-Identifier: Apache-2.0

/// Syringe, line and patient with everything that flows between them.
///
/// Pressures and flows are computed in `Double`; what flows is then rounded to whole femtolitres and
/// moved from one place to the next. Nothing is ever computed twice, so the balance closes exactly,
/// and what rounding leaves behind stays in its node and shows in the next step's pressure.
struct FluidPath: Sendable {
  private(set) var barrel: Barrel
  private(set) var syringe: Contents
  private(set) var line: Line
  private(set) var ledger = Ledger()
  private(set) var seal = PlungerSeal()

  /// The volume enclosed by barrel and seal when the seal is at `reference_nm`.
  private var enclosed_fL: Double
  private var reference_nm = 0.0
  private var area_fLPerNm: Double
  private var area_NPerPa: Double
  /// The length of the barrel's capacity.
  private var capacity_nm: Double

  private var hydraulics: Hydraulics
  private var upstreamOcclusion = 0.0
  private var downstreamOcclusion = 0.0
  /// Set when a coefficient of the hydraulics no longer holds.
  private var changed = true

  private var detector: Int64 = 0
  private var passedBefore: Int64 = 0
  private var airOut: Int64 = 0
  private var pendingAir = 0.0

  private(set) var syringePressure_Pa = 0.0
  private(set) var linePressure_Pa = 0.0
  private(set) var outflow_fLPerStep: Int64 = 0
  private(set) var airAtDetector = false
  private(set) var pushing_N = 0.0

  /// Below this pressure the seal's lip lifts and air enters the syringe.
  static let sealLifts_Pa = -80_000.0
  /// The size of the bubbles that a loose joint makes: 5 µL.
  static let entrainedBubble_fL = 5 * Scaling.femtolitresPerMicrolitre
  /// How far the carriage runs either way from where it took the syringe up.
  static let carriageTravel_nm = 150e6

  init(_ settings: KnobSettings, _ parameters: Parameters, nut_nm: Double) {
    barrel = .mL50
    syringe = .nothing
    enclosed_fL = 0
    area_fLPerNm = 1
    area_NPerPa = 1
    capacity_nm = 0
    let stretch =
      parameters.primed
      ? Scaling.whole(parameters.lineCompliance_fLPerPa * parameters.outletPressure_Pa) : 0
    line = Line(
      volume_fL: FluidPath.volume(settings.value(of: .lineVolume)), stretch_fL: stretch)
    ledger.introduced += line.contents
    hydraulics = Hydraulics(
      parameters, syringeAir_fL: 0, lineAir_fL: 0, upstreamOcclusion: 0, downstreamOcclusion: 0)
    linePressure_Pa = parameters.primed ? parameters.outletPressure_Pa : 0
    loadSyringe(settings, parameters, nut_nm: nut_nm)
    apply(parameters)
  }

  private static func volume(_ millilitres: Double) -> Int64 {
    Scaling.whole(millilitres * Double(Scaling.femtolitresPerMillilitre))
  }

  // MARK: What people do to it

  /// Takes over changed knobs.
  mutating func apply(_ parameters: Parameters) {
    changed = true
    let place = Scaling.whole(Double(line.volume_fL) * parameters.detectorPart)
    if place != detector { keepingPassed { $0.detector = place } }
  }

  /// Throws the syringe away and seats a fresh one.
  mutating func loadSyringe(
    _ settings: KnobSettings, _ parameters: Parameters, nut_nm: Double
  ) {
    ledger.lost += syringe
    barrel = Barrel(rawValue: Int(settings.value(of: .syringeSize))) ?? .mL50
    let area = barrel.area_mm2
    area_fLPerNm = area * Scaling.femtolitresPerNanometrePerSquareMillimetre
    area_NPerPa = area * Scaling.newtonsPerPascalPerSquareMillimetre
    capacity_nm = Double(barrel.capacity_fL) / area_fLPerNm
    let liquid = min(FluidPath.volume(settings.value(of: .syringeFill)), barrel.capacity_fL)
    let air = min(
      FluidPath.volume(settings.value(of: .syringeAir)), barrel.capacity_fL - liquid)
    syringe = Contents(liquid_fL: liquid, air_fL: air)
    ledger.introduced += syringe
    let pressure = parameters.primed ? linePressure_Pa : 0
    let compliance =
      parameters.syringeCompliance_fLPerPa + Double(air) / Scaling.atmosphere_Pa
    enclosed_fL = max(Double(syringe.total_fL) - pressure * compliance, 0)
    syringePressure_Pa = pressure
    reference_nm = seal.position_nm
    changed = true
    seat(parameters, nut_nm: nut_nm)
  }

  /// Lays the syringe in and brings the pusher to its plunger; primed, also up to the brink of motion.
  mutating func seat(_ parameters: Parameters, nut_nm: Double) {
    let enclosed = enclosedVolume
    let friction = 0.5 * (parameters.staticFriction_N + parameters.coulombFriction_N)
    let load = parameters.primed ? friction + syringePressure_Pa * area_NPerPa : 0
    // A primed pusher lies on the flank that carries the load, a raw one at the far end of its play.
    let pushed = parameters.primed && load >= 0
    let contact_nm = pushed ? nut_nm : nut_nm + parameters.backlash_nm
    seal.position_nm = contact_nm - load / parameters.stiffness_NPerNm
    seal.rest()
    enclosed_fL = enclosed
    reference_nm = seal.position_nm
  }

  /// Throws the line away and fits a fresh one, filled with liquid.
  mutating func fitLine(_ settings: KnobSettings, _ parameters: Parameters) {
    keepingPassed {
      $0.ledger.lost += $0.line.contents
      $0.line = Line(
        volume_fL: FluidPath.volume(settings.value(of: .lineVolume)), stretch_fL: 0)
      $0.ledger.introduced += $0.line.contents
    }
    apply(parameters)
  }

  /// Puts a bubble into the line; the liquid in its place is lost.
  mutating func injectBubble(_ microlitres: Double, at part: Double) {
    let place = Scaling.whole(Double(line.volume_fL) * part)
    putAir(
      Scaling.whole(microlitres * Double(Scaling.femtolitresPerMicrolitre)), at: place)
  }

  private mutating func putAir(_ volume: Int64, at place: Int64) {
    keepingPassed {
      let put = $0.line.replaceLiquid(by: volume, at: place)
      $0.ledger.introduced.air_fL += put
      $0.ledger.lost.liquid_fL += put
    }
    changed = true
  }

  // MARK: One step

  /// How far the nut can go before the drive meets its thrust limit.
  @inline(__always)
  func reach(_ parameters: Parameters) -> Drive.Reach {
    let stroke = FluidPath.carriageTravel_nm
    guard parameters.seated else {
      return Drive.Reach(
        forward_nm: reference_nm + stroke, backward_nm: reference_nm - stroke)
    }
    let give = parameters.thrustLimit_N / parameters.stiffness_NPerNm
    return Drive.Reach(
      forward_nm: seal.position_nm + give,
      backward_nm: parameters.engaged
        ? seal.position_nm - give - parameters.backlash_nm : reference_nm - stroke)
  }

  @inline(__always)
  mutating func advance(nut_nm: Double, _ parameters: Parameters) {
    advanceOcclusions(parameters)
    if changed { refresh(parameters) }

    let excess = Hydraulics.Excess(
      syringe: Double(syringe.total_fL) - enclosedVolume, line: Double(line.stretch_fL))
    let travel = balance(hydraulics.open, excess, nut_nm: nut_nm, parameters)
    if hydraulics.hasValve && linePressure_Pa < hydraulics.open.outlet_Pa {
      seal = balance(hydraulics.shut, excess, nut_nm: nut_nm, parameters)
      flow(hydraulics.shut, parameters)
    } else {
      seal = travel
      flow(hydraulics.open, parameters)
    }
  }

  /// Moves what the balanced pressures drive.
  private mutating func flow(_ network: Hydraulics.Network, _ parameters: Parameters) {
    moveThroughTip(
      Scaling.whole(network.upstream * (syringePressure_Pa - linePressure_Pa)),
      entrainedPart: parameters.entrainedPart)
    moveThroughOutlet(
      Scaling.whole(network.downstream * (linePressure_Pa - network.outlet_Pa)), parameters)
    movePastSeal(network)
  }

  private mutating func advanceOcclusions(_ parameters: Parameters) {
    if upstreamOcclusion != parameters.upstreamOcclusion.target {
      upstreamOcclusion = parameters.upstreamOcclusion.next(after: upstreamOcclusion)
      changed = true
    }
    if downstreamOcclusion != parameters.downstreamOcclusion.target {
      downstreamOcclusion = parameters.downstreamOcclusion.next(after: downstreamOcclusion)
      changed = true
    }
  }

  private mutating func refresh(_ parameters: Parameters) {
    hydraulics = Hydraulics(
      parameters, syringeAir_fL: syringe.air_fL, lineAir_fL: line.contents.air_fL,
      upstreamOcclusion: upstreamOcclusion, downstreamOcclusion: downstreamOcclusion)
    changed = false
  }

  /// The volume between barrel and seal.
  private var enclosedVolume: Double {
    enclosed_fL - (seal.position_nm - reference_nm) * area_fLPerNm
  }

  /// Balances the forces on the seal, sets both pressures, and returns the seal where it then is.
  @inline(__always)
  private mutating func balance(
    _ network: Hydraulics.Network, _ excess: Hydraulics.Excess, nut_nm: Double,
    _ parameters: Parameters
  ) -> PlungerSeal {
    var moved = seal
    let held = network.syringePressure(excess)
    let fluidStiffness = area_NPerPa * area_fLPerNm * network.elastance

    // Within the backlash the pusher floats with the seal and carries no force.
    let lowest = nut_nm
    let highest = parameters.engaged ? nut_nm + parameters.backlash_nm : .infinity
    let pusher = min(max(seal.position_nm, lowest), highest)
    let touching = parameters.seated && pusher != seal.position_nm
    let spring = touching ? parameters.stiffness_NPerNm : 0
    let push = spring * (pusher - seal.position_nm)

    var travel = moved.travel(
      under: push - area_NPerPa * held, stiffness_NPerNm: spring + fluidStiffness, parameters)
    let room = enclosedVolume / area_fLPerNm
    let back = room - capacity_nm
    if travel > room || travel < back {
      travel = min(max(travel, min(back, 0)), max(room, 0))
      moved.rest()
    }
    moved.position_nm += travel
    pushing_N = push - spring * travel
    syringePressure_Pa = held + area_fLPerNm * travel * network.elastance
    linePressure_Pa = network.linePressure(excess, syringe: syringePressure_Pa)
    return moved
  }

  @inline(__always)
  private mutating func moveThroughTip(_ flow: Int64, entrainedPart: Double) {
    if flow > 0 {
      let moved = syringe.take(flow)
      if moved.air_fL > 0 { changed = true }
      line.enter(moved)
      if entrainedPart > 0 { entrain(Double(moved.total_fL) * entrainedPart) }
    } else if flow < 0 {
      let moved = line.withdraw(0 &- flow)
      if moved.air_fL > 0 { changed = true }
      syringe += moved
    }
  }

  @inline(__always)
  private mutating func moveThroughOutlet(_ flow: Int64, _ parameters: Parameters) {
    var out = flow
    if flow >= 0 {
      out = min(flow, max(line.contents.total_fL, 0))
      airAtDetector = line.count > 0 && line.air(from: detector &- out, to: detector &+ 1) > 0
      let moved = line.discharge(out)
      out = moved.total_fL
      if moved.air_fL > 0 { changed = true }
      airOut &+= moved.air_fL
      if parameters.lineConnected {
        ledger.patient += moved
      } else {
        ledger.lost += moved
      }
    } else if parameters.lineConnected {
      let moved = Contents(liquid_fL: 0 &- flow)
      ledger.patient -= moved
      ledger.reverse_fL &-= flow
      line.drawBack(moved)
      airAtDetector = line.count > 0 && line.air(from: detector, to: detector &- flow) > 0
    } else {
      let moved = Contents(air_fL: 0 &- flow)
      ledger.introduced += moved
      airOut &+= flow
      line.drawBack(moved)
      changed = true
      airAtDetector = line.air(from: detector, to: detector &- flow) > 0
    }
    outflow_fLPerStep = parameters.lineConnected ? out : 0
  }

  private mutating func movePastSeal(_ network: Hydraulics.Network) {
    if network.leak > 0 {
      let leak = Scaling.whole(network.leak * syringePressure_Pa)
      if leak > 0 {
        ledger.lost += syringe.take(leak)
      } else {
        drawAirPastSeal(0 &- leak)
      }
      changed = changed || syringe.air_fL > 0
    }
    if syringePressure_Pa < FluidPath.sealLifts_Pa {
      let missing = (FluidPath.sealLifts_Pa - syringePressure_Pa) / network.elastance
      drawAirPastSeal(Scaling.whole(missing))
    }
  }

  private mutating func drawAirPastSeal(_ volume: Int64) {
    let moved = Contents(air_fL: volume)
    ledger.introduced += moved
    syringe += moved
    changed = changed || volume > 0
  }

  private mutating func entrain(_ air: Double) {
    pendingAir += air
    if pendingAir >= Double(FluidPath.entrainedBubble_fL) {
      pendingAir -= Double(FluidPath.entrainedBubble_fL)
      putAir(FluidPath.entrainedBubble_fL, at: 0)
    }
  }

  // MARK: The balance

  /// Air that has passed the detector towards the patient.
  ///
  /// Counted as what lies beyond the detector and what has left the line, so that it holds whichever
  /// way the air got there.
  var bubblePassed_fL: Int64 { passedBefore &+ airBeyondDetector }

  private var airBeyondDetector: Int64 {
    line.air(from: detector, to: .max) &+ airOut
  }

  /// Does what puts air in or takes it out on either side, without counting it as passing.
  private mutating func keepingPassed(_ change: (inout FluidPath) -> Void) {
    let passed = bubblePassed_fL
    change(&self)
    passedBefore = passed &- airBeyondDetector
  }

  /// Everything brought in, less everything there and everything gone; 0 unless the plant is wrong.
  var conservationError_fL: Int64 {
    let liquid =
      ledger.introduced.liquid_fL &- syringe.liquid_fL &- line.contents.liquid_fL
      &- ledger.patient.liquid_fL &- ledger.lost.liquid_fL
    let air =
      ledger.introduced.air_fL &- syringe.air_fL &- line.airInBubbles_fL
      &- ledger.patient.air_fL &- ledger.lost.air_fL
    return Int64(clamping: liquid.magnitude &+ air.magnitude)
  }
}
