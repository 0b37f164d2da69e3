# Two commands matter: `make run` and `make test`. Everything else is for people who change Klankbord.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# Tests start hundreds of processes; without kept bytecode each compiles all of Klankbord anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test test-slow test-peers lint bench sentiment pictures docs lock clean

run: $(VENV)/.run            ## start Klankbord: the example brand, or config.local.yaml if you have one
	@$(BIN)/klankbord up

test: $(VENV)/.dev           ## the quick suite: everything real this machine has
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow and not peers" $(ARGS)

test-slow: $(VENV)/.dev      ## kill -9, load, deep property tests, browser journeys
	$(BIN)/python -m pytest -n auto --dist loadfile -m slow $(ARGS)

test-peers: $(VENV)/.dev     ## other people's servers that take minutes to install
	$(BIN)/python -m pytest -m peers $(ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/mkdocs build --strict --quiet --site-dir build/site

bench: $(VENV)/.dev          ## ratios in one run, printed as a table
	$(BIN)/python -m benchmarks $(ARGS)

sentiment: $(VENV)/.dev      ## fit tier 1 of sentiment anew on its seeds and words
	$(BIN)/python -m understanding.sentiment

pictures: $(VENV)/.dev       ## take the pictures of the documentation again (ARGS names some)
	$(BIN)/python -m tests.journey.pictures $(ARGS)

docs: $(VENV)/.dev
	$(BIN)/mkdocs serve

lock:                        ## renew both lock files (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" --group dev pyproject.toml --output-file requirements-dev.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	  --custom-compile-command "make lock" --group build pyproject.toml \
	  --constraints requirements-dev.lock --output-file requirements.lock

clean:
	rm -rf $(VENV) build

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) install --require-hashes -r requirements-dev.lock
	$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.run
