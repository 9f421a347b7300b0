# SPDX-License-Identifier: Apache-2.0
"""Each rule of the house goes red on a small tree that breaks it, and only then."""

import json
import pathlib
import subprocess
import sys
import tomllib

import pytest

LINT = pathlib.Path(__file__).resolve().parents[2] / "Tools" / "lint"
LICENCE = "// SPDX-License-Identifier: Apache-2.0\n"
# Put together here, so that this file itself names no unknown id and no path of a machine.
MACHINE_PATH = "/" + "work/main"


class House:
    """A tree that passes, to be broken in one place."""

    def __init__(self, root):
        self.root = root
        table = tomllib.loads((LINT / "imports.toml").read_text(encoding="utf-8"))
        self.targets = {
            name: {"name": name, "type": "regular", "path": row["folder"], "dependencies": []}
            for name, row in table["targets"].items()
        }

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def swift(self, name, code):
        self.write(name, LICENCE + code)

    def depend(self, target, *names):
        self.targets[target]["dependencies"] += [{"byName": [name, None]} for name in names]

    def add(self, name, folder, kind="regular"):
        self.targets[name] = {"name": name, "type": kind, "path": folder, "dependencies": []}

    def lint(self):
        manifest = self.root.parent / (self.root.name + ".json")
        manifest.write_text(json.dumps({"targets": list(self.targets.values())}))
        return subprocess.run(
            [sys.executable, LINT / "lint.py", "--root", self.root, "--manifest", manifest],
            capture_output=True, text=True, check=False,
        )

    def refuses(self, *expected):
        """The tree has exactly these findings, each given by how its line begins or goes on."""
        result = self.lint()
        lines = result.stdout.splitlines()[:-1]
        assert len(lines) == len(expected), result.stdout + result.stderr
        for line, part in zip(lines, expected):
            assert part in line
        assert result.returncode == 1

    def accepts(self):
        result = self.lint()
        assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture
def house(tmp_path):
    root = tmp_path / "house"
    root.mkdir()
    return House(root)


# The import table


def test_accepts_the_arrows_of_the_table(house):
    house.depend("Domain", "Units")
    house.swift("Sources/Domain/Dose.swift", "public import Units\n")
    house.accepts()


def test_refuses_an_import_that_the_table_does_not_allow(house):
    house.swift("Sources/Units/Volume.swift", "\nimport Domain\n")
    house.refuses("Sources/Units/Volume.swift:3: imports: Units may not import Domain")


def test_refuses_a_declared_dependency_that_the_table_does_not_allow(house):
    house.depend("Alarms", "Messages")
    house.refuses("Package.swift:1: imports: Alarms may not depend on Messages")


def test_refuses_an_import_that_the_manifest_does_not_declare(house):
    house.swift("Sources/Domain/Dose.swift", "import Units\n")
    house.refuses("Sources/Domain/Dose.swift:2: imports: Domain imports Units without declaring it")


@pytest.mark.parametrize(
    "line",
    [
        "import Foundation",
        "public import Foundation",
        "internal import struct Foundation.Date",
        "@preconcurrency import Foundation",
        "@_exported @_spi(Internals) public import Foundation",
        "  import Foundation",
    ],
)
def test_sees_every_way_to_write_an_import(house, line):
    house.swift("Sources/Alarms/Alarm.swift", line + "\n")
    house.refuses(
        "Package.swift:1: never-imports: Alarms → Foundation",
        "Sources/Alarms/Alarm.swift:2: imports: Alarms may not import the system module Foundation",
    )


def test_an_import_in_a_comment_or_a_literal_is_none(house):
    house.swift(
        "Sources/Units/Volume.swift",
        '/*\nimport Foundation\n/* nested */\nimport Glibc\n*/\nlet text = """\nimport Dispatch\n"""\n',
    )
    house.accepts()


def test_refuses_a_monitor_that_imports_the_controller(house):
    house.depend("SafetyMonitor", "DeliveryControl")
    house.swift("Sources/SafetyMonitor/Monitor.swift", "import DeliveryControl\n")
    result = house.lint()
    assert "imports: SafetyMonitor may not import DeliveryControl" in result.stdout
    assert "imports: SafetyMonitor may not depend on DeliveryControl" in result.stdout
    assert "never-imports: SafetyMonitor → DeliveryControl" in result.stdout
    assert result.returncode == 1


