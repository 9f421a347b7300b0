// SPDX-License-Identifier: Apache-2.0

import Domain
import Testing
import Units

@Suite struct DomainTests {
  private func digest(_ text: String) -> ContentHash {
    var hasher = ContentHasher()
    for byte in text.utf8 { hasher.add(byte) }
    return hasher.finish()
  }

  @Test(.tags(.`SRS-097`)) func `SRS-097 SHA-256 gives the published digests`() {
    // FIPS 180-4 examples: one block, two blocks; and the empty message.
    #expect(
      digest("abc")
        == ContentHash(
          0xba78_16bf_8f01_cfea, 0x4141_40de_5dae_2223, 0xb003_61a3_9617_7a9c,
          0xb410_ff61_f200_15ad))
    #expect(
      digest("")
        == ContentHash(
          0xe3b0_c442_98fc_1c14, 0x9afb_f4c8_996f_b924, 0x27ae_41e4_649b_934c,
          0xa495_991b_7852_b855))
    #expect(
      digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")
        == ContentHash(
          0x248d_6a61_d206_38b8, 0xe5c0_2693_0c3e_6039, 0xa33c_e459_64ff_2167,
          0xf6ec_edd4_19db_06c1))
  }

  @Test(.tags(.`RC-098`, .`SRS-103`)) func `RC-098 SRS-103 dose rates convert exactly`() throws {
    // 5 mcg/kg/min, 80 kg, 200 mg in 50 mL: 0.4 mg/min at 4 mg/mL is 6 mL/h.
    let perKilogram = Dosing(
      dose: 5_000_000, unit: .mcg, scale: .perKilogram, time: .minute, amount: 200_000_000_000,
      amountUnit: .mg, in: .millilitres(50), mass: .kilograms(80))
    #expect(try perKilogram.rate() == .mLPerHour(6))
    #expect(try perKilogram.dose(at: .mLPerHour(6)) == 5_000_000)
    // 240 mg/m²/day, 2 m², 100 mg in 50 mL: 20 mg/h at 2 mg/mL is 10 mL/h.
    let perSquareMetre = Dosing(
      dose: 240_000_000_000, unit: .mg, scale: .perSquareMetre, time: .day,
      amount: 100_000_000_000, amountUnit: .mg, in: .millilitres(50),
      surface: .squareCentimetres(20_000))
    #expect(try perSquareMetre.rate() == .mLPerHour(10))
    // 2 U/h of 50 U in 50 mL: 2 mL/h. 10 mmol/h of 20 mmol in 50 mL: 25 mL/h.
    let units = Dosing(
      dose: 2_000_000, unit: .U, scale: .none, time: .hour, amount: 50_000_000, amountUnit: .U,
      in: .millilitres(50))
    #expect(try units.rate() == .mLPerHour(2))
    let substance = Dosing(
      dose: 10_000_000, unit: .mmol, scale: .none, time: .hour, amount: 20_000_000,
      amountUnit: .mmol, in: .millilitres(50))
    #expect(try substance.rate() == .mLPerHour(25))
  }

  @Test(.tags(.`RC-098`, .`SRS-103`))
  func `RC-098 SRS-103 no dose traps, and each refusal has its reason`() {
    let extremes: [Int64] = [.min, -1, 0, 1, 1_000_000_000_000_000, .max]
    for dose in extremes {
      for amount in extremes {
        for diluent in extremes {
          for mass in extremes {
            let dosing = Dosing(
              dose: dose, unit: .mg, scale: .perKilogram, time: .minute, amount: amount,
              amountUnit: .mg, in: Volume(native: diluent), mass: Mass(native: mass))
            do {
              let rate = try dosing.rate()
              #expect(rate > .zero)
            } catch {
              #expect(error != .kindsDiffer)
            }
          }
        }
      }
    }
    let differ = Dosing(
      dose: 1, unit: .mg, scale: .none, time: .hour, amount: 1, amountUnit: .U,
      in: .millilitres(1))
    #expect(throws: DosingError.kindsDiffer) { try differ.rate() }
  }

  @Test(.tags(.`SRS-104`)) func `SRS-104 recommended lies inside absolute whatever it is made of`()
  {
    for a in [Int64.min, -5, 0, 5, .max] {
      for b in [Int64.min, -5, 0, 5, .max] {
        for c in [Int64.min, -5, 0, 5, .max] {
          let inner = Bounds(lower: Volume(native: a), width: Volume(native: b))
          let rail = Guardrail(
            recommended: inner, below: Volume(native: c), above: Volume(native: b))
          #expect(rail.absolute.lower <= inner.lower)
          #expect(inner.lower <= inner.upper)
          #expect(rail.verdict(on: inner.lower) != .belowRecommended)
        }
      }
    }
  }

  @Test(.tags(.`SRS-096`))
  func `SRS-096 a prescription at each limit is accepted and one beyond is refused`() {
    func error(_ rate: FlowRate, _ vtbi: Volume, _ syringe: Syringe = .mL50) -> PrescriptionError? {
      let kvo = Swift.max(Swift.min(rate, .mLPerHour(1)), .microlitresPerHour(10))
      do {
        let draft = PrescriptionDraft(syringe: syringe, rate: rate, vtbi: vtbi, kvo: kvo)
        _ = try Prescription(draft)
        return nil
      } catch { return error }
    }
    #expect(error(.microlitresPerHour(10), .millilitres(50)) == nil)
    #expect(error(.nLPerHour(9_999), .millilitres(50)) == .rateTooLow)
    #expect(error(.mLPerHour(1_200), .millilitres(50)) == nil)
    #expect(error(.nLPerHour(1_200_000_001), .millilitres(50)) == .rateTooHigh)
    #expect(error(.mLPerHour(5), .nanolitres(50_000_001)) == .vtbiExceedsSyringe)
    #expect(error(.mLPerHour(5), .nanolitres(99_999)) == .vtbiTooSmall)
    for syringe in Syringe.allCases {
      let most = DeviceLimits.highestRate(for: syringe)
      #expect(error(most, .microlitres(500), syringe) == nil)
      #expect(error(most + .nLPerHour(1), .microlitres(500), syringe) != nil)
      #expect(DriveGeometry.speed(for: most, in: syringe) <= DeviceLimits.fastestTravel)
    }
    for value in [Int64.min, -1, 0, .max] {
      #expect(error(FlowRate(native: value), .millilitres(1)) != nil)
      #expect(error(.mLPerHour(1), Volume(native: value)) != nil)
    }
  }

  @Test(.tags(.`SRS-097`)) func `SRS-097 every field of a prescription changes its hash`() throws {
    let base = PrescriptionDraft(syringe: .mL50, rate: .mLPerHour(5), vtbi: .millilitres(10))
    let hash = try Prescription(base).hash
    #expect(try Prescription(base).hash == hash)
    var changed = [PrescriptionDraft](repeating: base, count: 6)
    changed[0].rate = .mLPerHour(6)
    changed[1].vtbi = .millilitres(11)
    changed[2].kvo = .microlitresPerHour(500)
    changed[3].occlusion = .mmHg(300)
    changed[4].syringe = .mL30
    changed[5].drug = try #require(DrugName("dopamine"))
    for draft in changed { #expect(try Prescription(draft).hash != hash) }
  }

  @Test(.tags(.`SEC-054`)) func `SEC-054 a drug name is printable and never cut`() {
    #expect(DrugName("noradrenaline")?.text == "noradrenaline")
    #expect(DrugName("a name that is far too long") == nil)
    #expect(DrugName("tab\there") == nil)
    #expect(DrugName("µg") == nil)
  }
}
