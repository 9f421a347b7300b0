// SPDX-License-Identifier: Apache-2.0

import AuditLog
import Domain
import Foundation
import LocalTransport
import Units

/// Exit codes: 0 after SIGTERM, 1 when a socket or the records cannot be had, 2 on a wrong option.
func serve() -> Int32 {
  let options: ServiceOptions
  do {
    switch try ServiceOptions.parse(Array(CommandLine.arguments.dropFirst())) {
    case .help:
      print(ServiceOptions.help)
      return 0
    case .run(let wanted): options = wanted
    }
  } catch {
    report("\(error); see --help")
    return 2
  }
  Termination.watch()
  do {
    try FileManager.default.createDirectory(
      atPath: options.data, withIntermediateDirectories: true)
  } catch {
    report("no records in '\(options.data)': \(error.localizedDescription)")
    return 1
  }
  let audit: AuditThread
  let keys = DeviceKeys(folder: options.data, root: options.root)
  do { audit = try AuditThread(folder: options.data, keys: keys, clock: options.clock) } catch {
    report("no audit log in '\(options.data)': \(error)")
    return 1
  }
  if let verdict = StartVerdict(at: options.verdict) { audit.submit(AuditEntry(verdict)) }
  let records = SealedRecords(folder: options.data, keys: keys, audit: audit)
  if let calibration = options.calibration {
    do {
      let taken = try CalibrationKeeper.take(record: calibration.record, key: calibration.key)
      records.keep(calibration: taken.bytes) {
        audit.submit(AuditEntry(.configurationChanged, reference: taken.words))
      }
    } catch {
      // RC-008: a pump is not kept from working by a record; what was kept before stays.
      report("'\(calibration.record)' is not taken: \(error)")
      audit.submit(
        AuditEntry(.configurationChanged, outcome: .refused, reference: "calibration: \(error)"))
    }
  }
  let gate = Gate()
  let uploads = UploadBook(folder: options.updateRun, updaters: options.updaters)
  var service: Service
  let people: PeopleSocket
  let network: NetworkSocket
  let secrets = WorkThread("secrets")
  let pages = WorkThread("audit-pages")
  do {
    let trust = SharedTrust(records: records)
    let cases = UseCases(
      trust: trust, gate: gate, log: AuditDesk(folder: options.data + "/audit"),
      uploads: uploads
    ) { audit.submit($0) }
    people = try PeopleSocket(
      path: options.run + "/people.sock", clients: options.clients,
      panels: options.panels, cases: cases, secrets: secrets, clock: options.clock)
    secrets.start()
    pages.start()
    people.start()
    network = try NetworkSocket(
      path: options.gatewayRun + "/network.sock", gateways: options.gateways,
      identity: NetworkIdentity(trust: trust), cases: cases, secrets: secrets,
      pages: pages, clock: options.clock)
    network.start()
    // Whether anybody has to sign in is known before the first request, on a medium that works; a slow one
    // has 10 s, half of what the service manager waits.
    for _ in 0..<1_000 where gate.people == .unknown && !records.isFailing {
      Thread.sleep(forTimeInterval: 0.01)
    }
    service = try Service(
      run: options.run, gatewayRun: options.gatewayRun, audit: audit, records: records, gate: gate,
      uploads: uploads, pump: options.pump,
      clients: options.clients, updaters: options.updaters, panels: options.panels,
      gateways: options.gateways)
  } catch {
    report("no socket in '\(options.run)': \(error)")
    return 1
  }
  notifyReady()
  var manager = ServiceWatchdog()
  while !Termination.requested {
    _ = waitForInput(on: service.descriptors, upTo: options.clock.real(.milliseconds(50)))
    service.step(at: options.clock.now())
    // No cycle but a round: it is good when it comes to its end.
    manager.stroke(good: true)
  }
  notifyStopping()
  people.close()
  network.close()
  secrets.close()
  pages.close()
  audit.close()
  records.close()
  return 0
}

exit(serve())
