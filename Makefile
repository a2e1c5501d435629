# Everything a developer types. Needs Rust 1.95, Node 20, Python 3.11 and make; installs the rest into .local/.

.DEFAULT_GOAL := help
.PHONY: help install models build build-release up down run demo logs test verify-stack publish-web screenshots \
	verify-audit-backup set-plan create-prices bench fuzz train train-reading openapi fmt clean

PYTHON ?= python3
VENV := .local/venv/bin
LOCAL := $(VENV)/python infra/local/cli.py
BEGAN := $(shell date +%s)

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' Makefile | while IFS='|' read -r name text; do printf '%-20s %s\n' "$$name" "$$text"; done

install: ## check the machine's tools and install ours into .local/venv
	@$(PYTHON) infra/local/install.py

models: install ## prepare the model files in .local/models
	@$(LOCAL) models

build: models ## build every function for this machine
	@$(LOCAL) build

build-release: models ## build every function for AWS
	@$(LOCAL) build-release

run: install ## everything: build, start, grade the demo class, stay until Ctrl-C
	@$(LOCAL) run

up: install ## start the cloud on a laptop, or deploy what has changed to it
	@$(LOCAL) up

down: install ## end it, with its data
	@$(LOCAL) down

demo: install ## grade the sample class once and say whether all went well
	@$(LOCAL) demo

logs: ## print what the functions have logged
	@$(LOCAL) logs

test: install ## every check and test there is
	@$(LOCAL) check-down
	@$(LOCAL) models
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --locked -- -D warnings
	$(VENV)/cargo-nextest nextest run --workspace --locked
	$(VENV)/cfn-lint template.yaml infra/hosting/template.yaml
	$(VENV)/python -m pytest --quiet infra/local
	$(VENV)/python tests/sample-class/check.py
	@$(LOCAL) build
	@$(LOCAL) check-openapi
	@$(LOCAL) check-web
	@$(LOCAL) end-to-end
	@echo "test: everything passed, in $$(( ($$(date +%s) - $(BEGAN)) / 60 )) minutes"

publish-web: install ## put the web application into a deployed stack's CloudFront: CONFIG_ENV=staging
	@$(LOCAL) build-web
	@$(VENV)/python infra/hosting/publish.py

screenshots: ## draw the README's pictures of the web application anew, while the cloud is up
	@cd web && SCREENSHOTS=1 npm run --silent browser -- journey groups together class-scan billing

verify-stack: install ## check a deployed stack, changing nothing: CONFIG_ENV=staging
	@$(LOCAL) verify-stack

bench: models ## the figures that the README quotes; BENCH_DATA=DIR measures more sets
	@$(VENV)/python infra/local/bench.py

fuzz: install ## try files by the million, ten minutes a kind; FUZZ_SECONDS changes that
	@$(VENV)/python tests/fuzz/run.py

train: models ## train the grader's head anew, half an hour; DATA=DIR has the answers, see infra/training/grading
	cargo build --release --locked --bin bench
	@[ -d .local/training/grading-venv ] || $(PYTHON) -m venv .local/training/grading-venv
	@.local/training/grading-venv/bin/python -m pip install --quiet --disable-pip-version-check \
		-r infra/training/grading/requirements.txt
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .local/training/grading-venv/bin/python \
		infra/training/grading/train.py "$(DATA)"

train-reading: models ## train the reader anew, two hours; DATA=DIR has the answers, see infra/training/reading
	@$(VENV)/python infra/training/reading/train.py "$(DATA)"

openapi: build ## write functions/ops/openapi.json from the routes
	@$(LOCAL) openapi

# Locally .local/env says which bucket; elsewhere AUDIT_BUCKET, AWS_REGION and the credentials in the environment do.
verify-audit-backup: ## restore the audit log from its locked bucket alone into .local/audit-backup, and verify it
	@cargo build --quiet --locked --bin verify-audit-backup
	@env $$([ ! -f .local/env ] || cat .local/env) target/debug/verify-audit-backup --out .local/audit-backup

# Locally .local/env says which tables; elsewhere TENANTS_TABLE, AUDIT_TABLE, AWS_REGION and the credentials do.
set-plan: ## put an organization on a plan: ORG=org_… PLAN=school
	@cargo build --quiet --locked --bin set-plan
	@env $$([ ! -f .local/env ] || cat .local/env) target/debug/set-plan --org "$(ORG)" --plan "$(PLAN)"

create-prices: install ## make the plans' prices at Stripe, and write their ids into plans.json: CONFIG_ENV=staging
	@$(VENV)/python infra/billing/create_prices.py

fmt: ## format the Rust code
	cargo fmt --all

clean: down ## remove what was built and installed, secrets included
	cargo clean
	rm -rf .local
