# Everything is done in .venv, which is made on first use from requirements/*.txt (pinned, with hashes).
# `make crawl` installs what a crawl needs; `make test` and `make check` add the tools.

EDITION ?= belta-eng
N ?= 2000
WALKS ?= 20000
ARGS ?=
PYTHON ?= python3

# Modules that are compiled anew in every process make a command that takes 0.2 s take seconds.
unexport PYTHONDONTWRITEBYTECODE

VENV := .venv
BIN := $(VENV)/bin
# --no-compile: Python compiles what it really imports, on first use, in half the time.
PIP_INSTALL := $(BIN)/python -m pip --disable-pip-version-check install --quiet --no-compile
RUN := $(VENV)/run.stamp
DEV := $(VENV)/dev.stamp
WEB := $(VENV)/web.stamp
# What `make bench` compares with: peers and tools of others, in an environment of their own.
PEERS := .venv-bench
# What `make docs` renders with, likewise.
SITE := .venv-docs
PYTEST = $(BIN)/python -m pytest -W error --numprocesses auto --dist loadgroup

.DEFAULT_GOAL := help
.PHONY: crawl test test-long test-bench test-wheel coverage check bench serve simulate histories soak docs dist clean venv lock help

crawl: $(RUN) ## archive the news of EDITION (demo needs no network) in archive.db; ARGS="-a since=2026-01-01"
	$(BIN)/scrapy crawl news -a edition=$(EDITION) -s SUMMARY=always $(ARGS)

test: $(DEV) ## run the tests on all cores, warnings being errors; ARGS="-k walk -n 0"
	$(PYTEST) $(ARGS)

# The further steps of .ci/run: what is too long for every change, and what needs more than a checkout.
test-long: $(DEV) ## run the searches, of which `make test` runs samples, at full length, and all that takes long
	DATELINE_TESTS=long $(PYTEST) -m "search or slow" $(ARGS)

test-bench: $(DEV) ## run every benchmark at its smallest size: does it still measure?
	$(PYTEST) -m bench $(ARGS)

test-wheel: $(DEV) ## build the release, install it with every Python 3.11 to 3.13 that is here, and use it
	$(PYTEST) -m wheel $(ARGS)

coverage: $(DEV) ## run the tests and measure which lines they execute, those of started processes included
	$(PYTEST) --cov --cov-report= $(ARGS)
	$(BIN)/coverage combine --append --quiet || true # what processes wrote that ended after the tests
	$(BIN)/coverage html --quiet --directory build/coverage
	$(BIN)/coverage report --skip-covered

check: $(DEV) ## what a change must pass besides the tests: ruff, formatting, mypy --strict, the import contract
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: $(DEV) $(PEERS)/peers.stamp ## measure, beside what others do; ARGS="parse --size 20"
	$(BIN)/python -m benchmarks $(ARGS)

serve: $(WEB) ## read the archive in a browser
	$(BIN)/dateline serve $(ARGS)

simulate: $(DEV) ## crawl N invented histories of a site with faults, and compare the archives
	$(BIN)/python -m tests.simulation --histories $(N) $(ARGS)

histories: $(DEV) ## live WALKS walks through listings that roll, break and move, in memory; ARGS="--seed 17"
	$(BIN)/python -m tests.listing_histories --walks $(WALKS) $(ARGS)

soak: $(DEV) ## live a simulated year of cron with outages and a deploy; ARGS="--days 5 --dense 1"
	$(BIN)/python -m tests.soak $(ARGS)

docs: $(SITE)/docs.stamp ## render the documentation as a site: build/docs/index.html
	$(SITE)/bin/sphinx-build --fail-on-warning --keep-going --quiet --conf-dir docs . build/docs
	@echo '<!DOCTYPE html><title>Dateline</title><meta http-equiv="refresh" content="0; url=docs/index.html">' > build/docs/index.html
	@echo "Rendered: build/docs/index.html"

dist: $(DEV) ## build the release: a source archive and a wheel in dist/
	$(BIN)/python -m build --no-isolation $(ARGS)

