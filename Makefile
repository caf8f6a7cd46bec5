# Each target may be repeated: what is done already is not done again. `make help` lists them.
SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv/bin
# Tests and checks keep their hands off the data of a real Amity.
CHECK_HOME = $(CURDIR)/.venv/check-home
find_python = for p in $(PYTHON) python3.13 python3.12 python3.11 python3; do \
	  "$$p" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$p"; break; }; done

.PHONY: help install install-test run test check format bench shots lock licences train clean

help: ## what can be made here
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: ## Amity and the packages it needs, into .venv
	@python="$$($(find_python))"; [ -n "$$python" ] || { \
	  echo "Amity needs Python 3.11 or newer, and none was found. On Debian or Ubuntu: apt-get install python3 python3-venv"; exit 1; }; \
	"$$python" tools/install.py run

install-test:
	@python="$$($(find_python))"; [ -n "$$python" ] || { echo "Python 3.11 or newer is needed."; exit 1; }; \
	"$$python" tools/install.py test

run: install ## start everything, with a demo company, on http://127.0.0.1:8000
	@exec $(VENV)/amity run $(ARGS)

# The tests of the docs are among the checks.
test: check ## all checks, then all tests
	@$(VENV)/python tools/system_packages.py
	@$(VENV)/python -m pytest -q -n 2 --no-loadscope-reorder --ignore=tests/docs $(ARGS)

check: install-test ## style, types, layers, templates, licences, docs
	@AMITY_HOME="$(CHECK_HOME)" $(VENV)/python tools/check.py

format: install-test ## put the code into its usual shape
	@$(VENV)/ruff check --fix --quiet . ; $(VENV)/ruff format --quiet .

bench: install-test ## measure: make bench NAME=ingest [DATA=folder]; without NAME the list
	@$(VENV)/amity bench $(if $(NAME),$(NAME) --json) $(if $(DATA),--data "$(DATA)")

shots: install-test ## screenshots of all screens, both themes and widths, into shots/ and docs/pictures/
	@$(VENV)/python tools/system_packages.py
	@$(VENV)/python tools/shots.py $(ARGS)

train: ## what training the language models needs
	@python="$$($(find_python))"; "$$python" tools/install.py train

lock: install-test ## compile requirements/*.in into hashed locks
	@$(VENV)/python tools/lock.py

licences: install-test ## write the list of the dependencies' licences
	@$(VENV)/python tools/licences.py

clean: ## remove .venv and what the tools left behind; your data stays
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist ./*.egg-info
