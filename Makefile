PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
SERVE ?= 8080
# The tests of a file stay in one process: they share what they look at.
PYTEST := $(BIN)/pytest --numprocesses 2 --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help setup emulator analyzer demo build seeds-check seeds-suggest seeds-preview diff test test-full lint format mutate bench cost explain kpis metrics daily parity reconcile docs review lock clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .venv/installed profiles.yml ## Make .venv and profiles.yml

.venv/installed: requirements.lock
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(0 if v == (3, 11) else f"Python 3.11 is needed, $(PYTHON) is {v[0]}.{v[1]}; say make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes --requirement requirements.lock
	touch $@

emulator: .venv-emulator/installed ## Make .venv-emulator, a BigQuery emulator for test-full

# The extension is installed into a home of its own; DuckDB would download it into the user's.
.venv-emulator/installed: requirements-emulator.lock | setup
	rm -rf .venv-emulator
	$(PYTHON) -m venv .venv-emulator
	.venv-emulator/bin/pip install --quiet --require-hashes --requirement requirements-emulator.lock
	mkdir .venv-emulator/home
	HOME=$(CURDIR)/.venv-emulator/home .venv-emulator/bin/python -c 'import duckdb, sys; duckdb.install_extension(sys.argv[1])' .venv-emulator/lib/python3.11/site-packages/duckdb_extension_spatial/extensions/*/spatial.duckdb_extension
	touch $@

analyzer: $(if $(shell command -v npm),tests/bigquery/analyzer/node_modules/.package-lock.json) ## Install Google's SQL analyzer for test-full, where npm is there
	@$(if $^,,echo "npm is not here: Google's analyzer is not asked about the SQL for BigQuery")

tests/bigquery/analyzer/node_modules/.package-lock.json: tests/bigquery/analyzer/package-lock.json
	npm ci --prefix tests/bigquery/analyzer --ignore-scripts --no-audit --no-fund --loglevel=error
	touch $@

profiles.yml: | profiles.yml.example
	cp profiles.yml.example $@

demo: setup ## Build the ten KPIs of an invented tenant in demo.duckdb and print its last full week
	$(BIN)/python -m simulator.demo

build: setup ## Run dbt build on your own warehouse, with the settings of .env
	$(if $(wildcard .env),$(BIN)/dotenv --file .env run --no-override --) $(BIN)/dbt build

seeds-check: setup ## Hold the seeds' CSVs against their rules, in a second, without a build
	@$(BIN)/python -m editing check

seeds-suggest: setup ## Propose rows for units and job types that are in the data and in no seed
	@$(BIN)/python -m editing suggest

seeds-preview: setup ## List the KPI cells that the edited seeds would move: beside the committed ones, or BASE=main
	@$(BIN)/python -m editing preview

diff: setup ## List the KPI cells in which the working tree and BASE=main differ; ABSOLUTE=0.01 or PERCENT=1 may
	@$(BIN)/python -m editing diff

kpis: setup ## Print the last full week of your own warehouse
	$(BIN)/python -m review week

explain: setup ## Print the records behind one number: KPI=gpm_percent DAY=2025-10-20 (or WEEK) UNIT="Phoenix-Production"
	@$(BIN)/python -m review explain

metrics: setup ## Print any metric at any grain: METRICS=gpm_percent,lead_count BY=metric_time__week,business_unit (FROM=, TO=; OUT=FILE.csv; SQL=1)
	@$(BIN)/python -m review metrics

daily: setup ## The daily run: sync, freshness, build, summary
	$(BIN)/python -m daily

parity: setup ## Print our numbers beside what the reports showed; exit 1 where one is off
	@$(BIN)/python -m review parity

reconcile: setup ## Print the records in which reports and ours differ, and why: WEEK=2025-10-20, or FROM=DAY TO=DAY
	@$(BIN)/python -m review reconcile

docs: setup ## Build the docs site (build/docs/index.html) and serve it: SERVE=8080; only build it: SERVE=
	@$(if $(wildcard .env),$(BIN)/dotenv --file .env run --no-override --) $(BIN)/python docs/site.py $(if $(SERVE),--serve $(SERVE))

review: setup ## Write the weekly business review, one HTML file: review.html, or OUT=FILE
	@$(BIN)/python -m review page

test: setup lint ## Lint and run the tests
	$(PYTEST) -m "not full"

test-full: setup emulator analyzer lint ## Run all tests, the long ones and the rule mutations included
	$(PYTEST)
	$(MAKE) mutate

lint: setup seeds-check ## Check the seeds, and the style of Python and SQL
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/sqlfluff lint --disable-progress-bar --processes 2 models tests/dbt

format: setup ## Mend the style of Python and SQL where a tool can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix --disable-progress-bar models tests/dbt

mutate: setup ## Break one KPI rule after the other and show that parity notices each
	$(BIN)/python -m tests.parity.mutate

bench: setup ## Time extraction and build beside their floors; SIZE=tiny, small or real, WEEKS=70
	$(BIN)/python -m tests.bench $(if $(SIZE),--size $(SIZE)) $(if $(WEEKS),--weeks $(WEEKS))

cost: setup ## Print what it would cost on BigQuery, from a DuckDB warehouse: WAREHOUSE=kpis.duckdb
	@$(BIN)/python -m cost $(if $(WAREHOUSE),--warehouse $(WAREHOUSE))

lock: setup ## Write requirements.lock and requirements-emulator.lock anew
	$(BIN)/pip install --quiet uv
	$(BIN)/uv pip compile pyproject.toml --extra dev --generate-hashes --no-header --no-annotate --no-strip-extras --no-emit-index-url --python-version 3.11 --upgrade --quiet --output-file requirements.lock
	$(BIN)/uv pip compile requirements-emulator.in --generate-hashes --no-header --no-annotate --no-emit-index-url --python-version 3.11 --upgrade --quiet --output-file requirements-emulator.lock

clean: ## Remove what dbt and the demo wrote; .venv and your own warehouse stay
	rm -rf target logs demo.duckdb demo-review.html