clean: ## remove .venv and everything the tools made; archives stay
	rm -rf $(VENV) $(PEERS) $(SITE) build dist *.egg-info .coverage* .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .scrapy
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

venv: $(DEV) ## make .venv with all tools

# Compiled by the oldest Python, since it needs the most packages. Sources set on this machine are left out: the
# hashes of a local wheel house are of no use elsewhere.
lock: $(DEV) ## pin the newest allowed versions in requirements/*.txt; ARGS="-P scrapy" for one of them
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	  echo "make lock: .venv must be made by Python 3.11: make clean, then make lock PYTHON=python3.11" >&2; exit 1; }
	$(LOCK) -o requirements/run.txt --extra body pyproject.toml requirements/run.in
	$(LOCK) -o requirements/web.txt --extra web -c requirements/run.txt pyproject.toml requirements/run.in
	$(LOCK) -o requirements/dev.txt --all-extras -c requirements/web.txt pyproject.toml requirements/run.in requirements/dev.in
	$(LOCK) -o requirements/bench.txt requirements/bench.in
	$(LOCK) -o requirements/docs.txt requirements/docs.in

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables: EDITION=$(EDITION) N=$(N) PYTHON=$(PYTHON) ARGS=..."

LOCK = PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS= PIP_EXTRA_INDEX_URL= CUSTOM_COMPILE_COMMAND="make lock" \
  $(BIN)/pip-compile $(or $(ARGS),--upgrade)

# Prints the first Python that will do. ensurepip is what Debian leaves out when python3-venv is not installed.
define FIND_PYTHON
found=; \
for python in $(PYTHON) python3.14 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
  found=$$python; \
  $$python -c 'import ensurepip, venv' 2>/dev/null && { echo $$python; exit 0; }; \
done; \
if [ -n "$$found" ]; then \
  echo "make: $$found cannot make a virtual environment. On Debian and Ubuntu: apt install python3-venv" >&2; \
else \
  echo "make: no Python 3.11 or newer found (tried $(PYTHON), python3.14 ... python3.11)." >&2; \
  echo "Debian 12, Ubuntu 24.04 or newer: apt install python3 python3-venv. macOS: brew install python3." >&2; \
  echo "Then try again, or say where it is: make PYTHON=/path/to/python3" >&2; \
fi; \
exit 1
endef

# Also remade when the Python it was made from is gone: the link then leads nowhere.
$(BIN)/python:
	@python=$$($(FIND_PYTHON)) && $$python -m venv --clear $(VENV)

$(RUN): requirements/run.txt pyproject.toml | $(BIN)/python
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "make: $(VENV) was made by a Python older than 3.11: make clean, then again" >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(BIN)/python -m ensurepip
	@echo "Installing what a crawl needs in $(VENV) (once, about a minute)"
	@$(PIP_INSTALL) --require-hashes -r requirements/run.txt
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@echo "Installing the tools for tests and checks in $(VENV) (once, about a minute)"
	@$(PIP_INSTALL) --require-hashes -r requirements/dev.txt
	@touch $@

# --no-deps: the file names everything, and pip need not solve it again.
$(PEERS)/peers.stamp: requirements/bench.txt | $(BIN)/python
	@echo "Installing the peers to compare with in $(PEERS) (once, some minutes)"
	@$(BIN)/python -m venv --clear $(PEERS)
	@$(PEERS)/bin/python -m pip --disable-pip-version-check install --quiet --no-compile --no-deps --require-hashes -r $<
	@touch $@

$(SITE)/docs.stamp: requirements/docs.txt | $(BIN)/python
	@echo "Installing what renders the documentation in $(SITE) (once)"
	@$(BIN)/python -m venv --clear $(SITE)
	@$(SITE)/bin/python -m pip --disable-pip-version-check install --quiet --no-compile --require-hashes -r $<
	@touch $@

$(WEB): requirements/web.txt $(RUN)
	@$(PIP_INSTALL) --require-hashes -r requirements/web.txt
	@touch $@
