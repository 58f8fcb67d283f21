# Every command of the project. The command that is run first installs the tools in .venv.

UV := .uv/bin/uv
SAM_COMMAND := $(UV) tool run --quiet --python 3.13 --from aws-sam-cli==1.170.0 sam
SAM_SETTINGS = SAM_CLI_TELEMETRY=0 PATH="$(CURDIR)/.venv/bin:$$PATH"
SAM = $(SAM_SETTINGS) $(SAM_COMMAND)
CHECKOV = $(UV) tool run --quiet --python 3.13 --from checkov==3.3.30 checkov
RUN := .venv/bin
PYTHON_FILES := functions layers/common/callvault tests tools

help: ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: .venv/ready ## Run the whole stack on this machine, until Ctrl-C
	@$(RUN)/python -m tools.local

standin: .venv/ready ## Run a stand-in of Bandwidth's API, to try `make run` by hand
	@$(RUN)/python -m tools.local.providers.standins

demo: .venv/ready ## Play the providers against the local stack and show what was archived
	@$(RUN)/python -m tools.local.demo

# Even if the environment says otherwise, Python keeps the compiled tests: three processes would compile them at each run.
test: .venv/ready ## Run all the tests, with branch coverage
	PYTHONDONTWRITEBYTECODE= $(RUN)/python -m pytest --numprocesses 3 --dist loadscope --cov --cov-report=term

fuzz: .venv/ready ## Send fuzzed callbacks and uploads: CALLBACKS=100000 each, SEED=1, PROVIDERS="twilio kazoo" (default: all)
	@PYTHONPATH=layers/common:. POWERTOOLS_SERVICE_NAME=callvault AWS_DEFAULT_REGION=us-east-1 CALLBACKS=$${CALLBACKS:-100000} \
	  $(RUN)/python -m tests.fuzz

bench: .venv/ready ## Measure a copy's memory and time, and the delay that a slow account causes others
	@PYTHONPATH=layers/common $(RUN)/python -m tools.bench.copy
	@PYTHONPATH=layers/common $(RUN)/python -m tools.bench.fairness

storm: .venv/ready ## Load the local stack with every fault, then count lost recordings: SECONDS=60 SEED=1
	@PYTHONPATH=layers/common:. $(RUN)/python -m tools.storm --seconds $(or $(SECONDS),60) --seed $(or $(SEED),1)

simulation: .venv/ready ## Simulate an outage of twelve hours of a provider that has half of a million recordings a day
	@PYTHONPATH=layers/common:. $(RUN)/python -m tools.simulation --seed $(or $(SEED),1)

month: .venv/ready ## Reconcile a month at stand-ins of four providers, and compare the reports with their books: RECORDINGS=5000 SEED=1
	@RECORDINGS=$(or $(RECORDINGS),5000) SEED=$(or $(SEED),1) $(RUN)/python -m pytest tests/month -q --numprocesses 2 --dist load --show-capture=no

protections: .venv/ready ## Remove one protection after another and show which test fails; IAM=1: one permission of the roles
	@$(RUN)/python -m $(if $(IAM),tools.protections_iam,tools.protections)

permissions: .venv/ready ## Run the end-to-end tests, and list what the functions' roles allow and nobody used
	@rm -rf build/permissions
	CALLVAULT_IAM_USAGE=build/permissions $(RUN)/python -m pytest tests/e2e -q --numprocesses 2 --dist loadscope
	@$(RUN)/python -m tools.local.iam.report build/permissions

schemathesis: .venv/ready ## Test every operation of openapi.yaml on a local stack: EXAMPLES=200
	PYTHONPATH=layers/common $(RUN)/python -m tests.schemathesis $(or $(EXAMPLES),200) --warnings=off

second-opinion: .venv/ready ## Run the integration tests with ministack in place of moto, and compare both with AWS's pages
	@PYTHONPATH=layers/common $(RUN)/python -m tests.second_opinion

# STACK counts only as an argument of make: one that is exported names the stack that archives calls.
acceptance: .venv/ready ## Try the archive on your AWS account: STACK=callvault-acceptance (without that argument: on a local stack)
	@PYTHONPATH=layers/common $(RUN)/python -m tools.acceptance $(if $(filter command,$(origin STACK)),--stack "$(STACK)",--local)

nightly: .venv/ready ## Run storm, month, simulation, fuzz, schemathesis, second-opinion, protections (also with IAM=1), acceptance, bench, release-check and upgrade-check, each with a time limit
	@$(RUN)/python -m tools.nightly

check: .venv/ready ## Check format, lint, types, imports, openapi.yaml, documentation, template
	$(RUN)/ruff format --check $(PYTHON_FILES)
	$(RUN)/ruff check $(PYTHON_FILES)
	$(RUN)/mypy
	PYTHONPATH=layers/common:. $(RUN)/lint-imports --no-cache
	PYTHONPATH=layers/common $(RUN)/python -m tools.openapi --check
	$(RUN)/python -m tools.docs
	$(RUN)/cfn-lint template.yaml
	$(CHECKOV) --config-file .checkov.yaml
	$(SAM) validate --lint

