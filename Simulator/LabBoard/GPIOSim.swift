// SPDX-License-Identifier: Apache-2.0

public import Board

/// A bank of simulated lines in the kernel (gpio-sim), named as a board's map names them.
///
/// The programs under test find the lines by these names through libgpiod, as they find those of a
/// device. This side reads what a line puts out and pulls those that are read.
public final class GPIOSim: Sendable {
  /// One line, seen from outside.
  struct Pin: Sendable {
    let line: BoardLine
    /// The folder of both files below.
    let folder: String
    /// What the program drives: "0" or "1".
    let value: KernelFile
    let pull: KernelFile

    /// The level at the pin that stands for a logical one.
    private func high(_ logical: Bool) -> Bool { logical != line.activeLow }

    /// What the program puts out, in the words of the board's map.
    var output: Bool? {
      guard let byte = value.firstByte() else { return nil }
      return high(byte == 0x31)
    }

    func drive(_ logical: Bool) {
      pull.write(high(logical) ? "pull-up" : "pull-down")
    }
  }

  let pins: [Pin]

  /// Makes the bank; the kernel's configfs and sysfs have to be mounted at their usual places.
  public init(_ lines: [BoardLine], name: String = "pump") throws(LabError) {
    let bank = "/sys/kernel/config/gpio-sim/\(name)"
    try KernelFile.makeFolder(bank)
    // An earlier run in this machine may have made it: a bank that lives can not be changed.
    if try KernelFile.text(of: "\(bank)/live") != "1" {
      try KernelFile.makeFolder("\(bank)/board")
      try KernelFile.put("\(lines.count)", to: "\(bank)/board/num_lines")
      for (number, line) in lines.enumerated() {
        try KernelFile.makeFolder("\(bank)/board/line\(number)")
        try KernelFile.put(line.name, to: "\(bank)/board/line\(number)/name")
      }
      try KernelFile.put("1", to: "\(bank)/live")
    }
    let device = try KernelFile.text(of: "\(bank)/dev_name")
    let chip = try KernelFile.text(of: "\(bank)/board/chip_name")
    var pins: [Pin] = []
    for (number, line) in lines.enumerated() {
      let folder = "/sys/devices/platform/\(device)/\(chip)/sim_gpio\(number)"
      pins.append(
        Pin(
          line: line, folder: folder, value: try KernelFile("\(folder)/value"),
          pull: try KernelFile("\(folder)/pull", writable: true)))
    }
    self.pins = pins
  }

  /// Makes a folder with a link to each line's files, under the line's name.
  func link(at path: String) throws(LabError) {
    try KernelFile.makeFolder(path)
    for pin in pins { try KernelFile.link("\(path)/\(pin.line.name)", to: pin.folder) }
  }

  func pins(of bank: BoardLine.Bank) -> [Pin] { pins.filter { $0.line.bank == bank } }
}
