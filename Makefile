# `make demo`, `make test` and `make check` do all the set-up themselves.

EPSILON ?= 4
PARTIES ?= 5
SPLIT ?= dirichlet
SEED ?= 0
SEEDS ?= 3
DEMO_OUTPUT ?= demo-output
FIGURES_OUTPUT ?= figures-output
KILLS ?= 1000
FILES ?= 100000
PYTHON ?=
BENCH ?=
ZOO ?=
PEERS ?=

privfusion := .build/release/privfusion
data := .deps/fashion-mnist

.NOTPARALLEL:
.PHONY: help setup data build demo figures bench cuda peers zoo test stress fuzz fuzz-minute check lint architecture generated docs format clean

help:  ## Say what each target does.
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14
	@echo
	@echo 'make demo EPSILON=$(EPSILON) PARTIES=$(PARTIES) SPLIT=$(SPLIT) SEED=$(SEED) (the defaults)'

setup:  ## Check the tools and unpack the tensor engine into .deps.
	@scripts/setup.sh

data:  ## Put Fashion-MNIST into .deps.
	@scripts/setup-data.sh

build: setup  ## Build the privfusion command.
	@scripts/build.sh

demo: build data  ## Train, release, fuse and report: the whole story on one machine.
	@$(privfusion) demo --data-directory $(data) --output-directory $(DEMO_OUTPUT) \
	  --epsilon $(EPSILON) --parties $(PARTIES) --split $(SPLIT) --seed $(SEED)

figures: build data  ## Measure the figures that the documentation cites (hours at most; resumable).
	@scripts/setup-health-data.sh || echo 'make: going on without the health figures' >&2
	@$(privfusion) figures --data-directory $(data) --health-directory .deps --output-directory $(FIGURES_OUTPUT) --seeds $(SEEDS)

bench: setup data  ## Measure beside scipy, lapx, numpy, OpenDP, PyTorch, onnx and Opacus (an hour; see Benchmarks/README.md).
	@PYTHON='$(PYTHON)' scripts/bench.sh $(BENCH)

cuda: setup  ## Fetch libtorch's CUDA libraries for --device cuda (5 GB; see README.md).
	@scripts/setup-python.sh --cuda

peers: setup data  ## Compare fused accuracy with rebasin, POT and pygmtools (an hour; see the article Peers).
	@PYTHON='$(PYTHON)' scripts/peers.sh $(PEERS)

zoo: setup  ## Export real architectures and prove their permutation groups (hours; see Examples/zoo/zoo.py).
	@PYTHON='$(PYTHON)' scripts/zoo.sh $(ZOO)

test: data  ## Run the tests; a failure is shown whole.
	@scripts/setup.sh --tests
	@scripts/test.sh

stress: setup  ## Kill processes that spend from a ledger 1,000 times at random (minutes).
	@scripts/setup.sh --tests
	@scripts/stress.sh $(KILLS)

fuzz: setup  ## Give 100,000 files that were changed at random to the readers (a quarter of an hour).
	@scripts/fuzz.sh --count $(FILES)

fuzz-minute: setup
	@scripts/fuzz.sh --seconds 60 --seed 1

check: setup lint architecture generated docs fuzz-minute test  ## Everything that CI checks; the tests come last.

lint:  ## Check the formatting.
	@scripts/lint.sh

architecture:  ## Check the arrows between targets and the rules of the house, and those checks.
	@scripts/check-architecture.py
	@scripts/check-architecture-selftest.sh

generated:  ## Check that generated code is what its generator makes.
	@scripts/check-generated.sh

docs: setup  ## Build the documentation into .build/documentation; a dead link is an error.
	@scripts/docs.sh

format:  ## Rewrite the Swift files in the project's format.
	@scripts/lint.sh --fix

clean:  ## Remove what was built, but not .deps.
	rm -rf .build .build-* $(DEMO_OUTPUT) $(FIGURES_OUTPUT)
