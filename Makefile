# Everything runs in .venv; each step runs again only when what it depends on changed.

PYTHON ?= python3.11
STORE ?= $(or $(KAC_STORE),data/var)
PORT ?= 8501
ARGS ?=

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check
COMPILE := .venv/bin/pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --no-emit-index-url \
	--no-emit-find-links --no-emit-trusted-host --no-annotate --no-header

.PHONY: help setup dev sample run test check format bench requirements

help:
	@echo "make setup   prepare .venv with the pinned packages"
	@echo "make sample  write the sample exports and load them into the store"
	@echo "make run     serve the app at http://localhost:$(PORT), with the sample if the store is empty"
	@echo "make test    every test, those in a browser too"
	@echo "make check   ruff, formatting, strict mypy, our own lints"
	@echo "make bench   loading, pages and KPI queries, each beside a floor of the same run"

setup: .venv/installed

dev: .venv/installed-dev

.venv/bin/python:
	$(PYTHON) -m venv .venv || { echo "Needs Python 3.11 with venv: sudo apt-get install python3.11 python3.11-venv"; exit 1; }

.venv/installed: requirements.txt | .venv/bin/python
	$(PIP) install --quiet --require-hashes -r requirements.txt
	@touch $@

.venv/installed-dev: requirements-dev.txt | .venv/bin/python
	$(PIP) install --quiet --require-hashes -r requirements-dev.txt
	@touch $@

sample: setup
	$(PY) -m loaders sample --exports data/sample/exports --store "$(STORE)"

run: setup
	@test -s "$(STORE)/current" || $(MAKE) --no-print-directory sample STORE="$(STORE)"
	KAC_STORE="$(STORE)" $(PY) serve.py --port $(PORT)

test: dev
	@$(PY) -m tools.ensure_browser
	$(PY) -m pytest -n 2 --dist loadfile $(ARGS)

check: dev
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) -m tools.lints

format: dev
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: dev
	$(PY) -m bench $(ARGS)

requirements: dev
	$(COMPILE) -o requirements.txt requirements.in
	$(COMPILE) -o requirements-dev.txt requirements-dev.in
	$(COMPILE) -o requirements-optional.txt requirements-optional.in
