# Every target sets up what it needs. `make demo` runs the main job; `make test` passes the tests.
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= python3
READY := $(VENV)/.ready
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help setup demo lab browser lint test conformance bench lock clean

help:
	@echo "make demo         set up a sample cohort, grade it, build report and site, serve them (DEMO=--no-serve to stop there)"
	@echo "make lab          open JupyterLab as a learner of the finance track"
	@echo "make test         all checks and tests, the browser's included"
	@echo "make conformance  nbgrader's commands on our workspace against ours, nbgrader's own suite on our executor,"
	@echo "                  and every lab in the browser, from My track to its grade (make test takes one per kind of form)"
	@echo "make bench        benchmarks: ratios against the peer in the same run"
	@echo "make setup        the environment in $(VENV) and the practice model"

$(READY): pyproject.toml requirements.lock Makefile
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; set PYTHON=python3.12, say"; exit 1; }
	$(PYTHON) -m venv $(VENV) 2>/dev/null || { bash .ci/system-packages python3-venv && $(PYTHON) -m venv --clear $(VENV); }
	$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

setup: $(READY)
	$(BIN)/atelier model fetch

demo: setup
	$(BIN)/atelier demo $(DEMO)

lab: setup
	$(BIN)/atelier lab --role finance $(LAB)

# Debian's chromium where there is one; else Playwright's own, where it can be downloaded.
browser: $(READY)
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null \
	  || bash .ci/system-packages chromium || $(BIN)/playwright install --with-deps chromium

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: setup browser lint
	$(BIN)/atelier check --report
	$(BIN)/pytest --numprocesses=auto --maxprocesses=4 --dist=loadfile --no-loadscope-reorder $(PYTEST)

conformance: setup browser
	$(BIN)/pytest tests/test_conformance.py tests/test_codelab.py
	$(BIN)/pytest -m "" tests/test_every_lab.py
	PYTHONPATH=tests/conformance $(BIN)/pytest -c /dev/null --rootdir=. -p no:cacheprovider -W ignore -p on_our_engine --pyargs nbgrader.tests.apps.test_nbgrader_autograde

bench: setup
	$(BIN)/python tests/bench/grading.py --json

clean:
	rm -rf build $(VENV)

lock: $(READY)
	$(BIN)/python -m pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --upgrade --quiet -o requirements.lock
