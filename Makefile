# SPDX-License-Identifier: Apache-2.0
#
# Every target installs what it needs and nothing else; `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# Debian's own interpreter: the one that python3-pytest and python3-selenium belong to.
PYTHON ?= /usr/bin/python3
SWIFT_SOURCES := Package.swift Sources Hardware Simulator Benchmarks Tests
# Options of the release programs. The daemons are static: no Swift library on the device. Frame pointers
# are left out (decision 0037).
RELEASE := -c release --static-swift-stdlib --omit-frame-pointers
# The folder of the release programs, as the scenario, system and page tests find it.
PUMP_BIN ?= $(CURDIR)/.build/release
# The order that `make run` programs and confirms.
DEMO ?= --order demo

# The environment of the release tools, which are not Debian packages.
RELEASE_PYTHON := .build/release-tools/bin/python

PYTEST := $(PYTHON) -m pytest -c Tests/pytest.ini --rootdir=.
# What the tests leave for `make trace`: a record of what was tested, and the result of each test.
EVIDENCE := out/evidence
RECORD = "$(PUMP_BIN)/pump-trace" record --results $(EVIDENCE) --python $(PYTHON)
EVENTS = --event-stream-version 0 --event-stream-output-path $(EVIDENCE)

.PHONY: help deps build run test test-lower test-swift test-python test-update test-slow trace sbom lint format bench check-embedded \
  docs profiled board-docs check-libgpiod arm64 kernel-lab deb test-deb clean

help:  ## This list
	@sed -n 's/^\([a-z-]*\):.*  ## /\1\t/p' Makefile | expand -t 18

deps:  ## Install the Debian packages that running needs
	@Tools/deps build

build: deps  ## Build the release programs
	swift build $(RELEASE)

# The programs of a running pump alone, so that a newcomer waits for nothing else.
empty :=
comma := ,
commas = $(subst $(empty) $(empty),$(comma),$(strip $(1)))
PUMP := pump-sim pump-controld pump-safetyd pump-serviced pump-paneld pumpctl

run: deps  ## Start a whole simulated pump and print the address of its bedside page
	PUMP_ONLY="$(call commas,$(PUMP))" swift build $(RELEASE)
	exec "$(PUMP_BIN)/pump-sim" up $(DEMO)

test: test-swift test-python test-update  ## Every test but the slow ones

test-swift: build  ## The Swift tests alone
	@Tools/deps audit
	$(RECORD) swift
	PUMP_WITHOUT=pump-gatewayd,gateway-probe,GatewayProcess PUMP_CASES="$(EVIDENCE)/swift.cases.jsonl" PUMP_BIN="$(PUMP_BIN)" \
	  swift test $(EVENTS)/swift.events.jsonl

# The tests of the pure modules, the drivers and the plant: seconds, and no other package.
LOWER := UnitsTests DomainTests AlarmsTests DeliveryControlTests ControlProcessTests \
  SafetyMonitorTests SafetyProcessTests MessagesTests PlantTests DriversTests BoardContractTests \
  PanelTests

test-lower: deps  ## The everyday loop: the tests of the lower half, without any other package
	PUMP_ONLY="$(call commas,$(LOWER))" swift test

test-python: build .build/schema-tools/ready .build/gateway-tools/ready  ## The Python tests alone: lint, tools, the page in a browser
	@Tools/deps test page board site gateway
	$(RECORD) python
	PUMP_BIN="$(PUMP_BIN)" $(PYTEST) --junitxml=$(EVIDENCE)/python.junit.xml -m "not slow" Tests

test-update: build .build/release-tools/ready  ## The update tests alone: python-tuf judges the verifier
	@Tools/deps test update
	$(RECORD) update
	PUMP_BIN="$(PUMP_BIN)" $(RELEASE_PYTHON) -m pytest -c Tests/pytest.ini --rootdir=. \
	  --junitxml=$(EVIDENCE)/update.junit.xml -m "not slow" Tests/UpdateTests

