# run · refresh · test · soak · lint · bench · docs: each sets up what it needs.

PYTHON ?= python3
PORT ?= 8501
# 0.0.0.0 is every network of this machine, 127.0.0.1 this machine alone.
ADDRESS ?= 0.0.0.0
VENV := .venv
BIN := $(VENV)/bin
# One thread per numerical library: sessions and tests already run side by side.
export OPENBLAS_NUM_THREADS ?= 1
export OMP_NUM_THREADS ?= 1

.PHONY: run refresh test soak lint lint-javascript eslint bench docs notebooks screenshots precompute licences lock clean

run: $(VENV)/.user
	@$(BIN)/python -m compute_forecast serve --port=$(PORT) --address=$(ADDRESS)

# Newer tables from their sources; REFRESH="--dry-run" only says what it would change.
refresh: $(VENV)/.user
	@$(BIN)/python -m compute_forecast refresh $(REFRESH)

# worksteal: each worker begins with a run of neighbouring files, so that a server, a browser or a
# database that they share starts once a worker, and takes over another's last tests when done.
# One worker more than processors: tests of servers and browsers wait for a third of their time.
test: $(VENV)/.developer
	@$(BIN)/python -m tests.programs
	$(BIN)/python -m pytest -m "not soak" --dist=worksteal \
	  --numprocesses=$$($(BIN)/python -c "import os; print(os.cpu_count() + 1)")

soak: $(VENV)/.developer
	@$(BIN)/python -m tests.programs
	@$(BIN)/python -m tests.tools.soak

lint: $(VENV)/.developer
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.tools.audit
	@$(MAKE) --no-print-directory lint-javascript

lint-javascript:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory eslint; \
	  else echo "NO NODE.JS: the JavaScript was not linted."; test -z "$$CI"; fi

eslint: node_modules/.package-lock.json
	npm run --silent lint

bench: $(VENV)/.developer
	$(BIN)/python -m benchmarks

docs: $(VENV)/.docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build
	@echo "Built: $(CURDIR)/site/index.html"

# After a change of numbers: runs the how-tos again and saves what they give.
notebooks: $(VENV)/.developer
	$(BIN)/python -m docs.generate.notebooks

# After a change of the tables, or of what computes them: results that are shipped, which takes
# minutes.
precompute: $(VENV)/.developer
	$(BIN)/python -m tests.tools.precompute

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

# The script tells of a Python too old, a full disk and a registry that can't be reached.
$(VENV)/.user: requirements.txt
	@$(PYTHON) scripts/set_up.py $(VENV) requirements.txt
	@touch $@

$(VENV)/.developer: requirements.txt requirements-postgresql.txt requirements-dev.txt
	@$(PYTHON) scripts/set_up.py $(VENV) requirements-dev.txt
	@touch $@ $(VENV)/.user

$(VENV)/.docs: requirements.txt requirements-docs.txt
	@$(PYTHON) scripts/set_up.py $(VENV) requirements-docs.txt
	@touch $@ $(VENV)/.user

node_modules/.package-lock.json: package.json package-lock.json
	npm ci --no-audit --no-fund
	@touch $@

clean:
	rm -rf $(VENV) node_modules site .pytest_cache .mypy_cache .ruff_cache .hypothesis
