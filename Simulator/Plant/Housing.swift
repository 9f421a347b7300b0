// SPDX-License-Identifier: Apache-2.0

/// The heat in the housing: the room's temperature, and what the load adds to it, with a lag.
struct Housing: Sendable {
  /// What a slow step takes of the way: the lag of the housing is a quarter of an hour.
  private static let perStep = 4 / Scaling.slowStepsPerHour
  /// Warming per milliampere of load: 300 mA at some 3.7 V warm the housing by 4.5 K.
  private static let kelvinPerMilliampere = 0.015

  private(set) var temperature_C: Double

  init(temperature_C: Double) { self.temperature_C = temperature_C }

  @inline(__always)
  mutating func advance(load_mA: Int, ambient_C: Double) {
    let load = Double(min(max(load_mA, 0), 10_000))
    let settled = ambient_C + load * Housing.kelvinPerMilliampere
    temperature_C += (settled - temperature_C) * Housing.perStep
  }
}
