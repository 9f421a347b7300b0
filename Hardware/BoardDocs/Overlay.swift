// SPDX-License-Identifier: Apache-2.0

import Board

extension BoardDocument {
  /// The device-tree overlay: the names of the lines and the buses in use.
  static func overlay(_ map: BoardMap) -> String {
    let last = map.lines.map(\.gpio).max() ?? 0
    let names = (0...last).map { number in
      map.lines.first { $0.gpio == number }?.name ?? busName(number, map) ?? ""
    }
    let list = names.map { "\t\t\t\t\"\($0)\"" }.joined(separator: ",\n")
    var text = """
      // SPDX-License-Identifier: Apache-2.0
      // \(map.title). \(notice)
      // \(origin)
      /dts-v1/;
      /plugin/;

      / {
      \tcompatible = "brcm,bcm2711";

      \tfragment@0 {
      \t\ttarget = <&gpio>;
      \t\t__overlay__ {
      \t\t\tgpio-line-names =
      \(list);
      \t\t};
      \t};

      """
    var number = 1
    for bus in map.buses {
      text += """

        \tfragment@\(number) {
        \t\ttarget = <&i2c\(bus.adapter)>;
        \t\t__overlay__ {
        \t\t\tstatus = "okay";
        \t\t\tclock-frequency = <400000>;
        \t\t};
        \t};

        """
      number += 1
      // Adapter 1 has its pins by default.
      guard bus.adapter != 1 else { continue }
      text += """

        \tfragment@\(number) {
        \t\ttarget = <&i2c\(bus.adapter)_pins>;
        \t\t__overlay__ {
        \t\t\tbrcm,pins = <\(bus.data.gpio) \(bus.clock.gpio)>;
        \t\t};
        \t};

        """
      number += 1
    }
    return text + "};\n"
  }

  private static func busName(_ gpio: Int, _ map: BoardMap) -> String? {
    for bus in map.buses {
      if bus.data.gpio == gpio { return "pump-sda-\(bus.name.lowercased())" }
      if bus.clock.gpio == gpio { return "pump-scl-\(bus.name.lowercased())" }
    }
    return nil
  }
}
