# make run        the worksheet's whole result: printed costs, weights, pictures in results/
# make test       doctests under sage -t, then pytest, then the worksheets in a browser where there is one, then the site
# make test-browser  the last of these alone; screenshots in results/browser/
# make test-html  builds the site of make html, and checks its links
# make test-debian, test-debian-theano, test-theano, test-nosage  the doctests and pytest with another Sage or Theano
# make test-lanes all four of them
# make test-lanes-quick  of three of them, what can differ from one Sage or Theano to another
# make attack     20 minutes of random problems, mistakes, interrupts and kills; their figures in tests/attack/RESULTS.md
# make worksheets the notebooks in worksheets/ from their .sage sources, executed, and the README's pictures
# make html       worksheets, guide and reference as a site to be read without a network, results/html/index.html
# make gallery    every picture on one page, results/gallery/gallery.html
# make notebook   the worksheets in JupyterLab on 127.0.0.1, opened at their index; INDEX=ja for the Japanese one, CLASSIC=1 for nbclassic
# make bench      times beside peers, about half an hour, written to benchmarks/RESULTS.md; SECTIONS="estimate descent" only prints these
# make bench-large  training on tables larger than the memory, beside peers, written to benchmarks/RESULTS-LARGE.md, half an hour; ROWS=1000000
#                 measures fewer than 20,000,000 rows, FOLDER says where the table is kept, 3.6 GB
# make beside-sage  the package beside a Sage that takes none into itself, as Debian's, in ~/sage-with-logreg
# make clean      removes .venv and what was built

SHELL := /bin/bash
BIN := .venv/bin
WORKSHEETS := worksheets
KERNEL := .venv/share/jupyter/kernels/sagemath/kernel.json

run: .venv/run
	$(BIN)/python -m sage_logreg results
	-@$(MAKE) --no-print-directory .venv/compiled

