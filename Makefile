# Farmland and forest carbon sinks: `make help` lists what there is.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
AOI ?= longshan
BIN := .venv/bin
AREA = $(shell if test -f "$(AOI)/area.toml"; then printf %s "$(AOI)"; else printf %s "aoi/$(AOI)"; fi)
export CARBONSINK_SHARED ?= $(abspath ../shared)
export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYTHONDONTWRITEBYTECODE =  # where it is set, every process of the tests would compile every module anew

.DEFAULT_GOAL := help
.PHONY: help setup setup-tests estimate verify check lock test cases faults lint bench readme docs screenshots clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.ready  ## make .venv from requirements.lock (hashes checked)

.venv/.ready: requirements.lock pyproject.toml
	@echo "setting up .venv (once, about a minute) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -qq --require-hashes --only-binary :all: -r requirements.lock
	@$(BIN)/python -m pip install -qq --no-deps --no-build-isolation -e .
	@touch $@

setup-tests: .venv/.ready-tests  ## add what the tests and the documentation take (tests/requirements.lock)

.venv/.ready-tests: .venv/.ready tests/requirements.lock
	@echo "adding the tools of the tests (once, about a minute) ..."
	@$(BIN)/python -m pip install -qq --require-hashes --only-binary :all: -r tests/requirements.lock
	@touch $@

estimate: setup  ## estimate an area: make estimate [AOI=<folder under aoi/ or any path>]
	@$(BIN)/carbonsink estimate "$(AREA)"

verify: setup  ## verify a run: make verify RUN=<run folder>
	@$(BIN)/carbonsink verify "$(RUN)"

check: setup  ## list every problem of an area's declarations: make check [AOI=...]
	@$(BIN)/carbonsink check "$(AREA)"

lock: setup  ## freeze the scenes of an area: make lock [AOI=...]
	@$(BIN)/carbonsink lock "$(AREA)"

test: setup-tests lint  ## lint, types and all tests, a process a core (TESTS="-n 0": one process)
	@$(BIN)/python -m pytest $(or $(TESTS),-n auto --dist loadfile --no-loadscope-reorder)

cases: setup-tests  ## every worked example and published vector: ours, published, difference (CASES="--json" or names)
	@$(BIN)/python -m tests.cases $(CASES)

faults: setup-tests  ## break everything that can break, and print what was caught
	@$(BIN)/python -m pytest tests/faults --tb=line

lint: setup-tests  ## ruff and mypy --strict
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

bench: setup-tests .venv-bench/.ready  ## measure speed and memory against plain rasterio and the public ways (QUICK=1: small, 3 minutes)
	@$(BIN)/python -m benchmarks.bench --public .venv-bench/bin/python $(if $(QUICK),--side 1024 --rounds 1 --areas 6 --out runs/benchmark-quick.json)
	@$(if $(QUICK),true,$(BIN)/python -m benchmarks.figures --benchmark)

.venv-bench/.ready: benchmarks/requirements.lock
	@echo "setting up .venv-bench with the libraries compared with ..."
	@test -x .venv-bench/bin/python || $(PYTHON) -m venv .venv-bench
	@.venv-bench/bin/python -m pip install -qq --require-hashes --only-binary :all: -r benchmarks/requirements.lock
	@touch $@

readme: setup-tests  ## write docs/equations.md, the library's published digest, and the README's figures from fresh runs (needs the shared test data)
	@$(BIN)/python -m benchmarks.library
	@$(BIN)/python -m benchmarks.equations
	@$(BIN)/python -m benchmarks.schemas
	@$(BIN)/python -m benchmarks.notebook
	@rm -rf runs/readme
	@for area in aoi/longshan tests/aoi/flanders tests/aoi/zagreb; do $(BIN)/carbonsink estimate $$area --out runs/readme >/dev/null || exit 1; done
	@$(BIN)/python -m benchmarks.figures README.md runs/readme/longshan-* runs/readme/flanders-* runs/readme/zagreb-*

docs: setup-tests  ## build the documentation site into runs/site, offline
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build -q --strict

screenshots: setup-tests  ## pictures of the reports into docs/images (needs the shared test data, Chromium and Poppler)
	@$(BIN)/python -m benchmarks.screenshots

clean:  ## remove .venv, .venv-bench, runs and caches of this checkout
	rm -rf .venv .venv-bench runs .mypy_cache .ruff_cache .pytest_cache
