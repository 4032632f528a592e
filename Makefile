# make run        a demo on http://127.0.0.1:8000, with nothing but Python 3.11+ and make
# make test       the whole suite: SQLite, a real PostgreSQL, headless Chromium
# make check      formatting, lint, types, import rules, migrations: under a minute
# `make help` lists the rest.

PYTHON ?= python3
VENV   ?= .venv
PORT   ?= 8000
HOST   ?= 127.0.0.1

PY     := $(VENV)/bin/python
PIP    := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
PYTEST := $(PY) -m pytest
ARGS   ?=

CLIENTS := tests/clients/js/node_modules
SDK     := sdk/node_modules

.DEFAULT_GOAL := help
.PHONY: help run test test-main test-postgres test-races test-browser test-clients test-sdk test-matrix try-deploy chaos soak fuzz mutation reliability browser check format docs bench bench-oracle bench-lock lock clean

help:
	@echo 'make run           serve the demo on http://$(HOST):$(PORT) (PORT, DATABASE_URL, LINGAUTH_* are read)'
	@echo 'make test          the whole suite; the next six are its parts'
	@echo 'make test-main       everything but races, browser and clients, on SQLite'
	@echo 'make test-postgres   the same on PostgreSQL, with ATOMIC_REQUESTS on (but what brings its own database)'
	@echo 'make test-races      threads and processes against PostgreSQL'
	@echo 'make test-browser    Chromium against running servers'
	@echo 'make test-clients    the published client libraries and the SDK, in Node, Python and Chromium, against a server'
	@echo 'make test-sdk        the JavaScript SDK: types, units, size, and the package as npm hands it out'
	@echo 'make test-matrix   test-main again on Python 3.13 and the newest Django 6'
	@echo 'make try-deploy    deploy/nginx.conf in front of running servers; installs nginx by apt where there is none'
	@echo 'make chaos         kill workers, nodes, PostgreSQL and more under load, and compare what people were told'
	@echo 'make soak          a million steps of sessions, many at once, each judged by a model'
	@echo 'make fuzz          a hundred thousand made-up calls, with a canary in every secret'
	@echo 'make mutation      is every change of the rules noticed by a test?'
	@echo 'make reliability   write what the last runs of these four came to into docs/reliability.md'
	@echo 'make check         ruff, mypy, import-linter, missing migrations'
	@echo 'make bench-oracle  does the time of an answer tell who has an account? Measured (half an hour)'
	@echo 'make bench         measure against peers and the limit; ARGS=--quick for five minutes'
	@echo 'make format        let ruff rewrite'
	@echo 'make docs          write the pages that are made from the code'
	@echo 'make lock          compile requirements*.txt from pyproject.toml'
	@echo 'make clean         remove $(VENV) and caches (never var/, which holds your data)'

# --- Environments: made once, and again only when the pinned requirements changed -----------------

$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo 'LingAuth needs Python 3.11 or newer; "$(PYTHON)" is older or missing. Say which: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)' >&2; exit 1; }
	@$(PY) -m pip --version >/dev/null 2>&1 || { \
	  echo 'Creating $(VENV)'; \
	  $(PYTHON) -m venv --clear $(VENV) || \
	  { echo 'Python could not make $(VENV). On Debian and Ubuntu: apt install python3-venv' >&2; exit 1; }; }
	@touch $@

$(VENV)/.server: requirements.txt | $(VENV)/.made
	@echo 'Installing requirements.txt'
	@$(PIP) -r requirements.txt
	@touch $@

# The development set contains the server's, at the same pins.
$(VENV)/.dev: requirements-dev.txt | $(VENV)/.made
	@echo 'Installing requirements-dev.txt'
	@$(PIP) -r requirements-dev.txt
	@touch $(VENV)/.server $@

# --- Running --------------------------------------------------------------------------------------

run: $(VENV)/.server
	@exec $(PY) -m project.run --host $(HOST) --port $(PORT)

# --- Tests ----------------------------------------------------------------------------------------

test: browser $(CLIENTS)/.made $(SDK)/.made test-main test-postgres test-races test-browser test-clients test-sdk

test-main: $(VENV)/.dev
	$(PYTEST) -n 2 -m 'not races and not browser and not clients' $(ARGS)

test-postgres: $(VENV)/.dev
	$(PYTEST) -n 2 -m 'not races and not browser and not clients and not once' --postgres --atomic-requests $(ARGS)

test-races: $(VENV)/.dev
	$(PYTEST) -m races --postgres $(ARGS)

test-browser: $(VENV)/.dev browser $(CLIENTS)/.made
	$(PYTEST) -m browser $(ARGS)

