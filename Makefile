# The words a newcomer tries. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export CARGO_TERM_PROGRESS_WHEN ?= auto

NPM := npm --prefix workflows-ts --no-audit --no-fund --loglevel=error
BINARIES := --package gantry --package gantry-heavy-compute --package gantry-shipping --package gantry-save-parsing --package gantry-ingest --package session-receiver
MODULES := workflows-ts/node_modules/.package-lock.json
# Older names of the commands.
HEAVY_DROP_INS := kap10-prepare-workspace kap10-scip-parse kap10-parse-rest kap10-workspace-gc
PREFIX ?= /usr/local
BUNDLE := workflows-ts/dist/workflow-bundle.js
WORKFLOW_SOURCES := $(shell find workflows-ts/src workflows-ts/test -name '*ts' -type f 2>/dev/null) workflows-ts/tsconfig.json

.PHONY: help setup prerequisites temporal indexers build demo test test-rust test-workflows test-long check lint-containers fmt \
        contracts ci-setup install bench-heavy bench-scip bench-activities bench-clone bench-micro \
        bench-store bench-shipping bench-saves bench-ingest soak-ingest soak-shipping package-shipping fuzz notices record-histories clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | sort | awk -F'\t' '{printf "  make %-18s %s\n", $$1, $$2}'

demo: build ## Run one real job through Temporal and check its result (KEEP=1 leaves it running, GANTRY_DEMO_REPO=PATH|URL)
	@target/release/gantry demo $(if $(filter-out 0,$(KEEP)),--keep)

test: test-rust test-workflows ## Every test, Rust and TypeScript, the end-to-end ones included

# The whole workspace, so that what both commands share is compiled with the same features, and once.
test-rust: setup $(BUNDLE)
	cargo build --workspace
	cargo test --workspace

test-workflows: setup $(BUNDLE)
	$(NPM) test

test-long: setup $(BUNDLE) ## What takes minutes: 10,000 jobs while workers restart, a server that is gone for a minute
	cargo build --workspace
	cargo test --workspace --test long -- --ignored --nocapture --test-threads 1

check: setup lint-containers ## Format, lint, generated files, licences, containers
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	scripts/check-contracts.sh
	$(NPM) run lint
	@python3 scripts/third-party-notices.py | diff THIRD-PARTY-NOTICES.md - || { echo "not fresh; run: make notices" >&2; exit 1; }
	.tools/bin/cargo-deny --log-level error check licenses bans sources

lint-containers: ## Dockerfiles, compose.yaml and what it mounts, shell scripts
	scripts/lint-containers.sh

build: setup $(BUNDLE) ## Release binaries and the workflow bundle
	cargo build --release $(BINARIES)

install: ## The release binaries and their older names into PREFIX/bin (PREFIX=/usr/local, DESTDIR=)
	cargo build --release $(BINARIES)
	install -d "$(DESTDIR)$(PREFIX)/bin"
	install $(addprefix target/release/,gantry gantry-heavy-compute gantry-shipping gantry-save-parsing gantry-ingest gantry-session-receiver) "$(DESTDIR)$(PREFIX)/bin"
	for name in $(HEAVY_DROP_INS); do ln -sf gantry-heavy-compute "$(DESTDIR)$(PREFIX)/bin/$$name"; done
	ln -sf gantry-shipping "$(DESTDIR)$(PREFIX)/bin/longhouse-engine"
	ln -sf gantry-save-parsing "$(DESTDIR)$(PREFIX)/bin/stellaris-parser"

setup: prerequisites temporal $(MODULES) ## Fetch what is needed into ignored folders
prerequisites:
	@scripts/prerequisites.sh
temporal: prerequisites
	@scripts/fetch-temporal.sh

$(MODULES): workflows-ts/package-lock.json | prerequisites
	$(NPM) ci --ignore-scripts
	@touch $@

$(BUNDLE): $(MODULES) $(WORKFLOW_SOURCES)
	$(NPM) run build
	@touch $@

indexers: prerequisites ## Fetch the SCIP indexers of TypeScript and Python
	@scripts/fetch-indexers.sh