.build/release-tools/ready: Sources/ReleaseTools/requirements.txt
	@Tools/deps update
	$(PYTHON) -m venv .build/release-tools
	$(RELEASE_PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

test-slow: build .build/gateway-tools/ready  ## The tests that take minutes
	@Tools/deps test page board gateway debian-root
	$(RECORD) swift-slow
	PUMP_SLOW=1 PUMP_WITHOUT=pump-gatewayd,gateway-probe,GatewayProcess PUMP_CASES="$(EVIDENCE)/swift-slow.cases.jsonl" PUMP_BIN="$(PUMP_BIN)" \
	  swift test $(EVENTS)/swift-slow.events.jsonl
	$(RECORD) python-slow
	PUMP_BIN="$(PUMP_BIN)" $(PYTEST) --junitxml=$(EVIDENCE)/python-slow.junit.xml -m slow Tests

trace: build  ## Hold documents, code and the results of the last `make test check-embedded` together
	"$(PUMP_BIN)/pump-trace" check --results $(EVIDENCE) --expect swift,python,update,embedded --report out/trace

# The programs that are on the device; the others simulate it or check it.
DEVICE := pump-controld,pump-safetyd,pump-serviced,pump-paneld,pump-gatewayd,pump-updated,pump-verify,pumpctl

sbom: build  ## Write the bill of materials (CycloneDX) and the vulnerability statements (OpenVEX)
	"$(PUMP_BIN)/pump-trace" sbom --bin "$(PUMP_BIN)" --device $(DEVICE) --out out/sbom

# CycloneDX's own schema, for the test of the bill.
.build/schema-tools/ready: Tools/schemas/requirements.txt
	@Tools/deps venv
	$(PYTHON) -m venv .build/schema-tools
	.build/schema-tools/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

# Judges of the running gateway: its contract, its metrics, its TLS.
.build/gateway-tools/ready: Tools/gateway/requirements.txt
	@Tools/deps venv
	$(PYTHON) -m venv .build/gateway-tools
	.build/gateway-tools/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

lint: deps  ## Formatting, the import table and the other house rules
	@Tools/deps test
	@status=0; \
	$(PYTHON) Tools/lint/lint.py || status=1; \
	swift-format lint --strict --parallel --recursive $(wildcard $(SWIFT_SOURCES)) || status=1; \
	exit $$status

format:  ## Rewrite the sources in the house format
	swift-format format --in-place --parallel --recursive $(wildcard $(SWIFT_SOURCES))

profiled: build  ## Build pump-sim anew by a profile of its own runs: faster, the same bytes
	Tools/profiled --bin "$(PUMP_BIN)" $(RELEASE)

bench: build profiled  ## Measure against the budgets: speed, instructions, size, start-up
	@Tools/deps bench
	$(PYTHON) Benchmarks/bench --bin "$(PUMP_BIN)" --profiled .build/profiled

check-embedded: build  ## Compile the pure targets as Embedded Swift without an allocator
	$(RECORD) embedded
	Tools/check-embedded --junit "$(EVIDENCE)/embedded.junit.xml"

docs: build  ## Generate the tables of the documents, and a site of them in out/site
	@Tools/deps test site
	$(PYTHON) Tools/docs --bin "$(PUMP_BIN)"
	$(PYTHON) Tools/site/build.py --root . --report out/trace --out out/site

check-libgpiod: deps  ## Build the GPIO target against both versions of libgpiod
	@Tools/deps debian-root
	Tools/check-libgpiod

arm64: build  ## Build for aarch64, and run tests and scenarios under emulation
	@Tools/deps arm64
	Tools/arm64 --bin "$(PUMP_BIN)"

board-docs: deps  ## Generate the documents of the boards from their maps
	@Tools/deps board
	PUMP_ONLY=board-docs swift run board-docs Hardware/Boards
	for board in Hardware/Boards/*; do \
	  dtc -q -@ -I dts -O dtb -o /dev/null "$$board/overlay.dts"; \
	done

kernel-lab: build  ## Run the programs on a real kernel's GPIO, I2C and watchdog, in QEMU
	@Tools/deps kernel-lab
	$(PYTHON) Hardware/KernelLab/kernel-lab --bin "$(PUMP_BIN)" $(LAB)

# The tool of swift-argument-parser that turns the help of a command line into a man page.
MANUAL := .build/manual-tool/debug/generate-manual

$(MANUAL): | build
	swift build --package-path .build/checkouts/swift-argument-parser \
	  --scratch-path .build/manual-tool --product generate-manual

deb: build $(MANUAL)  ## Build the Debian package of a device into out/; SIGN=KEY.pem signs its list of files
	@Tools/deps deb
	$(PYTHON) Hardware/Deploy/build-deb --bin "$(PUMP_BIN)" --manual $(MANUAL) --out out $(if $(SIGN),--sign "$(SIGN)")

test-deb: deb  ## Install, upgrade, remove and purge that package in a fresh Debian
	@Tools/deps deb-test
	PUMP_BIN="$(PUMP_BIN)" $(PYTEST) -m "slow or not slow" Tests/DeployTests

clean:  ## Remove everything that was built
	rm -rf .build out
