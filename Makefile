# Relais. `make` lists what can be done. Needs make, Python 3.11 or later with pip, and nothing else.
SHELL := /bin/sh
.DEFAULT_GOAL := help
PY ?= python3
V := .venv
BIN := $(V)/bin
STAMP := $(V)/installed
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest
# Without a home of one's own, what is downloaded is kept beside the environment.
CACHE := test -w "$${HOME:-/nonexistent}" || export UV_CACHE_DIR="$(CURDIR)/$(V)/cache" PIP_NO_CACHE_DIR=1;

.PHONY: help setup demo serve test check bench golden mutate format lock secrets

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## install everything in .venv, at the versions of requirements.lock

$(STAMP): requirements.lock pyproject.toml
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Relais needs Python 3.11 or later: make PY=python3.11 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PY) -m venv --without-pip $(V)
	@sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > $(V)/uv.lock
	@$(CACHE) test -x $(BIN)/uv || $(PY) -m pip --python $(BIN)/python install -q --disable-pip-version-check --root-user-action=ignore --require-hashes -r $(V)/uv.lock
	@$(CACHE) $(BIN)/uv pip sync -q -p $(BIN)/python --require-hashes requirements.lock
	@$(CACHE) $(BIN)/uv pip install -q -p $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP) ## show a sample year on a database of its own, nothing to set up
	@$(BIN)/relais demo

serve: $(STAMP) ## run the API, the pages and the read models
	@$(BIN)/relais serve

test: $(STAMP) ## run all tests, or ONLY=some/folder; says at the end what this machine lacks for some
	@$(PYTEST) -n $(JOBS) $(if $(EVERYTHING),--everything) $(if $(ONLY),$(ONLY),--cov --cov-report=term) $(ARGS)

check: $(STAMP) ## run all that a change must pass: format, lint, types, imports, tests, documents
	@$(BIN)/ruff format --check --diff --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(MAKE) --no-print-directory test

bench: $(STAMP) ## measure, beside the recorded numbers in tests/bench
	@$(BIN)/python -m tests.bench

golden: $(STAMP) ## write the golden files and the generated reference anew; review the diff
	@$(PYTEST) -q --golden -p no:randomly $(ARGS)
	@git status --short tests/golden docs/reference

mutate: $(STAMP) ## break the domain on purpose; fails when a test misses more than the list allows
	@$(BIN)/python -m tests.mutation $(if $(ONLY),'$(ONLY)')

format: $(STAMP) ## bring the code to its one format
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .

lock: $(STAMP) ## choose the versions in requirements.lock anew
	@$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --group dev pyproject.toml -o requirements.lock

secrets: ## write passwords for docker-compose.yml under secrets/, unless they are there
	@test ! -e secrets || { echo "secrets/ is there already: docs/how-to/rotate-secrets.md says how to change what is in it"; exit 1; }
	@mkdir -m 700 secrets
	@new() { $(PY) -c 'import secrets; print(secrets.token_urlsafe(24))'; }; \
	put() { printf %s "$$2" > secrets/$$1; }; \
	super=$$(new) owner=$$(new) app=$$(new) sealer=$$(new); \
	put postgres_password "$$super"; \
	put relais_superuser_url "postgresql://postgres:$$super@postgres/postgres"; \
	for name in relais relais_keys; do \
	  put $${name}_database_owner_url "postgresql://relais_owner:$$owner@postgres/$$name"; \
	  put $${name}_database_url "postgresql://relais_app:$$app@postgres/$$name"; \
	  put relais_sealer$${name#relais}_database_url "postgresql://relais_sealer:$$sealer@postgres/$$name"; \
	done
