// SPDX-License-Identifier: Apache-2.0

import Foundation

/// Tells the person or service manager that reads standard error.
func report(_ text: String) {
  FileHandle.standardError.write(Data("pump-serviced: \(text)\n".utf8))
}
