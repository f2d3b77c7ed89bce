# Two commands are enough on a fresh machine with Python 3.11+ and make:
#   make demo    three days of news through a real Airflow, then its UI     (make demo ONCE=1 ends after the third day)
#   make test    every test
# The others are for who works on it: make install, make lint, make lock, make clean.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ONCE   ?=

.PHONY: help demo test install lint lock clean

help:
	@sed -n 's/^# \{0,1\}//p' $(firstword $(MAKEFILE_LIST)) | head -5

demo: install
	@$(BIN)/python -m pipeline.demo $(if $(ONCE),--once)

test: install
	@$(BIN)/python -m pytest

lint: install
	@$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy && $(BIN)/lint-imports

install: $(VENV)/.installed

# Hashed lock files only; bytecode is compiled now, or the first start of Airflow would take 9 s instead of 3 s.
$(VENV)/.installed: requirements-dev.lock requirements-uv.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Wirewatch needs Python 3.11 or newer; '$(PYTHON)' is older. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 2; }
	@echo "1/4 virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@echo "2/4 installer"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock
	@echo "3/4 packages by their hashes, compiled (a minute or two when none of them is in the cache)"
	@$(BIN)/uv pip sync --quiet --python $(BIN)/python --require-hashes --compile-bytecode requirements-dev.lock requirements-uv.lock
	@echo "4/4 wirewatch itself"
	@$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@$(BIN)/python -m compileall -q pipeline
	@touch $@

# Three lock files, with hashes and without addresses: what runs, what works on it, and the installer itself.
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: install
	@$(LOCK) pyproject.toml --extra build -o requirements.lock
	@$(LOCK) pyproject.toml --all-extras -c requirements.lock -o requirements-dev.lock
	@echo uv | $(LOCK) - -o requirements-uv.lock

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache build dist
	@echo "removed the environment and the caches; data/ (articles, models) is kept"
