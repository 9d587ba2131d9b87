# Everything a fresh machine needs: Python 3.11 or newer, make, a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests

.DEFAULT_GOAL := help
.PHONY: help demo test check slow bench clean

help:
	@echo "make demo    build the bundled sample into ./assurai and show it"
	@echo "make test    run the tests"
	@echo "make check   linter, types, architecture, schemas and tests"
	@echo "make slow    the tests that need minutes or environments of their own"
	@echo "make bench   the benchmarks"
	@echo "make clean   remove what make made"

# The stamps are made anew when what is installed changes.
$(VENV)/run.stamp: pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(None if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/dev.stamp: pyproject.toml | $(VENV)/run.stamp
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	touch $@

demo: $(VENV)/run.stamp
	$(BIN)/assurai demo

test: $(VENV)/dev.stamp
	$(BIN)/pytest -n auto -m "not slow" $(TESTS)

slow: $(VENV)/dev.stamp
	$(BIN)/pytest -m slow $(TESTS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/assurai schema --check
	$(MAKE) test

bench: $(VENV)/dev.stamp
	for file in benchmarks/*.py; do $(BIN)/python $$file || exit 1; done

clean:
	rm -rf $(VENV) dist assurai .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
