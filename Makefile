# run · test · soak · lint · bench: each sets up what it needs.

PYTHON ?= python3
PORT ?= 8501
VENV := .venv
BIN := $(VENV)/bin
# One thread per numerical library: sessions and tests already run side by side.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

.PHONY: run test soak lint lint-js bench screenshots licences lock clean

run: $(VENV)/.user
	$(BIN)/streamlit run app.py --server.port=$(PORT)

# worksteal: each worker begins with a run of neighbouring files, so that a server, a browser or a
# database that they share starts once a worker, and takes over another's last tests when done.
test: $(VENV)/.developer
	@$(BIN)/python -m tests.programs
	$(BIN)/python -m pytest -m "not soak" --numprocesses=logical --dist=worksteal

soak: $(VENV)/.developer
	COMPUTE_FORECAST_SOAK=1 $(BIN)/python -m pytest

lint: $(VENV)/.developer
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.tools.audit
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory lint-js; \
	  else echo "NO NODE.JS: the JavaScript was not linted."; test -z "$$CI"; fi

lint-js: node_modules/.package-lock.json
	npm run --silent lint

bench: $(VENV)/.developer
	$(BIN)/python -m benchmarks

screenshots: $(VENV)/.developer
	$(BIN)/python -m docs.screenshots

# What deployments install, with hashes; tests/packaging/test_lock.py tells when it is out of date.
lock: $(VENV)/.developer
	$(BIN)/uv pip compile requirements-postgresql.txt --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --quiet \
	  --custom-compile-command "make lock" --output-file requirements.lock

licences: $(VENV)/.user
	$(BIN)/python -m forecasting.data.licences > datasets/LICENSES.md.new
	mv datasets/LICENSES.md.new datasets/LICENSES.md

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, found $$($(PYTHON) --version 2>&1). Name another one: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.user: requirements.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.developer: requirements.txt requirements-dev.txt | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@ $(VENV)/.user

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

clean:
	rm -rf $(VENV) node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis
