# make run        the worksheet's whole result: printed costs, weights, pictures in results/
# make test       doctests under sage -t, then pytest
# make worksheets the notebooks in worksheets/ from their .sage sources, executed, and the README's picture
# make notebook   the worksheets in JupyterLab on 127.0.0.1
# make bench      times beside peers, written to benchmarks/RESULTS.md
# make clean      removes .venv and what was built

SHELL := /bin/bash
BIN := .venv/bin
KERNEL := .venv/share/jupyter/kernels/sagemath/kernel.json

run: .venv/ready
	$(BIN)/python -m sage_logreg results

test: .venv/ready
	$(BIN)/sage -t -p 2 sage_logreg worksheets
	$(BIN)/python -m pytest tests

worksheets: .venv/ready
	$(BIN)/python worksheets/build.py
	$(BIN)/python -m sage_logreg worksheets/pictures

bench: .venv/ready
	$(BIN)/python benchmarks/bench.py

notebook: .venv/ready
	$(BIN)/jupyter lab worksheets --ip=127.0.0.1 $(if $(filter 0,$(shell id -u)),--allow-root)

# The kernel must find this Sage from any Jupyter, so its spec names this Python in full.
.venv/ready: setup.py
	@python=""; for name in python3 python3.14 python3.13 python3.12 python3.11; do \
	  if $$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null; then python=$$name; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo "sage_logreg needs Python 3.11 to 3.14, and found none; install one, with Debian or Ubuntu: apt-get install python3 python3-venv" >&2; exit 1; fi; \
	if ! $$python -c 'import ensurepip, venv' 2>/dev/null; then echo "$$python has no venv module; install it, with Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; fi; \
	echo "Setting up .venv with $$($$python --version): Sage, PyTensor and JupyterLab, about 5 GB and 3 minutes"; \
	$$python -m venv --clear .venv
	$(BIN)/pip install --disable-pip-version-check --quiet --progress-bar off -e '.[sage,notebook,test]'
	sed -i 's|"python3"|"$(CURDIR)/$(BIN)/python"|' $(KERNEL)
	@touch $@

clean:
	rm -rf .venv build dist *.egg-info results

.PHONY: run test worksheets bench notebook clean
