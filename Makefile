# Two commands matter: `make conformance` (everything, ends with the release report) and `make test`.
# The first Python of at least 3.11 that is on the path sets the checkout up; `make PYTHON=…` picks another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do "$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done)
BIN := .venv/bin
WORKERS ?= 2
# The scenarios that `make test` runs under changed circumstances, too; `make perturb` runs all of them. The plain run comes last, so that
# .harness/last is one that a report can be written from.
PERTURB_SAMPLE ?= drain-resume or groups-without-command

.PHONY: bench-engine perturb conformance-full fuzz-parser help setup publish conformance test lint generate lock windows-front clean
.DEFAULT_GOAL := help

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1\t/' | expand -t 22

setup: ## virtual environment from the lock, system packages
	@test -n "$(PYTHON)" || { echo "setup: no Python 3.11 or newer on the path; install one or say make PYTHON=/path/to/python3" >&2; exit 1; }
	@$(PYTHON) harness/bootstrap.py

publish: setup ## native, frozen and jit artifacts into dist/
	@$(BIN)/conformance publish

conformance: setup ## publish, run every scenario on each artifact, time each, write reports/latest
	@$(BIN)/conformance check --workers $(WORKERS)

test: lint ## all checks and tests: harness, CLI, and the scenarios on all artifacts
	@$(BIN)/conformance publish
	@$(BIN)/python -m cli.generator --check
	@$(BIN)/conformance run -q -n $(WORKERS) --perturb=all -k "$(PERTURB_SAMPLE)"
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup
	@$(BIN)/conformance coverage --check

perturb: publish ## every scenario under each perturbation: locale, width, blanks in paths, read-only home, closed stdin, slow pipe, no terminal (ten minutes)
	@$(BIN)/conformance run -q -n $(WORKERS) --perturb=all

conformance-full: publish ## what conformance does, and before it every recorded argument vector on each artifact (some ten minutes more)
	@$(BIN)/python -m cli.equivalence scenarios .cache/vectors/scenarios
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadgroup --scenarios .cache/vectors/scenarios --artifacts dist/artifacts.json .cache/vectors/scenarios
	@$(BIN)/python -m cli.equivalence processes
	@$(BIN)/conformance check --workers $(WORKERS)

fuzz-parser: setup ## a million random argument vectors through three parsers, sanitizers, libFuzzer (about ten minutes; FUZZ="--seed 7")
	@$(BIN)/python -m cli.equivalence fuzz $(FUZZ)
	@$(BIN)/python -m cli.equivalence sanitize
	@$(BIN)/python -m cli.equivalence libfuzzer

windows-front: setup ## the C front as a Windows program, run with wine: the corpus, and command lines that others would expand (some minutes)
	@$(PYTHON) harness/bootstrap.py wine64
	@$(BIN)/python -m cli.equivalence windows

lint: setup ## ruff and mypy over everything
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy --strict -p harness -p cli.declaration -p cli.generator -p cli.publish -p cli.equivalence -p omnirelay

generate: setup ## derive parser, tables, completion, reference and manual pages from the declaration
	@$(BIN)/python -m cli.generator

lock: setup ## resolve pyproject.toml into requirements.lock (needs uv)
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --extra lint pyproject.toml -o requirements.lock

bench-engine: setup ## how fast the engine is and what memory it takes, beside bats and prysk (ten minutes)
	@$(BIN)/conformance bench-engine

clean: ## remove everything that can be made again
	@rm -rf .venv .cache dist reports/latest .harness
