# Everything runs inside .venv, built from requirements.lock. `make help` lists the targets.

PYTHON ?= python3
CORES ?= all
CACHE ?= $(if $(XDG_CACHE_HOME),$(XDG_CACHE_HOME),$(HOME)/.cache)/atacdiff
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
MOODS := $(shell sed -n 's/^moods-python==\([^ ]*\).*/\1/p' requirements.lock)
TAG := $(shell $(PYTHON) -c 'import sys, sysconfig; print(sys.implementation.cache_tag, sysconfig.get_platform(), sep="-")')
WHEEL := $(CACHE)/wheels/$(TAG)/moods-$(MOODS)

.DEFAULT_GOAL := help
.PHONY: help setup run test lint format bench lock clean

help: ## List the targets
	@sed -nE 's/^([a-z]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 10

setup: $(READY) ## Build .venv from the lock file, with the command .venv/bin/atacdiff

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)
	@test -d "$(WHEEL)" || $(MAKE) --no-print-directory moods
	$(PIP) install --no-deps --no-index "$(WHEEL)"/*.whl
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

# MOODS-python comes as source and compiles for minutes: its wheel is built once and kept outside the checkout.
.PHONY: moods
moods:
	@echo "Compiling MOODS-python $(MOODS), once on this machine: two to five minutes"
	@mkdir -p "$(dir $(WHEEL))"
	@sed -n '/^moods-python==/,/[^\\]$$/p' requirements.lock > $(VENV)/moods.lock
	rm -rf "$(WHEEL).partial"
	$(PIP) wheel --no-deps --require-hashes -r $(VENV)/moods.lock --wheel-dir "$(WHEEL).partial"
	mv "$(WHEEL).partial" "$(WHEEL)"

run: $(READY) ## Run the demo (or CONFIG=path) to results/report.html
	@$(if $(CONFIG),$(BIN)/python -m workflow_lib.io.readable $(CONFIG),true)
	$(BIN)/snakemake --cores $(CORES) $(if $(CONFIG),--configfile $(CONFIG))

test: $(READY) ## Run every test
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

lint: $(READY) ## Check style, types and workflow
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile rules
	$(BIN)/snakemake --lint

format: $(READY) ## Rewrite the code in the house style
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .
	$(BIN)/snakefmt Snakefile rules

PEERS := .venv-bench/.ready

bench: $(READY) $(PEERS) ## Measure ours and the peers into benchmarks/RESULTS.md (QUICK=1: small, into .bench/quick)
	$(BIN)/python benchmarks/run.py $(if $(QUICK),--quick)

$(PEERS): benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	@test -d "$(WHEEL)" || $(MAKE) --no-print-directory moods
	@grep -v '^#' $< | while read -r peer; do \
	    .venv-bench/bin/python -m pip --disable-pip-version-check --quiet install --find-links "$(WHEEL)" "$$peer" \
	    || echo "$$peer could not be installed: it will be reported absent"; \
	done
	@touch $@

lock: ## Resolve pyproject.toml into requirements.lock again; envs/ is changed by hand
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	    --python-version 3.11 --extra dev pyproject.toml --output-file requirements.lock

clean: ## Remove results, made resources and logs
	rm -rf results resources logs .snakemake
