# Two commands for a new user: `make demo` and `make test`. Each installs what it needs into .venv.
PYTHON ?= python3
BIN := .venv/bin
.DEFAULT_GOAL := help

.venv/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Installing the locked packages into .venv (about a minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements-dev.lock
	@echo "Installing what tests and checks need (another minute the first time)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.lock
	@touch $@

install: .venv/.installed ## Make the virtual environment from the lock

demo: .venv/.installed ## Take a sample engagement from first contact to handover (REGISTER=file.xlsx for your own building)
	@$(BIN)/steward demo $(if $(REGISTER),--register "$(REGISTER)") $(DEMO_FLAGS)

# In the order of the folders: sorted by their number of tests, files of few and long ones would all come last, on one process.
test: .venv/.installed-dev ## Run the tests, two processes side by side
	@$(BIN)/python -m pytest -m "not sweep" -n 2 --dist loadfile --no-loadscope-reorder $(PYTEST_FLAGS)

sweep: .venv/.installed-dev ## The complete crash sweep: a kill at every commit, and a demonstration killed at random (some three hours)
	@$(BIN)/python -m pytest -m sweep $(PYTEST_FLAGS)

bench: .venv/.installed-dev ## How long large registers and files take: seconds, memory, ratios (some ten minutes)
	@$(BIN)/python -m tests.bench.rehearsal_bench
	@$(BIN)/python -m tests.bench.large_files_bench

serve: .venv/.installed ## Run everything in the foreground
	@$(BIN)/steward serve

lint: .venv/.installed-dev ## Format check, lint, types, import contract
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: .venv/.installed-dev ## Format and fix
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

COMPILE := uv pip compile --generate-hashes --universal --no-header --no-annotate --no-emit-index-url --no-emit-find-links --python-version 3.11 pyproject.toml

lock: .venv/.installed ## Renew requirements.lock and requirements-dev.lock from pyproject.toml (needs uv)
	$(COMPILE) --extra build -o requirements.lock
	$(COMPILE) --all-extras -c requirements.lock -o requirements-dev.lock

clean: ## Remove the environment and the demonstration's data
	rm -rf .venv .steward/demo

help:
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

.PHONY: install demo test sweep bench serve lint format lock clean help