test-clients: $(VENV)/.dev browser $(CLIENTS)/.made $(SDK)/.made
	$(PYTEST) -m clients $(ARGS)

test-sdk: $(SDK)/.made
	cd sdk && npm run --silent check && npm test --silent && npm run --silent size && npm run --silent test:package

# Again whenever the lock file changed. Nothing that a package brings is run.
%/node_modules/.made: %/package-lock.json
	@command -v npm >/dev/null && node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' || \
	  { echo 'The tests of the JavaScript clients need Node 20 or newer, with npm; it is older or missing. Debian: apt install nodejs npm' >&2; exit 1; }
	@echo 'Installing the JavaScript packages of $*'
	@cd $* && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Finds a Chromium or installs one; ends red with a sentence when neither can be.
browser: $(VENV)/.dev
	@$(PY) -m tests.support.chromium

MATRIX_PYTHON ?= $(firstword $(foreach python,python3.13 $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python3),\
  $(if $(shell $(python) -c 'import sys; print(sys.version_info[:2] == (3, 13) or "")' 2>/dev/null),$(python))))

test-matrix:
	@test -n '$(MATRIX_PYTHON)' || { echo 'test-matrix did not run: there is no Python 3.13 here. Say where: make test-matrix MATRIX_PYTHON=/path/to/python3.13' >&2; exit 1; }
	@$(MAKE) --no-print-directory VENV=.venv-matrix PYTHON='$(MATRIX_PYTHON)' .venv-matrix/.dev
	@.venv-matrix/bin/python -c 'import sys, django; print("Python", sys.version.split()[0], "Django", django.__version__)'
	@$(MAKE) --no-print-directory VENV=.venv-matrix test-main

# Not part of test: nginx is not a Python package, and not every machine may install one.
try-deploy: $(VENV)/.dev
	@$(PY) -m tests.deploy.nginx
	$(PYTEST) tests/deploy/try_*.py $(ARGS)

# --- Long runs ------------------------------------------------------------------------------------
# The short run of each is in make test. chaos installs nginx by apt where there is none.

chaos: $(VENV)/.dev
	@$(PY) -m tests.deploy.nginx
	$(PY) -m reliability.chaos $(ARGS)

soak: $(VENV)/.dev
	$(PY) -m reliability.soak $(ARGS)

fuzz: $(VENV)/.dev
	$(PY) -m reliability.fuzz $(ARGS)

mutation: $(VENV)/.dev
	$(PY) -m reliability.mutation $(ARGS)

reliability: $(VENV)/.dev
	$(PY) -m reliability.page

# --- Checks ---------------------------------------------------------------------------------------

check: $(VENV)/.dev
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	$(PY) -W ignore manage.py makemigrations --check --dry-run --settings tests.settings

# --- Measurements -----------------------------------------------------------------------------------

bench-oracle: $(VENV)/.dev
	$(PY) -m benchmarks.oracle --write docs/no-oracle.md $(ARGS)

format: $(VENV)/.dev
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

# docs/compatibility.md, docs/sdk-reference.md, the demo's copy of the SDK; tests hold them to this.
docs: $(VENV)/.dev $(SDK)/.made
	$(PY) -m tests.tooling.write_docs
	cd sdk && npm run --silent docs && npm run --silent demo

# One file serves every supported Python: the newest Django each of them can run, by marker.
LOCK = $(VENV)/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
       --no-emit-index-url --no-emit-find-links --no-annotate --custom-compile-command 'make lock' $(ARGS)

# Figures and the picture of docs/performance.md. The peers' environments are made below var/bench.
bench: $(VENV)/.dev
	@command -v npm >/dev/null || { echo 'One of the peers needs Node 20 or newer, with npm. Debian: apt install nodejs npm' >&2; exit 1; }
	$(PY) -m benchmarks $(ARGS)

# Peers get what we have ourselves wherever they share a package.
PEER_LOCK = $(subst make lock,make bench-lock,$(LOCK)) -c requirements.txt
bench-lock: $(VENV)/.dev
	$(PEER_LOCK) benchmarks/peers/simplejwt/requirements.in -o benchmarks/peers/simplejwt/requirements.txt
	$(PEER_LOCK) benchmarks/peers/allauth/requirements.in -o benchmarks/peers/allauth/requirements.txt
	cd benchmarks/peers/better_auth && npm install --package-lock-only --ignore-scripts --no-audit --no-fund

lock: $(VENV)/.dev
	$(LOCK) pyproject.toml --extra server -o requirements.txt
	$(LOCK) pyproject.toml --extra server --extra dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf $(VENV) .venv-matrix .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis dist build
