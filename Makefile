# Onetap: `make` prints what there is. Everything runs from this folder, without root, without a terminal.
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
PY := .venv/bin/python
HOST ?= 127.0.0.1
PORT ?= 8000
RESET ?=
ARGS ?=

.PHONY: help setup dev demo test heavy check lint types bench lock audit

help: ## print this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-7s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## .venv, locked packages and front-end files (PYTHON=… chooses the interpreter)
	@bash ops/setup.sh runtime

dev:
	@bash ops/setup.sh dev

demo: setup ## the whole system on the built-in WeCom, no keys (PORT=8000 HOST=127.0.0.1 RESET=1)
	@exec $(PY) server.py demo --host $(HOST) --port $(PORT) $(if $(RESET),--reset)

test: dev ## what the tests need, then all but the heavy ones (ARGS="tests/models -x": just these)
	@bash tests/setup.sh
	@$(PY) tests/run.py $(if $(ARGS),$(ARGS),-m "not heavy")

heavy: dev ## the tests of a minute each, which start whole programs and measure
	@bash tests/setup.sh
	@$(PY) tests/run.py -m heavy

lint: dev ## ruff: rules and format; djLint: the format of templates
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check -q .
	@$(PY) -m djlint --check --quiet pages/templates emulator

types: dev ## mypy, strict
	@$(PY) -m mypy

check: lint types test ## what .ci/run calls: lint, types, test

bench: setup ## measure callbacks, welcomes, posters, memory, failures, start-up, launches, the contact budget, assignment (ARGS="--help")
	@exec $(PY) server.py bench $(ARGS)

LOCK = $(PY) -m uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header
lock: dev ## renew the lock files from pyproject.toml and package.json (ARGS=--upgrade)
	@$(PY) -m pip install -q uv
	@$(LOCK) $(ARGS) pyproject.toml -o requirements.lock
	@$(LOCK) $(ARGS) pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock
	@$(LOCK) $(ARGS) --group node -o requirements-node.lock
	@npm install --package-lock-only --omit-lockfile-registry-resolved --ignore-scripts --no-audit --no-fund
	@$(PY) -c 'import json; p = "package-lock.json"; d = json.load(open(p)); [v.pop(k, None) for v in d["packages"].values() for k in ("resolved", "funding")]; open(p, "w").write(json.dumps(d, indent=2) + "\n")'

AUDIT = $(PY) -m uv tool run -q --python $(PY) pip-audit --strict --disable-pip --require-hashes --progress-spinner off
audit: dev ## known weaknesses of what the lock files name; needs the internet (ARGS="-s osv")
	@$(PY) -m pip install -q uv
	@for lock in requirements.lock requirements-dev.lock requirements-node.lock; do \
		echo "audit: $$lock"; $(AUDIT) $(ARGS) -r $$lock || failed=1; done; \
	echo "audit: package-lock.json"; npm audit --package-lock-only || failed=1; exit $${failed:-0}