def test_refuses_a_controller_that_imports_the_monitor(house):
    house.swift("Sources/DeliveryControl/Control.swift", "import SafetyMonitor\n")
    assert "never-imports: DeliveryControl → SafetyMonitor" in house.lint().stdout


def test_refuses_the_controller_at_any_distance_from_the_monitor(house):
    house.depend("pump-safetyd", "BoardLink")
    house.depend("BoardLink", "ControlProcess")
    result = house.lint()
    assert "never-imports: pump-safetyd → BoardLink → ControlProcess" in result.stdout


def test_SEC_057_refuses_foundation_in_pump_controld(house):
    house.swift("Sources/pump-controld/main.swift", "import Foundation\n")
    house.refuses(
        "never-imports: pump-controld → Foundation: a daemon of the lower half",
        "Sources/pump-controld/main.swift:2: imports: pump-controld may not import the system",
    )


def test_refuses_foundation_behind_a_module_of_pump_controld(house):
    house.depend("pump-controld", "Realtime")
    house.swift("Sources/Realtime/Thread.swift", "import Foundation\n")
    assert "never-imports: pump-controld → Realtime → Foundation" in house.lint().stdout


def test_SEC_057_refuses_another_package_in_a_daemon(house):
    house.targets["pump-paneld"]["dependencies"].append(
        {"product": ["ArgumentParser", "swift-argument-parser", None, None]}
    )
    result = house.lint()
    assert "imports: pump-paneld may not depend on ArgumentParser" in result.stdout
    assert "never-imports: pump-paneld → ArgumentParser" in result.stdout


def test_refuses_the_simulator_in_a_device_executable(house):
    house.depend("pump-safetyd", "Plant")
    assert "never-imports: pump-safetyd → Plant" in house.lint().stdout


def test_refuses_devices_in_a_service(house):
    house.depend("pump-serviced", "LocalTransport")
    house.depend("LocalTransport", "DeviceInterface")
    assert "pump-serviced → LocalTransport → DeviceInterface" in house.lint().stdout


def test_refuses_a_target_without_a_row(house):
    house.add("Telepathy", "Sources/Telepathy")
    house.refuses("imports: target Telepathy has no row in the import table")


def test_refuses_a_row_without_a_target(house):
    del house.targets["Panel"]
    house.refuses("imports: the import table has a row for Panel, no such target")


def test_refuses_a_target_in_another_folder(house):
    house.targets["Plant"]["path"] = "Sources/Plant"
    house.refuses("target Plant lives in Sources/Plant; the import table says Simulator/Plant")


def test_points_to_the_target_in_the_manifest(house):
    house.swift("Package.swift", '\nlet package = [\n  source("Units", ["Alarms"]),\n]\n')
    house.depend("Units", "Alarms")
    house.refuses("Package.swift:4: imports: Units may not depend on Alarms")


def test_tests_import_what_they_declare(house):
    house.add("UnitsTests", "Tests/UnitsTests", kind="test")
    house.depend("UnitsTests", "Units")
    house.swift("Tests/UnitsTests/VolumeTests.swift", "import Testing\n@testable import Units\n")
    house.accepts()
    house.swift("Tests/UnitsTests/DoseTests.swift", "import Domain\n")
    house.refuses("Tests/UnitsTests/DoseTests.swift:2: imports: UnitsTests imports Domain without")


def test_a_program_is_imported_by_its_module_name(house):
    house.add("ControlTests", "Tests/ControlTests", kind="test")
    house.depend("ControlTests", "pump-controld")
    house.swift("Tests/ControlTests/A.swift", "@testable import pump_controld\n")
    house.accepts()


# Drivers


def test_refuses_a_driver_that_names_another(house):
    house.swift("Hardware/Drivers/ADS1115/ADS1115.swift", "public struct ADS1115 {}\n")
    house.swift("Hardware/Drivers/AS5600/AS5600.swift", "let other = ADS1115()\n")
    house.refuses("Hardware/Drivers/AS5600/AS5600.swift:2: drivers: the driver of AS5600 names")


