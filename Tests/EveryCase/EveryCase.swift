// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Runs the body for every value of a finite domain, and leaves in the run's results how many of how many
/// it ran.
///
/// `make trace` calls a claim *exhausted* on these counts and on nothing else: the bound is the domain, and a
/// body that throws leaves the count short. Several calls in one test add up. Without the environment
/// variable `PUMP_CASES`, the file that `make test` names, nothing is written.
public func everyCase<Domain: Collection>(
  of domain: Domain, fileID: StaticString = #fileID, line: Int = #line,
  _ body: (Domain.Element) throws -> Void
) rethrows {
  var ran = 0
  defer { report(ran, of: domain.count, fileID, line) }
  for value in domain {
    try body(value)
    ran += 1
  }
}

/// The pairs of two domains, in their order.
public func pairs<A: Collection, B: Collection>(_ first: A, _ second: B) -> [(A.Element, B.Element)]
{
  first.flatMap { a in second.map { (a, $0) } }
}

/// One line, written at once: tests run side by side.
private func report(_ ran: Int, of count: Int, _ fileID: StaticString, _ line: Int) {
  guard let path = unsafe getenv("PUMP_CASES") else { return }
  let text = #"{"fileID":"\#(fileID)","line":\#(line),"of":\#(count),"ran":\#(ran)}"# + "\n"
  let file = unsafe open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
  guard file >= 0 else { return }
  var bytes = Array(text.utf8)
  // A line that is missing leaves the claim "tested": the weaker label.
  _ = unsafe write(file, &bytes, bytes.count)
  close(file)
}
