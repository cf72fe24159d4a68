# The one front: people and CI call the same names. `make help` lists them.

# Scripts that use the built program from outside, with real git; run in this order.
E2E ?= $(shell find Tests/EndToEnd -maxdepth 1 -type f -perm -u+x -name '*.*' | sort)
SWIFT_SOURCES := Sources Tests Package.swift
SHELL_SOURCES := install.sh .ci/run hooks/* packaging/*.sh $(wildcard Tests/EndToEnd/*.sh) \
	Tests/EndToEnd/run $(wildcard examples/*/*/*.sh examples/*/*/*.bash)
PREFIX ?= /usr/local
# Where the program that the end-to-end tests use is installed.
INSTALLED := $(CURDIR)/.build/installed
DIR ?=
# For how long `make fuzz` feeds each reader.
SECONDS ?= 60

.PHONY: help build test test-swift test-end-to-end lint format bench fuzz sanitize soak demo package \
	install uninstall clean deps

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/\1\t\2/p' Makefile | expand -t 18

deps: ## install the system packages that building and testing need
	./install.sh --deps-only --test

build: ## the program and its tests, with checks for debugging
	swift build --build-tests

test: deps test-swift test-end-to-end ## every test; installs what the tests need

test-swift:
	swift test

test-end-to-end: ## the scripts in Tests/EndToEnd on an installed release; E2E='A B' runs only those
	./install.sh --prefix '$(INSTALLED)'
	GATE_PACKAGE="$$(packaging/debian.sh)" GATE_PROGRAM='$(INSTALLED)/bin/gate' \
		Tests/EndToEnd/run $(E2E)

lint: ## formatting and shell scripts, strictly
	swift format lint --strict --parallel --recursive $(SWIFT_SOURCES)
	shellcheck --external-sources $(SHELL_SOURCES)

format: ## format the Swift sources in place
	swift format --in-place --parallel --recursive $(SWIFT_SOURCES)

bench: ## measure against the peers: ratios, Benchmarks/results.md; fails over a budget
	./install.sh --deps-only --bench
	./install.sh --prefix '$(INSTALLED)'
	python3 Benchmarks/bench.py --check --results Benchmarks/results.md '$(INSTALLED)/bin/gate'

fuzz: ## every reader of strangers' bytes for SECONDS=60 each, under AddressSanitizer; what corpora reach
	Tests/Fuzzing/fuzz.py --seconds $(SECONDS)

sanitize: ## the Swift tests under AddressSanitizer and ThreadSanitizer
	swift build --build-tests --sanitize=address --scratch-path .build-asan
	LSAN_OPTIONS=suppressions='$(CURDIR)/Tests/Sanitizers/leaks.txt':print_suppressions=0 \
		swift test --skip-build --sanitize=address --scratch-path .build-asan
	swift build --build-tests --sanitize=thread --scratch-path .build-tsan
	TSAN_OPTIONS=suppressions='$(CURDIR)/Tests/Sanitizers/threads.txt' \
		swift test --skip-build --sanitize=thread --scratch-path .build-tsan

soak: ## the long forms: 5,000 landings by several seeds, 20,000 merges, GATE_REAL_HISTORY=PATHS, each check switched off, 10^7 inputs a reader, every fault
	swift build --product gate
	for seed in $${SEEDS:-2 3 4 5}; do \
		GATE_PROGRAM="$$(swift build --show-bin-path)/gate" GATE_TRUTH_SEED=$$seed \
			GATE_TRUTH_LANDINGS=5000 Tests/EndToEnd/cases.py --filter history_truth. || exit 1; \
	done
	GATE_PROGRAM="$$(swift build --show-bin-path)/gate" GATE_MERGES=20000 \
		Tests/EndToEnd/cases.py --filter merges_truth.
	Tests/Mutants/mutants.py
	Tests/Fuzzing/fuzz.py --seconds 0
	Tests/Fuzzing/fuzz.py --fast --executions 10000000
	GATE_PROGRAM="$$(swift build --show-bin-path)/gate" GATE_FAULTS=all Tests/EndToEnd/cases.py \
		--filter faults_
	GATE_PROGRAM="$$(swift build --show-bin-path)/gate" GATE_PUSHERS=50 Tests/EndToEnd/cases.py \
		--filter races.many --jobs 1
	$(MAKE) sanitize

demo: ## the whole story on real repositories; DIR=folder keeps it there
	./install.sh --demo $(DIR)

package: ## a Debian package in dist/
	packaging/debian.sh

install: ## build and install under PREFIX (/usr/local)
	./install.sh --prefix '$(PREFIX)'

uninstall: ## remove what was installed under PREFIX
	./install.sh --uninstall --prefix '$(PREFIX)'

clean: ## remove everything that was built
	rm -rf .build .build-fuzz .build-fuzz-fast .build-asan .build-tsan dist