def test_drivers_share_what_stands_beside_them(house):
    house.swift("Hardware/Drivers/DriverError.swift", "enum DriverError {}\n")
    house.swift("Hardware/Drivers/Shared/CRC8.swift", "struct CRC8 {}\n")
    house.swift("Hardware/Drivers/AS5600/AS5600.swift", "let a = (CRC8(), DriverError.self)\n")
    house.swift("Hardware/Drivers/Tic/Tic.swift", "// Unlike the AS5600.\nstruct Tic {}\n")
    house.accepts()


# Words


@pytest.mark.parametrize(
    "code",
    ["let a = unsafe b", "nonisolated(unsafe) var a = 0", "var a: UnsafeRawPointer", "withUnsafeBytes"],
)
@pytest.mark.parametrize("folder", ["Sources/Domain", "Hardware/Drivers", "Simulator/pump-sim"])
def test_SEC_056_refuses_unsafe_code_elsewhere(house, folder, code):
    house.swift(f"{folder}/A.swift", code + "\n")
    house.refuses(f"{folder}/A.swift:2: unsafe: ")


@pytest.mark.parametrize(
    "folder", ["Sources/Realtime", "Sources/LocalTransport", "Sources/CRealtime", "Hardware/Linux"]
)
def test_SEC_056_accepts_unsafe_code_at_the_edge(house, folder):
    house.swift(f"{folder}/A.swift", "let a = unsafe b\n")
    house.accepts()


@pytest.mark.parametrize("target", ["Units", "Domain", "DeliveryControl", "SafetyMonitor", "Alarms",
                                    "Messages", "ControlProcess", "SafetyProcess"])
def test_refuses_a_double_in_the_dose_path(house, target):
    house.swift(f"Sources/{target}/A.swift", "var rate: Double\n")
    house.refuses(f"Sources/{target}/A.swift:2: floating-point: 'Double'")


@pytest.mark.parametrize(
    "code", ["let a: Float32", "let a = 0.5", "let a = 1_000.25", '"\\(Double(nanolitres) / 1000)"']
)
def test_refuses_every_way_to_write_floating_point(house, code):
    house.swift("Sources/Domain/A.swift", code + "\n")
    house.refuses("Sources/Domain/A.swift:2: floating-point: ")


def test_accepts_a_decimal_in_a_text_a_comment_or_a_sentence(house):
    house.swift(
        "Sources/Domain/A.swift",
        '// 0.5 mL as a Double\nlet a = "0.5 mL"\nlet b = #"a "Double" \\(1.5)"#\n'
        "func `takes no Double of 1.5`() {}\nlet c = pair.0.1\n",
    )
    house.accepts()


def test_floating_point_is_at_home_in_the_plant(house):
    house.swift("Simulator/Plant/Friction.swift", "let a: Double = 0.5\n")
    house.accepts()


@pytest.mark.parametrize("code", ["func f() async {}", "actor A {}", "ContinuousClock().now"])
def test_refuses_concurrency_and_clocks_in_a_pure_target(house, code):
    house.swift("Sources/DeliveryControl/A.swift", code + "\n")
    house.refuses("Sources/DeliveryControl/A.swift:2: pure: ")


def test_refuses_an_existential_in_the_cycle(house):
    house.swift("Sources/ControlProcess/A.swift", "func step(_ a: any MotorDrive) {}\n")
    house.refuses("Sources/ControlProcess/A.swift:2: existential: 'any MotorDrive'")


def test_refuses_chance_without_a_seed_in_the_simulator(house):
    house.swift("Simulator/Plant/Noise.swift", "let a = Int.random(in: 0..<9)\n")
    house.refuses("Simulator/Plant/Noise.swift:2: chance: ")
    house.swift("Simulator/Plant/Noise.swift", "let a = Int.random(in: 0..<9, using: &seeded)\n")
    house.accepts()


@pytest.mark.parametrize("word", ["TO" + "DO", "FIX" + "ME", "for now", "placeholder"])
def test_refuses_unfinished_work(house, word):
    house.swift("Sources/Alarms/A.swift", f"// {word}: more\n")
    house.refuses("Sources/Alarms/A.swift:2: unfinished: ")


