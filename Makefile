# Two commands matter: `make conformance` (everything, ends with the release report) and `make test`.
# The first Python of at least 3.11 that is on the path sets the checkout up; `make PYTHON=…` picks another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
WORKERS ?= 2
# The scenarios that `make test` runs under changed circumstances, too; `make perturb` runs all of them. The plain run comes last, so that
# .harness/last is one that a report can be written from.
PERTURB_SAMPLE ?= drain-resume or groups-without-command

.PHONY: help setup conformance test publish lint generate perturb conformance-full fuzz-parser windows-front bench-engine lock clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 26

setup: ## virtual environment from the lock, system packages
	@test -n "$(PYTHON)" || { echo "setup: no Python 3.11 or newer on the path; install one or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) harness/bootstrap.py

conformance: setup ## publish, run every scenario on each artifact, time each, write reports/latest
	@$(BIN)/conformance check --workers $(WORKERS)

test: lint ## all checks and tests: harness, CLI, and the scenarios on all artifacts
	@$(BIN)/conformance publish
	@$(BIN)/python -m cli.generator --check
	@$(BIN)/conformance run -q -n $(WORKERS) --perturb=all -k "$(PERTURB_SAMPLE)"
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup
	@$(BIN)/conformance coverage --check

publish: setup ## native, frozen and jit artifacts into dist/
	@$(BIN)/conformance publish

lint: setup ## ruff and mypy over everything
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict -p harness -p cli.declaration -p cli.generator -p cli.publish -p cli.equivalence -p omnirelay

generate: setup ## parser, tables, completion, reference and manual pages from the declaration
	@$(BIN)/python -m cli.generator

perturb: publish ## every scenario under each changed circumstance, such as another locale (10 min)
	@$(BIN)/conformance run -q -n $(WORKERS) --perturb=all

conformance-full: publish ## conformance, and before it every recorded argument vector on each artifact (15 min)
	@$(BIN)/python -m cli.equivalence scenarios .cache/vectors/scenarios
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup --scenarios .cache/vectors/scenarios --artifacts dist/artifacts.json .cache/vectors/scenarios
	@$(BIN)/python -m cli.equivalence processes
	@$(BIN)/conformance check --workers $(WORKERS)

fuzz-parser: setup ## a million argument vectors, sanitizers, libFuzzer (10 min; FUZZ="--seed 7" repeats)
	@$(BIN)/python -m cli.equivalence fuzz $(FUZZ)
	@$(BIN)/python -m cli.equivalence sanitize
	@$(BIN)/python -m cli.equivalence libfuzzer

windows-front: setup ## the native program's parser as a Windows program, run with wine (some minutes)
	@$(PYTHON) harness/bootstrap.py wine64
	@$(BIN)/python -m cli.equivalence windows

bench-engine: setup ## how fast the engine is and what memory it takes, beside bats and prysk (10 min)
	@$(BIN)/conformance bench-engine

lock: setup ## resolve pyproject.toml into requirements.lock (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra lint pyproject.toml -o requirements.lock

clean: ## remove everything that can be made again
	@rm -rf .venv .cache dist reports/latest .harness
