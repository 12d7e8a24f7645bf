# Targets set up what they need: .venv is made on first use and again when the lock or pyproject.toml changes.
BIN := .venv/bin

.PHONY: help setup demo test lint format bench soak lock clean
help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.venv/ready: requirements/dev.lock pyproject.toml scripts/setup
	@scripts/setup

setup: .venv/ready ## the virtual environment, with the locked versions

demo: .venv/ready ## the main job, told as it goes, in a temporary folder
	@$(BIN)/python scripts/demo.py

test: .venv/ready ## all tests
	@$(BIN)/pytest -q -n auto --dist worksteal

lint: .venv/ready ## style, types, the floors of the house, the project's own store
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/svcops check

format: .venv/ready ## put the code in form
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

bench: .venv/ready ## measurements, beside their peers in the same run
	@$(BIN)/python bench/start_up.py
	@$(BIN)/python bench/check.py
	@$(BIN)/python bench/incidents.py
	@$(BIN)/python bench/slo.py
	@$(BIN)/python bench/drill.py
	@$(BIN)/python bench/drill.py --rows 1000 --files 60000 --size 500 --runs 3
	@$(BIN)/python bench/evidence.py

soak: .venv/ready ## long tests: hundreds of kills, and every property tried a thousand times
	@$(BIN)/pytest -q -m "soak or hypothesis" -n auto

lock: .venv/ready ## renew the locked versions (needs uv)
	@uv pip compile --quiet --universal --upgrade --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-annotate --no-header pyproject.toml --group dev --output-file requirements/dev.lock

clean: ## what can be made again
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist site
