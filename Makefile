# The README's two commands are `make run` and `make test`; everything they need is installed by scripts/install-packages.
SHELL := /bin/bash
.DEFAULT_GOAL := help
BUILD := swift build --jobs 2
STRICT := --explicit-target-dependency-import-check error
ROUNDS ?= 1000
SECONDS_EACH ?= 300

.PHONY: help run build web test check format bench chaos fuzz deb tarball test-deb test-tarball test-boot test-power

help: ## What there is
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | column -t -s "$$(printf '\t')"

run: build ## Install what is missing, build, and serve in the foreground
	@exec .build/release/deckhand serve

build: ## Release binaries: .build/release/deckhand and .build/release/deckhand-runner
	@scripts/install-packages build web
	@scripts/build-web
	@scripts/build-release

web: ## Check and bundle the web faces
	@scripts/install-packages web
	@scripts/build-web

test: ## Install what is missing, and run all tests
	@scripts/install-packages build web test
	@scripts/run-tests

check: ## What CI runs before the tests: format, architecture, claims, imports
	@scripts/install-packages build web check
	@scripts/build-web
	swift format lint --strict --recursive Sources Tests Package.swift
	scripts/check-architecture
	scripts/check-claims
	scripts/package/check
	$(BUILD) --product deckhand $(STRICT)

format: ## Lay out the sources
	swift format --in-place --recursive Sources Tests Package.swift

bench: build ## Measure the numbers of Benchmarks/README.md and write Benchmarks/results/
	@scripts/install-packages build bench
	@Benchmarks/run

chaos: build ## Kills at random moments (ROUNDS=1000) and a 10 GB output; not in CI
	@scripts/install-packages build web test
	@scripts/build-web
	DECKHAND_CHAOS_ROUNDS=$(ROUNDS) swift test --disable-xctest --filter ChaosTests

fuzz: ## Commands as they are read against what bash really runs (SECONDS_EACH=300); not in CI
	@scripts/install-packages build web test
	@scripts/build-web
	DECKHAND_FUZZ_SECONDS=$(SECONDS_EACH) swift test --disable-xctest --filter 'BashComparisonTests|DenyFilterTests'

deb: build ## A Debian package of the release binaries: .build/package/deckhand_*.deb
	@scripts/install-packages package
	@scripts/package/deb

tarball: build ## An archive with its own libraries and loader, for other distributions: .build/package/deckhand-*.tar.gz
	@scripts/install-packages package
	@scripts/package/tarball

test-deb: deb ## Install, use, upgrade and purge the package in a fresh Debian root (root only); not in CI
	@scripts/install-packages testpackage
	@scripts/package/test-deb

test-tarball: tarball ## The same with the archive in a root without any library (root only); not in CI
	@scripts/install-packages testpackage
	@scripts/package/test-tarball

test-boot: deb ## The package below a real systemd, in a virtual machine (root only); not in CI
	@scripts/install-packages testpackage boot
	@scripts/package/test-boot

# Here ROUNDS is small unless it is said: each round is a boot of a machine with a processor of its own making.
test-power: POWER_ROUNDS = $(if $(filter command line environment,$(origin ROUNDS)),$(ROUNDS),3)
test-power: deb ## The power of that machine cut under load, and what is there after it (ROUNDS=3; root only); not in CI
	@scripts/install-packages testpackage boot
	@scripts/package/test-power $(POWER_ROUNDS)
