# Every command of the project. `make help` lists them.
PYTHON ?= python3
IN_VENV := .venv/bin/python -m
UV_COMPILE := .venv/bin/uv pip compile --quiet --generate-hashes --no-emit-index-url --no-header --python-version 3.11
# Two test processes fit two cores; more make a small machine slower.
TEST_PROCESSES ?= 2

.DEFAULT_GOAL := help
.PHONY: help run test check lint types format prepared migrate bench chaos lock clean

help: ## list every command
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## set up what is missing and start Seatdesk; Ctrl-C stops it (settings: docs/development.md)
	@$(PYTHON) run.py

test: ## everything: lint, types and all tests, on SQLite, PostgreSQL, Valkey and Chromium
	@$(PYTHON) -m tests.prepare --services
	@$(MAKE) --no-print-directory lint types
	$(IN_VENV) pytest -n $(TEST_PROCESSES) -rs

check: lint types ## the quick part: lint, types, pure rules and SQLite
	$(IN_VENV) pytest -n $(TEST_PROCESSES) -rs -m "not postgres and not valkey and not browser and not slow"

lint: prepared ## ruff: rules and format
	$(IN_VENV) ruff check .
	$(IN_VENV) ruff format --check .

types: prepared ## mypy
	$(IN_VENV) mypy .

format: prepared ## let ruff format the code
	$(IN_VENV) ruff format .

prepared:
	@$(PYTHON) -m tests.prepare

migrate: ## bring the database of the demo (or of DATABASE_URL) to the newest schema
	@$(PYTHON) -m tests.prepare
	SEATDESK_ENV=$${SEATDESK_ENV:-demo} FLASK_APP=app:create_app .venv/bin/python -m flask migrate

bench: prepared ## measure the figures of speed and size, each beside its own baseline
	$(IN_VENV) bench

chaos: ## the long form of "exactly once": 100,000 schedules of faults, 5,600 processes killed; takes hours (CHAOS=…)
	@$(PYTHON) -m tests.prepare --services
	$(IN_VENV) tests.chaos.long_form $(CHAOS)

lock: prepared ## pin requirements.in and requirements-dev.in again, with hashes
	$(IN_VENV) pip install --quiet uv
	$(UV_COMPILE) requirements.in -o requirements.txt
	$(UV_COMPILE) requirements-dev.in -o requirements-dev.txt

clean: ## remove .venv and caches; the book in instance/ stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
