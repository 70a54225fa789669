# Two commands matter: `make run` and `make test`. They need python3 >= 3.11 with venv, and make; nothing else.

PYTHON ?= python3
VENV := .venv/bin
ARGS ?=

# Prepares .venv; costs nothing when nothing changed. The first line speaks to Pythons that could not read the second.
NEW_ENOUGH = $(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("Dialbook needs Python 3.11 or newer, $(PYTHON) is %s. Try: make PYTHON=python3.12 $(MAKECMDGOALS)" % sys.version.split()[0])'
RUN_VENV = $(NEW_ENOUGH) && $(PYTHON) runner/venv.py requirements.txt
DEV_VENV = $(NEW_ENOUGH) && $(PYTHON) runner/venv.py requirements-dev.txt

.DEFAULT_GOAL := help
.PHONY: help run phone test check docs bench reset
.NOTPARALLEL:

help: ## This list
	@echo "make <target>; settings come from the environment, e.g. make run PORT=8001"
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-7s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: export DIALBOOK_BEGAN := $(shell date +%s)
run: ## Start everything: databases, web, workers; prints where to look. Ctrl-C stops it
	@$(RUN_VENV)
	@exec $(VENV)/python -m runner.supervise

phone: ## Talk to the running service in a terminal, as a phone; ARGS="+2547... --save FILE"
	@$(RUN_VENV)
	@exec $(VENV)/flask phone $(ARGS)

# All of them in as many processes as there are processors, each with servers of its own; chosen ones in one process, which starts sooner.
test: ## Run all tests; choose some with ARGS="tests/runner -k restart"
	@$(DEV_VENV)
	@exec $(VENV)/python -m pytest $(or $(ARGS),-n logical --maxprocesses 4)

check: ## Format, lint, types, import direction, generated documents up to date
	@$(DEV_VENV)
	$(VENV)/ruff format --check .
	$(VENV)/ruff check .
	$(VENV)/mypy
	$(VENV)/lint-imports
	$(VENV)/python make_docs.py --check

docs: ## Write the generated documents again
	@$(DEV_VENV)
	$(VENV)/python make_docs.py

bench: ## Measure speed
	@$(DEV_VENV)
	$(VENV)/python -m bench $(ARGS)

reset: ## Delete all local data (var/); asks first
	@$(NEW_ENOUGH)
	@$(PYTHON) runner/reset.py
