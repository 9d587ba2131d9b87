# Everything a fresh machine needs: Python 3.11 or newer, make, a package index.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
TESTS ?= tests
GENERATOR ?= ../shared/tools/make_paper_delivery.py

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
	$(BIN)/pytest -n auto --dist loadfile -m slow $(TESTS)

check: $(VENV)/dev.stamp
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/assurai schema --check
	$(MAKE) test

# A delivery of the paper's size; its generator lies beside the project and is no part of it.
.bench/paper: | $(VENV)/dev.stamp
	mkdir -p .bench
	$(BIN)/python $(GENERATOR) $@

.bench/release: | .bench/paper
	$(BIN)/assurai build .bench/paper -o $@ --version 1.0.0

bench: $(VENV)/dev.stamp .bench/release
	$(BIN)/python benchmarks/agreement.py
	$(BIN)/python -m benchmarks.text
	$(BIN)/python -m benchmarks.digests
	$(BIN)/python benchmarks/build.py
	$(BIN)/python benchmarks/media.py .bench/paper
	$(BIN)/python benchmarks/media_mutations.py .bench/paper --count 1000
	$(BIN)/python benchmarks/loading.py .bench/release --pictures .bench/release

clean:
	rm -rf $(VENV) .venvs .bench dist assurai .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
