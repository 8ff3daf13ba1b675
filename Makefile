# Two commands: `make run` starts everything, `make test` tests everything. Needs git, Python 3.11 or newer with venv, and make.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PIP = $(BIN)/pip install --quiet --disable-pip-version-check --use-pep517 --require-hashes
JOBS ?= auto

.PHONY: run test lint format bench system lock
.DEFAULT_GOAL := run

$(VENV)/installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Mailsuite needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.13"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
	@echo "Installing what Mailsuite needs into $(VENV) (once, about a minute)"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) -r requirements.lock
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.lock
	@echo "Installing what the tests need"
	@$(PIP) -r requirements-dev.lock
	@touch $@

$(VENV)/installed-fuzz: $(VENV)/installed-dev requirements-fuzz.lock
	@echo "Installing the fuzzer"
	@$(PIP) -r requirements-fuzz.lock
	@touch $@

run: $(VENV)/installed   ## set up, and start every door with a demo co-op
	@MAILSUITE_DEMO=$${MAILSUITE_DEMO:-yes} $(BIN)/python manage.py up

test: $(VENV)/installed-dev   ## every test that needs no booted machine
	@VENV=$(VENV) JOBS=$(JOBS) sh tests/run

lint: $(VENV)/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports

format: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/installed-dev   ## side by side with Postfix and Dovecot, and with Roundcube; needs root on Debian
	$(BIN)/python -m bench

system: $(VENV)/installed-fuzz   ## long and privileged tests: power cuts, 100,000 messages, fuzzing, properties on new examples
	$(BIN)/pytest -m system -p no:xdist --timeout 3600 tests
	$(BIN)/pytest -m hypothesis -n $(JOBS) --timeout 3600 --hypothesis-profile search tests

lock:   ## after a change of dependencies in pyproject.toml
	uv lock
	uv export --quiet --no-emit-project --no-dev --format requirements-txt -o requirements.lock
	uv export --quiet --no-emit-project --only-group dev --format requirements-txt -o requirements-dev.lock
	uv export --quiet --no-emit-project --only-group fuzz --format requirements-txt -o requirements-fuzz.lock
