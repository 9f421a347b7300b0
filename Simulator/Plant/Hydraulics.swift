// SPDX-License-Identifier: Apache-2.0

/// The fluid's pressures at the end of a step, from its volumes at the beginning.
///
/// Two elastic nodes, syringe s and line l, are joined by an upstream conductance `u`; the line leads
/// through a downstream conductance `d` to the outlet at pressure `P_o`, and the syringe leaks past its
/// seal through `k`. With `E` the volume that a node holds beyond its rest volume, backward Euler reads
///
///     C_s P_s = E_s + A·Δx − u (P_s − P_l) − k P_s
///     C_l P_l = E_l + u (P_s − P_l) − d (P_l − P_o)
///
/// which stays stable for any stiffness: a clamp, a wide line and a hard wall all fit into one step.
struct Hydraulics: Sendable {
  /// The network's coefficients, femtolitres per pascal; they change only with knobs and with air.
  struct Network: Sendable {
    let upstream: Double
    let downstream: Double
    let leak: Double
    let outlet_Pa: Double
    private let inverseLine: Double
    private let upstreamOverLine: Double
    /// How much the syringe's pressure rises, in pascals, for each femtolitre pressed into it.
    let elastance: Double

    init(
      upstream: Double, downstream: Double, leak: Double, outlet_Pa: Double,
      syringe: Double, line: Double
    ) {
      self.upstream = upstream
      self.downstream = downstream
      self.leak = leak
      self.outlet_Pa = outlet_Pa
      inverseLine = 1 / (line + upstream + downstream)
      upstreamOverLine = upstream * inverseLine
      elastance = 1 / (syringe + leak + upstreamOverLine * (line + downstream))
    }

    /// The syringe's pressure if the seal stays where it is.
    @inline(__always)
    func syringePressure(_ excess: Excess) -> Double {
      (excess.syringe + upstreamOverLine * (excess.line + downstream * outlet_Pa)) * elastance
    }

    /// The line's pressure beside a syringe at a pressure.
    @inline(__always)
    func linePressure(_ excess: Excess, syringe pressure: Double) -> Double {
      (excess.line + downstream * outlet_Pa + upstream * pressure) * inverseLine
    }
  }

  /// The volumes that the nodes hold beyond their volumes at rest, in femtolitres.
  struct Excess {
    var syringe: Double
    var line: Double
  }

  /// The network with its outlet passable.
  let open: Network
  /// The network with its anti-siphon valve shut.
  let shut: Network
  let hasValve: Bool

  /// The pressure, 10 kPa, that opens an anti-siphon valve.
  static let valveOpening_Pa = 10_000.0

  /// - Parameters:
  ///   - syringeAir_fL: air gives way like a wall: linearised about the atmosphere, volume over pressure.
  ///   - upstreamOcclusion: closed part of the cross-section, 0...1. What passes falls with the square
  ///     of the open part (Poiseuille: conductance goes with the fourth power of the diameter).
  init(
    _ parameters: Parameters, syringeAir_fL: Int64, lineAir_fL: Int64,
    upstreamOcclusion: Double, downstreamOcclusion: Double
  ) {
    let syringe =
      parameters.syringeCompliance_fLPerPa + Double(syringeAir_fL) / Scaling.atmosphere_Pa
    let line = parameters.lineCompliance_fLPerPa + Double(lineAir_fL) / Scaling.atmosphere_Pa
    let up = 1 - upstreamOcclusion
    let down = 1 - downstreamOcclusion
    let upstream = Self.outletOfSyringe * up * up
    hasValve = parameters.antiSiphonValve
    open = Network(
      upstream: upstream, downstream: parameters.lineConductance_fLPerPaStep * down * down,
      leak: parameters.leak_fLPerPaStep,
      outlet_Pa: parameters.outletPressure_Pa + (hasValve ? Self.valveOpening_Pa : 0),
      syringe: syringe, line: line)
    shut = Network(
      upstream: upstream, downstream: 0, leak: parameters.leak_fLPerPaStep, outlet_Pa: 0,
      syringe: syringe, line: line)
  }

  /// The syringe's tip: 0.002 kPa for each mL/h, small against any line.
  private static let outletOfSyringe =
    Scaling.stepConductanceFromMillilitresPerHourPerKilopascal / 0.002
}