ci-setup: setup indexers ## What `make check` and every test need on top of `make setup`: linters, indexers, moto (S3), ArangoDB drivers, protobuf, Prometheus, PostgreSQL
	@scripts/fetch-cargo-deny.sh
	@scripts/fetch-python-package.sh moto
	@scripts/fetch-python-package.sh protobuf
	@scripts/fetch-arango-drivers.sh
	@scripts/fetch-linters.sh
	@scripts/fetch-prometheus.sh
	@scripts/fetch-postgres.sh

fmt: $(MODULES) ## Format everything
	cargo fmt --all
	$(NPM) run format

contracts: ## Export the TypeScript side of activities/contracts
	cargo run --quiet --package contracts --bin export-contracts -- workflows-ts/src/contracts

notices: ## List the third-party packages anew
	python3 scripts/third-party-notices.py > THIRD-PARTY-NOTICES.md

record-histories: setup $(BUNDLE) ## Record the histories of the replay test anew; only on purpose
	GANTRY_RECORD_HISTORIES=1 $(NPM) test

bench-heavy: build ## gantry index beside a bare tree-sitter parse (BENCH_REPO=FOLDER)
	scripts/bench-heavy.sh $(BENCH_REPO)

bench-scip: ## runScip beside its limits (FOLDER=PROJECT, INDEX=FILE or the fetched indexer)
	scripts/bench-scip.sh "$(FOLDER)" $(INDEX)

bench-activities: setup ## No-op activities by a Rust, a TypeScript and a Python worker, side by side (COUNT=1000 SOAK=0)
	scripts/bench-activities.sh $(COUNT) $(SOAK)

# Its crates are built for this alone, beside the workspace.
bench-clone: build ## git's command line, gix and libgit2 beside prepare-workspace: clone and update (takes some minutes)
	GANTRY_HEAVY_COMPUTE="$(CURDIR)/target/release/gantry-heavy-compute" \
	  cargo run --release --locked --manifest-path benches/clone-engines/Cargo.toml --target-dir target/clone-engines

bench-micro: ## Extraction, keys, facts, linking and scanning one by one (BENCH=NAME)
	cargo bench --package heavy-compute --bench micro -- $(BENCH)

# BENCH_ARGS="--entities 1000000 --store sqlite --writers 0" is the largest goal, and takes minutes.
bench-store: ## Graph stores: first, repeated and changed writes, eight processes, questions (BENCH_ARGS=)
	cargo run --release --package graph-store --example store_bench -- $(BENCH_ARGS)
	cargo run --release --package graph-store --example arango_bench

bench-shipping: ## The shipper's pipeline beside the compressors alone: 1 GB, one file of 315 MB, 10,000 files (MEGABYTES=1000)
	cargo bench --package shipping --bench ship -- $(or $(MEGABYTES),1000)

bench-saves: ## Saves beside inflating, one pass over the text, and jomini's reader (SAVES="A.sav B.sav" or a generated one of 300 MB)
	scripts/bench-saves.sh $(SAVES)

bench-ingest: ## The event service beside its goals and limits: load, stream, memory, start, statistics, import (SHORT=1)
	scripts/bench-ingest.sh $(if $(filter-out 0,$(SHORT)),--short)

soak-ingest: ## The event service killed each minute under load, each event counted; then memory over time (MINUTES=30)
	scripts/soak-ingest.sh $(MINUTES)

soak-shipping: ## The shipper killed at random while files change and the server fails, every event counted (SEEDS=500)
	scripts/soak-shipping.sh $(SEEDS)

package-shipping: ## The shipper for people's own machines, with and without the worker, with checksums
	scripts/package-shipping.sh

# The targets are the files of fuzz/fuzz_targets.
fuzz: ## Fuzz one target: syntax, link, scip_index, session_line, save_zip, briefing, ingest_event, ... (TARGET=syntax DURATION=60)
	fuzz/run.sh $(or $(TARGET),syntax) $(or $(DURATION),60)

clean: ## Remove what was built and fetched, and the demo's state
	rm -rf target .tools .gantry/demo workflows-ts/node_modules workflows-ts/dist
