# Run `make` to list the commands. Everything is built with one profile, so programs and tests share compiled
# dependencies.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

cache := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/partner-portal
# CI tests one fresh clone after another: it keeps compiled dependencies in the cache and gains nothing from incremental
# builds.
ifdef CI
export CARGO_TARGET_DIR ?= $(cache)/target
export CARGO_INCREMENTAL ?= 0
endif
export CARGO_TARGET_DIR ?= $(CURDIR)/target

binary := target/release/partner-portal
# Build the browser half in a call of its own: in one call, Cargo would merge the features of the two and give the server
# the hydrating Leptos.
server_half := --locked --release --workspace --exclude frontend

.PHONY: help setup setup-checks setup-dist setup-tests setup-browser-tests setup-odd-browser-tests setup-scan build browser-half server-half run check tidy deny lint unit readme dist dist-reproducible dist-walk dist-lint test e2e e2e-odd observatory scan lighthouse soak bench bench-pages bench-audit clean
# What is handed out, in a folder of its own: Cargo's folder for this profile would be target/dist.
optimised := --locked --profile dist --target-dir "$(CARGO_TARGET_DIR)/optimised"

help: ## List these commands
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## Install what is missing to build the portal
	@tools/setup.sh

setup-checks:
	@tools/setup.sh --checks

setup-dist:
	@tools/setup.sh --dist

setup-tests:
	@tools/setup.sh --tests

setup-browser-tests:
	@tools/setup.sh --browser-tests

setup-odd-browser-tests:
	@tools/setup.sh --odd-browser-tests

setup-scan:
	@tools/setup.sh --scan

build: setup browser-half server-half ## Build target/release/partner-portal, with the browser half inside

browser-half: setup
	@frontend/build.sh

# The program embeds the browser half, so that must be built first. The lock keeps clones that share a target folder from
# taking each other's binary.
server-half: browser-half
	@built="$(CARGO_TARGET_DIR)/release/partner-portal"; \
	exec 9>"$(CARGO_TARGET_DIR)/.lock"; flock 9; \
	cargo build --locked --release -p server --bin partner-portal; \
	if ! cmp -s "$$built" $(binary); then \
	  mkdir -p $(dir $(binary)); cp "$$built" $(binary).new; mv $(binary).new $(binary); \
	fi

run: build ## Build what has changed and start the demo
	@exec $(binary) demo

check: tidy lint deny unit ## The quick checks: boundaries, formatting, clippy, dependencies, unit tests

# The first of the checks: it compiles little and reads the sources only.
tidy: ## Check the boundaries between crates and files (rules: tools/tidy/src/policy.rs)
	cargo run --locked --release --quiet -p tidy

deny: setup-checks ## Check dependencies: licences, double versions, known vulnerabilities (rules: deny.toml)
	tools/deny.sh

lint: setup-checks
	cargo fmt --all --check
	cargo clippy $(server_half) --all-targets -- -D warnings
	cargo clippy --locked --release -p frontend --target-dir "$(CARGO_TARGET_DIR)/browser" -- -D warnings

unit: setup setup-tests
	cargo test $(server_half) --lib --bins

readme: setup ## Rewrite the README's tables of settings and commands from the command line's definition
	UPDATE_README=1 cargo test $(server_half) --lib readme_tables

dist: setup-dist browser-half ## Make what is handed out, in target/dist: static program, tarball, .deb, SBOMs, checksums, signature
	@tools/dist.sh

dist-reproducible: setup-dist browser-half ## Build it twice, in two folders, and compare the bytes (DIST_PROFILE=release for a cheap build)
	@tools/dist-reproducible.sh

dist-walk: ## Install target/dist's .deb on a clean Debian 12 and walk through set-up, share, backup, purge and restore (root)
	@packaging/walk.sh target/dist/partner-portal_*.deb

dist-lint: ## Check packaging/ with the linters that are installed: unit, image, manifests, proxies, alerts, scripts
	@packaging/lint.sh

test: setup-browser-tests tidy lint deny build ## All checks and tests, in a real browser too
	cargo test $(server_half)
	PORTAL_TEST_DATABASE=postgres cargo test $(server_half) --lib
	@$(MAKE) --no-print-directory e2e observatory

e2e: setup-browser-tests build ## Run the browser tests in Chromium against the real server
	cd end2end && npx --no-install tsc --noEmit && npx --no-install playwright test

e2e-odd: setup-odd-browser-tests build ## Run them shuffled, on odd dates, on a busy machine (ODD="leap-day busy" for fewer)
	end2end/odd.sh $(ODD)

observatory: setup-browser-tests build ## Score the security headers with Mozilla's HTTP Observatory, offline
	tools/observatory/score.sh $(binary)

lighthouse: setup-browser-tests build ## Score the main pages with Lighthouse, on a desktop and as a phone (five minutes)
	tools/lighthouse/score.sh $(binary)

scan: setup-scan build ## Scan the portal with wapiti, as a stranger and as each role (some minutes a role)
	tools/wapiti/scan.sh $(binary)

soak: setup setup-tests browser-half ## Simulate ten people for ten minutes with Workato's limits on (MINUTES=1 for less), and attacks that take long
	PORTAL_TEST_ENTRIES=100000 cargo test $(server_half) --lib -- several_instances::two_that_append
	PORTAL_SOAK_MINUTES=$(or $(MINUTES),10) cargo test $(server_half) --test portal -- soak:: two_hundred_kills three_instances --ignored --nocapture --test-threads=1

bench: setup ## Measure what 50,000 connections and 25,000 recipes cost
	cargo bench --locked --profile release --workspace --exclude frontend --bench fifty_thousand --bench impact

bench-pages: setup browser-half ## Measure pages beside Django, Next.js and others in one run (building it optimised takes half an hour)
	cargo build $(optimised) -p server --bin partner-portal
	@tools/bench-peers/run.sh "$(CARGO_TARGET_DIR)/optimised/dist/partner-portal"

bench-audit: setup ## Measure an audit log of a million entries beside one of 10,000 (ENTRIES=100000 for fewer)
	PORTAL_BENCH_ENTRIES=$(or $(ENTRIES),1000000) PORTAL_BENCH_PROGRAM="$(abspath $(wildcard $(binary)))" cargo test $(server_half) --lib -- --ignored --exact --nocapture audit::bench::what_a_million_entries_cost

clean: ## Remove what was built, but not what was installed
	rm -rf target/release/partner-portal target/site end2end/test-results end2end/playwright-report
	cargo clean
