# make explore and make test do everything on a fresh machine; the second time nothing is installed again.
.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# An editable install links the files that existed when it was made, so a new file asks for a new install.
FILES := $(shell ls trainer/*.py export/*.py gui/*.py assets/*.* | cksum | tr -d ' ')
APP := $(VENV)/.app-$(FILES)
DEV := $(VENV)/.dev-$(FILES)
INSTALL := $(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --config-settings editable_mode=strict

.PHONY: help explore test lint format bench bench-quick screenshots freeze audit clean

help: ## show this list
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

explore: $(APP) ## install the app alone (no torch) and open it
	@$(BIN)/infogan-explorer $(ARGS)

test: $(DEV) lint ## install everything, then run linters, types and tests
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

lint: $(DEV) ## check format, style and types
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy -p infogan.trainer -p infogan.export -p infogan.gui
	MYPYPATH=benchmarks $(BIN)/mypy benchmarks

format: $(DEV) ## format and fix what can be fixed
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV) ## measure how fast everything is, in half an hour of an idle machine
	$(BIN)/python benchmarks/bench.py $(ARGS)

bench-quick: $(DEV) ## the same in a few minutes, without the time to quality
	$(BIN)/python benchmarks/bench.py --quick $(ARGS)

screenshots: $(DEV) ## make the pictures in docs/ from the real window
	$(BIN)/python docs/screenshots.py

freeze: $(DEV) ## build the app as a folder that needs no Python, in dist/
	$(BIN)/pip install --quiet pyinstaller
	$(BIN)/pyinstaller --noconfirm infogan-explorer.spec

audit: $(DEV) ## look for known holes in the exact versions, and list the licences of all packages
	$(BIN)/pip install --quiet pip-audit pip-licenses
	$(BIN)/pip-licenses
	$(BIN)/pip-audit --strict --requirement constraints.txt --no-deps --disable-pip

clean: ## remove the environment and everything built
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || { \
	    echo "Python 3.10 or later is needed, this is $$($(PYTHON) --version); try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(APP): pyproject.toml constraints.txt | $(BIN)/pip
	$(INSTALL) --editable .
	@rm -f $(VENV)/.app-*; touch $@

$(DEV): pyproject.toml constraints.txt | $(BIN)/pip
	$(INSTALL) --editable '.[dev]'
	@rm -f $(VENV)/.app-* $(VENV)/.dev-*; touch $(APP) $@
