# The words of this project, for people and for CI. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := bash
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest
# protoc looks for its plugins on the path.
PROTO := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python proto/generate.py

.PHONY: help
help: ## list the words
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-18s %s\n", $$1, $$2 }'

.PHONY: setup
setup: ## make .venv with all that development needs (every other word does this first)
	@.ci/setup

.PHONY: demo
demo: setup ## see it work: a real service, a bad deployment, a fixed one; under a minute
	@$(BIN)/logverdict demo

.PHONY: demo-elasticsearch
demo-elasticsearch: setup ## the same with the logs in a real Elasticsearch, fetched once; ELASTICSEARCH_URL=… uses yours
	@$(BIN)/python tests/servers/elasticsearch/demo.py

.PHONY: test
test: setup ## run the tests (not those that take minutes)
	$(PYTEST) -n auto -m "not slow"

.PHONY: coverage
coverage: setup ## run the tests and say what they do not reach
	@mkdir -p .cache
	$(PYTEST) -n auto -m "not slow" --cov --cov-report=

.PHONY: test-slow
test-slow: setup ## run the tests that take minutes, one by one: they kill and starve whole servers
	@$(PYTEST) -n0 -m slow || { code=$$?; [[ $$code -eq 5 ]] && echo "no slow tests yet" || exit $$code; }

.PHONY: test-chaos
test-chaos: setup ## two replicas, 50 verifications, one killed every 20 s for 5 minutes, the database restarted, gone, hanging
	LOGVERDICT_CHAOS=long LOGVERDICT_AWAY=60 $(PYTEST) -n0 -s -m slow tests/e2e/test_chaos.py tests/e2e/test_database_gone.py tests/e2e/test_outage.py

.PHONY: check
check: setup ## lint, format, types, layers, protocol, links
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache
	$(PROTO) --check
	$(PYTEST) -q -n0 tests/project/test_docs.py tests/project/test_files.py tests/project/test_pins.py

.PHONY: format
format: setup ## put the code in the form that check wants
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

.PHONY: gen
gen: setup ## generate service/logverdict/v1 from proto/
	$(PROTO)

.PHONY: bench
bench: setup ## speed and memory beside a peer; CORPUS=recording.jsonl RUNS=3; SYSTEMS=folder: mask and count by system; CASES=folder: also how right it is
	@$(BIN)/python -c "import drain3" 2>/dev/null || $(BIN)/pip install -q -c constraints.txt -e ".[bench]" || echo "no drain3: nothing is measured beside ours"
	$(if $(SYSTEMS),$(BIN)/python benchmarks/by_system.py "$(SYSTEMS)" $(if $(MOST),--most $(MOST)),$(BIN)/python benchmarks/run.py --runs $(or $(RUNS),3) $(if $(CORPUS),--corpus "$(CORPUS)"))
	@mkdir -p .cache
	$(if $(CASES),$(BIN)/logverdict backtest "$(CASES)" --out .cache/predictions.jsonl)

.PHONY: clean
clean: ## remove what the other words made, .venv included
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .coverage .cache build dist
	find service tests proto -name __pycache__ -prune -exec rm -rf {} +