format: .venv/ready ## Format the code, and let ruff correct simple lint
	$(RUN)/ruff check --fix $(PYTHON_FILES)
	$(RUN)/ruff format $(PYTHON_FILES)

openapi: .venv/ready ## Write openapi.yaml from the code
	PYTHONPATH=layers/common $(RUN)/python -m tools.openapi

docs: .venv/ready ## Build the documentation's site into build/docs, and check it
	@$(RUN)/python -m tools.docs

build: .venv/ready ## Build the functions and the layer for Lambda, into .aws-sam
	$(SAM) build

deploy: .venv/ready ## Deploy to AWS; asks if there is a terminal: STACK=callvault PARAMETERS="AlarmTopicArn=arn:..."
	@$(SAM_SETTINGS) SAM="$(SAM_COMMAND)" $(RUN)/python -m tools.deploy

import: .venv/ready ## Import a kept bucket and table into a new stack, before `make deploy`: STACK=x BUCKET=x TABLE=x
	@$(RUN)/python -m tools.deploy.kept

release: build ## Package template and layer into dist/ with checksums; BUCKET=name uploads them, for `sam deploy`
	@PYTHONPATH=layers/common $(RUN)/python -m tools.release build
ifdef BUCKET
	$(SAM) package --template-file dist/template.yaml --s3-bucket $(BUCKET) --output-template-file dist/packaged.yaml
endif
	@PYTHONPATH=layers/common $(RUN)/python -m tools.release checksums

release-samples: .venv/ready ## Keep samples of what this version writes, in tests/releases; REPLACE=yes writes them again
	@PYTHONPATH=layers/common:. $(RUN)/python -m tools.releases.keep

upgrade-check: .venv/ready ## Build and package twice, with a line of the layer changed: every function has to change
	@$(SAM_SETTINGS) SAM="$(SAM_COMMAND)" PYTHONPATH=layers/common:. $(RUN)/python -m tests.upgrade_check

release-check: .venv/ready ## Build the release twice and compare; upload the second to the bucket of a local S3
	@PYTHONPATH=layers/common $(RUN)/python -m tools.release_check

hooks: .venv/ready ## Let git run `make check` before each commit
	$(UV) tool run --quiet --python 3.13 --from pre-commit==4.7.0 pre-commit install

UPGRADE ?= --upgrade

lock: .venv/ready ## Resolve the dependencies of pyproject.toml again and pin them with hashes; UPGRADE= keeps the pins that fit
	$(UV) pip compile --quiet $(UPGRADE) --generate-hashes --no-annotate --no-header --python-version 3.13 pyproject.toml --excludes tools/ops/not_on_lambda.txt -o layers/common/requirements.txt
	$(UV) pip compile --quiet $(UPGRADE) --generate-hashes --no-annotate --no-header --python-version 3.13 pyproject.toml --group dev -c layers/common/requirements.txt -o requirements-dev.txt
	cd tests/sdks && ../../$(UV) pip compile --no-config --quiet $(UPGRADE) --generate-hashes --no-annotate --no-header --python-version 3.13 bandwidth.in -o bandwidth.txt
	cd tests/sdks && ../../$(UV) pip compile --no-config --quiet $(UPGRADE) --generate-hashes --no-annotate --no-header --python-version 3.13 signalwire.in --override overrides.in -o signalwire.txt
	cd tests/sdks && ../../$(UV) pip compile --no-config --quiet $(UPGRADE) --generate-hashes --no-annotate --no-header --python-version 3.13 signalwire_sdk.in -o signalwire_sdk.txt
	cd tests/sdks && ../../$(UV) pip compile --no-config --quiet $(UPGRADE) --generate-hashes --no-annotate --no-header --python-version 3.13 schemathesis.in -o schemathesis.txt
	cd tests/sdks && ../../$(UV) pip compile --no-config --quiet $(UPGRADE) --generate-hashes --no-annotate --no-header --python-version 3.13 ministack.in -o ministack.txt
	cd tests/sdks && ../../$(UV) pip compile --no-config --quiet $(UPGRADE) --generate-hashes --no-annotate --no-header --python-version 3.13 node.in -o node.txt
	$(RUN)/python -m tests.sdks.environments

clean: ## Remove everything that the other targets made
	rm -rf .venv .uv .aws-sam .cache build dist .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis

# Two makes that start at the same time set up once: the second waits for the lock, and then finds everything set up.
ifndef LOCKED
.uv/bin/uv .venv/ready:
	@python3 tools/locked.py $(MAKE) --silent LOCKED=yes $@
else
.uv/bin/uv:
	@echo "Installing uv in .uv" >&2
	python3 -m pip install --quiet --disable-pip-version-check --target .uv uv==0.13.8

.venv/ready:
	@echo "Installing the tools in .venv" >&2
	$(UV) venv --quiet --clear --seed --python "$$(cat .python-version)" .venv
	$(UV) pip install --quiet --python .venv/bin/python --require-hashes -r requirements-dev.txt
	@touch $@
endif
.venv/ready: requirements-dev.txt .python-version | $(UV)

.DEFAULT_GOAL := help
.PHONY: help run standin demo test fuzz schemathesis second-opinion bench storm month simulation protections permissions check format openapi docs build deploy import nightly acceptance release release-samples upgrade-check release-check hooks lock clean