test: .venv/ready
	PYTHONPATH=tests $(BIN)/sage -t -p 2 --environment=doctest_names --optional=sage,dask sage_logreg worksheets/en/*.sage
	$(BIN)/python -m pytest -n 2 --dist worksteal tests
	@$(MAKE) --no-print-directory test-browser test-html

# Playwright stays out of the kernel's environment: Sage would use it for its 3D pictures.
test-browser: .venv/ready
	@if ! command -v chromium chromium-browser google-chrome >/dev/null; then \
	  echo "browser tests skipped: there is no chromium; with Debian or Ubuntu: apt-get install chromium fonts-noto-cjk"; exit; fi; \
	if [ ! .venv-browser/ready -nt Makefile ]; then \
	  $(BIN)/python -m venv --clear .venv-browser && tests/packages.sh .venv-browser playwright pytest pytest-xdist numpy pillow && \
	  touch .venv-browser/ready || { echo "browser tests skipped: Playwright can't be installed"; exit; }; fi; \
	.venv-browser/bin/python -m pytest -n 2 tests/browser/worksheets_in_a_browser.py

# A Sage with a Theano each; what can't be set up here is skipped, and says why.
test-debian test-debian-theano test-theano test-nosage:
	@tests/lane.sh $(@:test-%=%)

test-lanes:
	@tests/lane.sh

test-lanes-quick:
	@tests/lane.sh --quick

# SEED repeats a run
SECONDS := 1200
SEED :=
attack: .venv/ready
	cd tests && ../$(BIN)/python -m attack $(SECONDS) "$(SEED)"

worksheets: .venv/ready
	$(BIN)/python worksheets/build.py
	$(BIN)/python -m sage_logreg worksheets/pictures
	$(BIN)/python worksheets/gallery.py worksheets/pictures curved_probability surface

# The guide and the reference are in English on both sides.
html: .venv-docs/ready
	rm -rf results/docs results/html
	mkdir -p results
	cp -R docs results/docs
	for language in en ja; do cp -R worksheets/$$language results/docs/$$language/worksheets && \
	  cp -R worksheets/pictures results/docs/$$language/ || exit; done
	cp -R docs/en/guide docs/en/reference results/docs/ja/
	for language in en ja; do .venv-docs/bin/python -m sphinx --quiet --fail-on-warning --keep-going --builder html \
	  --conf-dir results/docs --doctree-dir results/docs/read/$$language --define language=$$language \
	  results/docs/$$language results/html/$$language || exit; done
	rm -rf results/html/jupyter_execute
	cp docs/index.html results/html/

# Sphinx wants other versions than JupyterLab of some packages.
.venv-docs/ready: setup.py | .venv/run
	$(BIN)/python -m venv --clear .venv-docs
	tests/packages.sh .venv-docs -e '.[docs]'
	@touch $@

# make by its name, as make -n would run a line with its variable
test-html: .venv/ready
	@if make --no-print-directory .venv-docs/ready; then make --no-print-directory html && $(BIN)/python -m pytest tests/docs/site_as_built.py; \
	else echo "the site is not built: Sphinx and its packages can't be installed"; fi

bench: .venv/ready
	$(BIN)/python benchmarks/bench.py $(SECTIONS)

# dask-ml keeps out of the environment of the tests, whose versions it would decide
ROWS := 20000000
FOLDER := results/large
bench-large: .venv/ready .venv-peers/ready
	$(BIN)/python benchmarks/large.py $(ROWS) $(FOLDER)

.venv-peers/ready: Makefile | .venv/run
	$(BIN)/python -m venv --clear .venv-peers
	tests/packages.sh .venv-peers dask-ml==2025.1.0 'dask[dataframe]' distributed pyarrow scikit-learn
	@touch $@

gallery: .venv/ready
	$(BIN)/python worksheets/gallery.py results/gallery

INDEX := $(if $(filter ja%,$(firstword $(LC_ALL) $(LC_MESSAGES) $(LANG))),ja,en)
notebook: .venv/ready
	@mkdir -p .venv/share/jupyter/lab/settings
	@echo '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": false}}' \
	  >.venv/share/jupyter/lab/settings/overrides.json
	$(BIN)/jupyter $(if $(CLASSIC),nbclassic --NotebookApp.show_banner=False --NotebookApp.default_url=/notebooks,lab --LabApp.default_url=/lab/tree)/$(INDEX)/index.ipynb \
	  $(WORKSHEETS) --ip=127.0.0.1 $(if $(filter 0,$(shell id -u)),--allow-root)

# What is needed to run: the package and the whole Sage. Their modules are compiled where they are first imported; all
# of them would take as long as the rest. The kernel must find this Sage from any Jupyter, so its spec names this Python in full.
.venv/run: setup.py
	@if [ -L .venv ]; then echo ".venv is a link to $$(readlink .venv), which would be emptied to set up Sage; remove the link first" >&2; exit 1; fi
	@python=""; for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "sage_logreg needs Python 3.11 to 3.14, and found none; install one, with Debian or Ubuntu: apt-get install python3 python3-venv" >&2; exit 1; fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then echo "$$python has no venv module; install it, with Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; fi; \
	echo "Setting up .venv with $$($$python --version): Sage and PyTensor, about 4.5 GB and half a minute"; \
	$$python -m venv --clear .venv
	PIP_COMPILE=no tests/packages.sh .venv -e '.[sage]'
	sed -i 's|"python3"|"$(CURDIR)/$(BIN)/python"|' $(KERNEL)
	@touch $@

# Otherwise the first training on a cost of one's own takes twice as long.
.venv/compiled: .venv/run
	@echo "Compiling what trainings need, once, about ten seconds; the results above are complete"
	@$(BIN)/python -m sage_logreg --compile
	@touch $@

# The same environment, and in it JupyterLab and what the tests need.
.venv/ready: .venv/run
	@echo "Adding JupyterLab and the packages of the tests to .venv, about half a minute"
	UV_COMPILE_BYTECODE=1 tests/packages.sh .venv -e '.[sage,notebook,dask,test]'
	@touch $@

# Sage and its NumPy stay as they are. PyTensor from 2.28 on wants a newer NumPy than 1.24, and PyArrow from 26 on NumPy 2, without saying so;
# numba wants a newer coverage than Debian has.
BESIDE := $(HOME)/sage-with-logreg
# only a folder with this file in it is ever emptied
MADE_BESIDE := .made-by-make-beside-sage
beside-sage:
	@if [ -z "$(strip $(BESIDE))" ]; then echo "BESIDE is empty; give a place: make beside-sage BESIDE=..." >&2; exit 1; fi
	@if [ -e "$(BESIDE)" ] && [ ! -e "$(BESIDE)/$(MADE_BESIDE)" ]; then \
	  echo "$(BESIDE) is there already and was not made by make beside-sage; remove it, or give another place: make beside-sage BESIDE=..." >&2; exit 1; fi
	@command -v sage >/dev/null || { echo "there is no sage on the PATH; with Debian or Ubuntu: apt-get install --no-install-recommends sagemath sagemath-jupyter" >&2; exit 1; }
	sage -python -m venv --clear --system-site-packages "$(BESIDE)"
	@touch "$(BESIDE)/$(MADE_BESIDE)"
	rm -rf build
	"$(BESIDE)"/bin/python -m pip --disable-pip-version-check install --quiet --progress-bar off \
	  $$(sage -python -c 'import numpy; print("numpy==" + numpy.__version__, "pytensor" if hasattr(numpy, "exceptions") else "pytensor<2.28", "pyarrow" if numpy.__version__ >= "2" else "pyarrow<26")') \
	  'coverage>=7' .
	printf '#!/bin/sh\nexport PYTHONPATH="%s$${PYTHONPATH:+:$$PYTHONPATH}" JUPYTER_PATH="%s$${JUPYTER_PATH:+:$$JUPYTER_PATH}"\nexec "%s" "$$@"\n' \
	  "$$(echo "$(BESIDE)"/lib/python3*/site-packages)" "$(BESIDE)/share/jupyter" "$$(command -v sage)" >"$(BESIDE)/bin/sage"
	chmod +x "$(BESIDE)/bin/sage"
	mkdir -p "$(BESIDE)/share/jupyter/kernels/sagemath"
	echo '{"argv": ["$(BESIDE)/bin/python", "-m", "sage.repl.ipython_kernel", "-f", "{connection_file}"], "display_name": "SageMath with sage_logreg", "language": "sage"}' \
	  >"$(BESIDE)/share/jupyter/kernels/sagemath/kernel.json"
	@echo "start it with $(BESIDE)/bin/sage, or $(BESIDE)/bin/sage -n jupyter"

clean:
	rm -rf .venv .venv-* build dist *.egg-info results

.PHONY: run test test-browser test-html html test-debian test-debian-theano test-theano test-nosage test-lanes test-lanes-quick attack worksheets gallery bench bench-large notebook beside-sage clean
