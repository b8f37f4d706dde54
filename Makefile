# The portal's commands; `make` alone lists them. Everything is built with one profile, so that programs and tests
# share their compiled dependencies.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
MAKEFLAGS += --no-builtin-rules

cache := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/partner-portal
# A machine that tests one fresh clone after the other compiles the dependencies once, and has no use for what makes
# the second build of one clone quick.
ifdef CI
export CARGO_TARGET_DIR ?= $(cache)/target
export CARGO_INCREMENTAL ?= 0
endif
export CARGO_TARGET_DIR ?= $(CURDIR)/target

binary := target/release/partner-portal
# The browser half is for the browser: with it in one call, the server's Leptos would hydrate and the browser's render.
server_half := --release --workspace --exclude frontend

.PHONY: help setup setup-browser-tests setup-odd-browser-tests build browser-half server-half run check lint unit test e2e e2e-odd soak bench bench-audit clean

help: ## List these commands
	@sed -nE 's/^([a-z0-9-]+):[^#]*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

setup: ## Install what building needs and this machine lacks
	@deploy/setup.sh

setup-browser-tests:
	@deploy/setup.sh --browser-tests

setup-odd-browser-tests:
	@deploy/setup.sh --odd-browser-tests

build: setup browser-half server-half ## Build both halves; leaves target/release/partner-portal

browser-half: setup
	@frontend/build.sh

# Needs the browser half before it, not only beside it: it carries that within.
# The lock is for clones that share a target folder: none may take the other's binary.
server-half: browser-half
	@built="$(CARGO_TARGET_DIR)/release/partner-portal"; \
	exec 9>"$(CARGO_TARGET_DIR)/.lock"; flock 9; \
	cargo build --release -p server --bin partner-portal; \
	if ! cmp -s "$$built" $(binary); then \
	  mkdir -p $(dir $(binary)); cp "$$built" $(binary).new; mv $(binary).new $(binary); \
	fi

run: build ## Build what has changed and start the portal with its demo
	@exec $(binary) demo

check: lint unit ## The quick part of the tests: formatting, clippy, unit tests

lint: setup-browser-tests
	cargo fmt --all --check
	cargo clippy $(server_half) --all-targets -- -D warnings
	cargo clippy --release -p frontend --target-dir "$(CARGO_TARGET_DIR)/browser" -- -D warnings

unit: setup
	cargo test $(server_half) --lib --bins

test: lint build ## Everything: formatting, clippy, unit and integration tests, browser tests
	cargo test $(server_half)
	@$(MAKE) --no-print-directory e2e

e2e: setup-browser-tests build ## Browser tests against the real server in a real Chromium
	cd end2end && npx --no-install tsc --noEmit && npx --no-install playwright test

e2e-odd: setup-odd-browser-tests build ## Browser tests shuffled, on odd dates, on a busy machine (ODD="leap-day busy" for fewer)
	end2end/odd.sh $(ODD)

soak: setup browser-half ## Ten people click for ten minutes, Workato's limits on (MINUTES=1 for a short one)
	PORTAL_SOAK_MINUTES=$(or $(MINUTES),10) cargo test $(server_half) --test portal soak:: -- --ignored --nocapture

bench: setup ## What 50,000 connections cost: to parse, to filter, to hold
	cargo bench --profile release --workspace --exclude frontend --bench fifty_thousand

bench-audit: setup ## Fill a million entries and print what the audit log costs, beside 10,000 (ENTRIES=100000 for fewer)
	PORTAL_BENCH_ENTRIES=$(or $(ENTRIES),1000000) cargo test $(server_half) --lib -- --ignored --exact --nocapture audit::bench::what_a_million_entries_cost

clean: ## Remove what was built (not what was installed)
	rm -rf target/release/partner-portal target/site end2end/test-results end2end/playwright-report
	cargo clean
