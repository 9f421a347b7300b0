// SPDX-License-Identifier: Apache-2.0

public import Domain
public import StrictJSON
public import Units

/// What came of a trial.
public struct TrialResult: Sendable {
  /// An expectation that was not met, and where it is written.
  public struct Failure: Sendable, Hashable {
    public var place: TextPosition
    public var reason: String
  }

  public var name: String
  public var seed: UInt64
  public var cycles: UInt64
  /// In the order of the scenario, then those of its end.
  public var failures: [Failure]
  public var state: TherapyState
  /// Every alarm that signalled at any time.
  public var alarms: AlarmSet
  /// The highest true line pressure.
  public var highestPressure: Pressure
  /// Air that reached the patient.
  public var air: Volume
  public var agreement: Agreement
  public var records: TrialRecords

  public var passed: Bool { failures.isEmpty }

  /// One line for a person.
  public var summary: String {
    "delivered \(Decimal.millilitres(agreement.delivered)) mL, displayed "
      + "\(Decimal.millilitres(agreement.displayed)) mL, \(state), "
      + "\(failures.count) expectations not met"
  }

  /// The content of the file `result.json`, one object with its keys in fixed order.
  ///
  /// Every text in it is made of this module's own words, names and numbers, none of which needs an
  /// escape.
  public var json: String {
    let alarmList = alarms.names.map { "\"\($0)\"" }.joined(separator: ", ")
    let failureList = failures.map { failure in
      let quoted = failure.reason.filter { $0 != "\"" && $0 != "\\" }
      return "\n    {\"line\": \(failure.place.line), \"column\": \(failure.place.column), "
        + "\"reason\": \"\(quoted)\"}"
    }
    .joined(separator: ",")
    return """
      {
        "simulated": true,
        "name": "\(name)",
        "seed": \(seed),
        "passed": \(passed),
        "cycles": \(cycles),
        "simulatedSeconds": \(cycles / 100),
        "state": "\(state)",
        "delivered_mL": "\(Decimal.millilitres(agreement.delivered))",
        "displayed_mL": "\(Decimal.millilitres(agreement.displayed))",
        "commanded_mL": "\(Decimal.millilitres(agreement.commanded))",
        "agreement_ppm_of_bound": \(agreement.worst.partsPerMillion),
        "air_mL": "\(Decimal.millilitres(air))",
        "highest_line_pressure_kPa": "\(Decimal.text(highestPressure.pascals, places: 3))",
        "alarms": [\(alarmList)],
        "failures": [\(failureList)]
      }

      """
  }
}
