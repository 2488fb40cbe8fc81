# Everything one machine needs: `make up` and open what it prints; `make test` for all checks.
# An environment is rebuilt only when the lock or pyproject.toml changes.

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
TESTS ?=
# Two test processes more than cores: the long tests wait for servers and browsers half of their time.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 + os.cpu_count())')
NEWEST := .venv-newest/bin/python
PIP := -m pip install --quiet --disable-pip-version-check
TRIED := tests/dingdian/test_prefect_parts.py tests/dingdian/test_server.py tests/dingdian/test_worker.py tests/flows tests/notifications

.PHONY: up demo test lint bench wheel newest clean

up: $(STAMP)
	@$(BIN)/dingdian up

demo: $(STAMP)
	@$(BIN)/dingdian up --demo --play

test: lint
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder $(TESTS)

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	$(BIN)/dingdian bench

wheel: $(STAMP)
	$(BIN)/python -m pip wheel . --quiet --disable-pip-version-check --no-deps --no-build-isolation -w dist
	rm -rf build

# What the newest Prefect, SQLAlchemy and Apprise do with us, in an environment of its own beside the locked one. It
# reports and fails nothing; no part of `test`.
newest:
	rm -rf .venv-newest
	$(PYTHON) -m venv .venv-newest
	$(NEWEST) $(PIP) --no-deps --require-hashes -r requirements.lock
	$(NEWEST) $(PIP) --upgrade prefect sqlalchemy apprise
	$(NEWEST) $(PIP) --no-deps --no-build-isolation -e .
	@$(NEWEST) -m pip list --disable-pip-version-check | grep -iE '^(prefect|sqlalchemy|sqlmodel|fastapi|starlette|pydantic|apprise) '
	-$(NEWEST) -m pytest $(or $(TESTS),$(TRIED))

clean:
	rm -rf .venv .venv-newest dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "数据目录 var/ 保留；如确需删除，请先停止服务，再自行删除。"

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "需要 Python 3.11 或更高版本；可用 make PYTHON=/path/to/python3.11 指定。"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@