def test_refuses_a_path_of_a_machine(house):
    house.write("README.md", f"Built in {MACHINE_PATH}.\n")
    house.refuses("README.md:1: machine-path: ")
    house.write("README.md", "Docs/work/main, https://example.org/home/pump and /home/$USER.\n")
    house.accepts()


# The licence line


@pytest.mark.parametrize("name", ["Sources/Units/A.swift", "Sources/CRealtime/a.c", "Tools/deps",
                                  "Makefile", "Simulator/Bedside/Page/index.html"])
def test_refuses_a_source_without_its_licence(house, name):
    house.write(name, "\n\n\n// SPDX-License-Identifier: Apache-2.0\n")
    house.refuses(f"{name}:1: licence: ")


def test_accepts_a_licence_below_the_interpreter_line(house):
    house.write("Tools/deps", "#!/usr/bin/env bash\n# SPDX-License-Identifier: Apache-2.0\n")
    house.accepts()


# Links


def test_refuses_a_link_that_leads_nowhere(house):
    house.write("Docs/a.md", "# One `two`\n\n[a](b.md)\n[c](a.md#three)\n[d](#one-two)\n[e](../../x)\n")
    house.refuses(
        "Docs/a.md:3: links: 'b.md' leads to nothing",
        "Docs/a.md:4: links: 'a.md#three': Docs/a.md has no such heading",
        "Docs/a.md:6: links: '../../x' leads out of the project",
    )


def test_accepts_links_elsewhere_and_links_in_code(house):
    house.write("Docs/a.md", "[a](https://example.org/x)\n`[b](c)`\n```\n[d](e)\n```\n[f](a.md)\n")
    house.accepts()


# Merges


@pytest.mark.parametrize("name", ["Docs/a.csv", "Tools/deps", "Makefile"])
@pytest.mark.parametrize("mark", ["<" * 7 + " HEAD", ">" * 7 + " 1234567 (x)"])
def test_refuses_a_merge_that_was_not_finished(house, name, mark):
    house.write(name, f"# SPDX-License-Identifier: Apache-2.0\n{mark}\na <<<<<<< b\n")
    house.refuses(f"{name}:2: merge: '{mark[:7]}'")


# Strays


@pytest.mark.parametrize("name", ["tool_1.2_amd64.deb", "notes.md", "Scratch/a.txt"])
def test_refuses_what_has_no_place_at_the_top(house, name):
    house.write(name, "")
    house.refuses(f"{name.split('/', maxsplit=1)[0]}:1: strays: ")


def test_refuses_two_python_tests_of_one_name(house):
    for folder in ("ATests", "BTests"):
        house.write(f"Tests/{folder}/test_a.py", "# SPDX-License-Identifier: Apache-2.0\n")
        house.write(f"Tests/{folder}/conftest.py", "# SPDX-License-Identifier: Apache-2.0\n")
    house.refuses("Tests/BTests/test_a.py:1: twins: Tests/ATests/test_a.py has the same name")


# The tool itself


def test_names_every_finding_in_the_same_order(house):
    house.swift("Sources/Units/B.swift", "import Domain\nlet a = unsafe 0.5\n")
    house.swift("Sources/Units/A.swift", "import Domain\n")
    house.refuses(
        "Sources/Units/A.swift:2: imports: ",
        "Sources/Units/B.swift:2: imports: ",
        "Sources/Units/B.swift:3: floating-point: ",
        "Sources/Units/B.swift:3: unsafe: ",
    )


def test_says_when_it_cannot_check(house, tmp_path):
    result = subprocess.run(
        [sys.executable, LINT / "lint.py", "--root", tmp_path / "nothing"],
        capture_output=True, text=True, check=False,
    )
    assert result.returncode == 2
    assert "is not a folder" in result.stderr


def test_says_when_a_file_cannot_be_read(house):
    (house.root / "a.md").write_bytes(b"\xff\xfe")
    result = house.lint()
    assert result.returncode == 2
    assert "a.md is not UTF-8" in result.stderr
