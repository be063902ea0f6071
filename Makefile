# Everything a newcomer needs: `make serve` to see it, `make test` to check it. `make help` lists the rest.
# A fresh Debian with Python 3.11 is enough: what is missing is installed, or the message says what to install.

SHELL := /bin/sh
HOST ?= 127.0.0.1
PORT ?= 8000

BIN := .venv/bin
PYTHON_STAMP := .venv/.made
RUNTIME_STAMP := .venv/.runtime
DEV_STAMP := .venv/.dev

# The rooms that are held to `mypy --strict`; those not built yet are passed over.
TYPED := $(patsubst %/__init__.py,%,$(wildcard portability/__init__.py eligibility/vocabulary.py \
	$(foreach room,rulebook engine explain bulk,eligibility/$(room)/__init__.py)))

# Downloads are kept beside the project, never in the home folder.
export PIP_CACHE_DIR ?= $(CURDIR)/var/cache/pip
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help serve test check pytest rules bench bench-api bench-bulk bench-casework bench-lawchange lighthouse spectral lock format clean paper browser gateway postgres

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

serve: $(RUNTIME_STAMP) paper ## serve the site on http://127.0.0.1:8000 (PORT=… for another port)
	@mkdir -p var
	@DEBUG=1 $(BIN)/python manage.py migrate --verbosity 0
	@DEBUG=1 $(BIN)/python manage.py catalogues compile
	@DEBUG=1 $(BIN)/python manage.py adopt
	@echo "Serving on http://$(HOST):$(PORT)/ (Ctrl-C stops it)"
	@DEBUG=1 $(BIN)/python manage.py work & worker=$$!; trap 'kill $$worker 2>/dev/null' EXIT INT TERM; \
		DEBUG=1 DJANGO_RUNSERVER_HIDE_WARNING=true $(BIN)/python manage.py runserver $(HOST):$(PORT)

# The tests come last, even under `make -j`, so that pytest's own summary ends the output.
test: check ## check format, style, types and deployment settings, then run every test
	@$(MAKE) --no-print-directory pytest

check: $(DEV_STAMP) ## only the checks that run no test
	$(BIN)/ruff format --check --diff --quiet .
	$(BIN)/ruff check --quiet .
	$(if $(TYPED),$(BIN)/mypy $(TYPED))
	DEBUG=1 $(BIN)/python manage.py makemigrations --check --dry-run
	DEBUG=1 $(BIN)/python manage.py catalogues check
	@echo "manage.py check --deploy, as in production"
	@DEBUG=0 ALLOWED_HOSTS=example.org SECRET_KEY=$$($(BIN)/python -c 'import secrets; print(secrets.token_urlsafe(64))') \
		$(BIN)/python manage.py check --deploy --fail-level WARNING

# What uses the database is tested on PostgreSQL first, so that the summary of the whole suite ends the output. Both
# databases are the tests' own, whatever the shell names.
TESTS := $(BIN)/pytest --numprocesses auto
pytest: $(DEV_STAMP) paper browser gateway postgres ## only the tests
	@if scripts/postgres.sh --find >/dev/null; then \
		echo "On PostgreSQL, the tests that use the database:" && scripts/postgres.sh $(TESTS) --only-database; \
	else \
		echo "Not tested on PostgreSQL: its server is not installed here (scripts/postgres.sh --install)."; \
	fi
	@echo "On SQLite, all tests:"
	@env -u DATABASE_URL $(TESTS)

rules: $(RUNTIME_STAMP) ## prove the law: every case it can be asked, and the published table
	@DEBUG=1 $(BIN)/python manage.py checkrules
	@DEBUG=1 $(BIN)/python manage.py checktables

# What sets letters and evidence sheets as PDF: pip cannot install it. Without it all else works, so that whoever may
# not install packages can still look at the site; a paper then says what is missing.
PAPER_PACKAGES := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-wqy-microhei

.PHONY: paper
paper:
	@scripts/debian.sh $(PAPER_PACKAGES) || echo "Going on without: only letters and evidence sheets need these."

# Debian's own Chromium, and fonts for the scripts of South-East Asia: no test tool downloads a browser.
# Where there is no Debian, CHROMIUM=/path/to/chromium names another one. After the paper's packages, since under
# `make -j` two runs of apt-get would lock each other out.
browser: | paper
	@test -n "$$CHROMIUM" || scripts/debian.sh chromium fonts-noto-core

# The text messages are tested with a real SMS gateway, and with the program that plays the phone for it. After the
# browser, for the same reason.
gateway: | browser
	@scripts/debian.sh kannel kannel-extras

# The site runs on two databases. Where the second is missing the tests do without and say so; in CI they must not.
postgres: | gateway
	@test -z "$$CI" || scripts/postgres.sh --install

bench: $(RUNTIME_STAMP) ## measure how fast answers are worked out
	@$(BIN)/python -m benchmarks.determine

bench-api: $(RUNTIME_STAMP) ## measure how fast the API answers, beside a bare view (with Debian's wrk)
	@scripts/debian.sh wrk
	@$(BIN)/python -m benchmarks.api

bench-bulk: $(RUNTIME_STAMP) ## measure how long a file of 100,000 rows takes, from file to file
	@DEBUG=1 $(BIN)/python manage.py catalogues compile
	@$(BIN)/python -m benchmarks.bulk
	@$(BIN)/python -m benchmarks.bulk even
	@echo "Through the workspace, the database and the job:"
	@$(BIN)/python -m benchmarks.imports

bench-casework: $(RUNTIME_STAMP) ## measure the list of cases with 100,000 cases, beside 1,000
	@$(BIN)/python -m benchmarks.casework

bench-lawchange: $(RUNTIME_STAMP) ## measure what asking open cases again costs when the law changes (CASES=2000)
	@$(BIN)/python -m benchmarks.lawchange

lighthouse: $(DEV_STAMP) browser ## measure the first page and an answer page as a phone gets them (needs Node.js)
	@scripts/lighthouse.sh

spectral: $(DEV_STAMP) ## look for flaws in the API's description with Spectral (needs Node.js)
	@scripts/spectral.sh

# No address of a registry may end up in a lock file: it would tie everyone to one registry.
COMPILE := $(BIN)/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-header \
	--no-emit-index-url --no-emit-trusted-host --no-emit-find-links $(if $(UPGRADE),--upgrade)

lock: $(DEV_STAMP) ## work out the lock files anew from requirements*.in (UPGRADE=1 for newer releases)
	$(COMPILE) --output-file requirements.txt requirements.in
	$(COMPILE) --output-file requirements-dev.txt requirements-dev.in

format: $(DEV_STAMP) ## put the code in the house style
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean: ## remove what make made, except the database
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache var/cache var/static
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(PYTHON_STAMP):
	@scripts/venv.sh .venv
	@touch $@

$(RUNTIME_STAMP): requirements.txt | $(PYTHON_STAMP)
	@echo "Installing what the site needs to run"
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements.txt
	@touch $@

$(DEV_STAMP): requirements-dev.txt | $(RUNTIME_STAMP)
	@echo "Installing what the tests need"
	@$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.txt
	@touch $@
