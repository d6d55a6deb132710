#!/usr/bin/env bash
# Sets up one lane, a Sage with a Theano, and runs the test suite in it.
#
#   tests/lane.sh debian          Debian's or Ubuntu's Sage, PyTensor
#   tests/lane.sh debian-theano   the same Sage, Theano 1.0.5
#   tests/lane.sh theano          passagemath 10.5 on Python 3.10, Theano 1.0.5
#   tests/lane.sh nosage          no Sage, PyTensor
#
# A lane that can't be set up here says why and counts as skipped; one that fails where it could be has failed.
# Without a name, all four. After --quick, only what can differ from one lane to another: the engine and what it
# computes, the digits of the worksheet, some pictures, one notebook, the install; without a name all but debian-theano,
# whose Sage and whose Theano are each in another lane. After --set-up, nothing.
set -uo pipefail
cd "$(dirname "$0")/.."

# by uv as by pip: a module that is compiled where it is first imported warns of what is old in it
export UV_COMPILE_BYTECODE=1

skip() { echo "$1" >"$reason"; exit 77; }

served() {  # whether an index has these packages for this Python; without a Python it is not the index
  local folder status=0
  [ -x "$environment"/bin/python ] || return 0
  folder=$(mktemp -d)
  "$environment"/bin/python -m pip --disable-pip-version-check download -qq --no-deps --dest "$folder" "$@" || status=1
  rm -rf "$folder"
  return $status
}

broken() {  # a lane is skipped where no package can be had, and else it has failed
  served tqdm || skip 'no package index can be reached'
  echo "lane $lane: $1" >&2
  exit 1
}

make_venv() {
  "$1" -m venv --clear "$environment" || { echo "lane $lane: $environment cannot be made" >&2; exit 1; }
}

install() {
  tests/packages.sh "$environment" "$@" || broken "the packages cannot be installed: $*"
}

first_python() {  # the first Python of the versions given, also one that pyenv keeps
  local version python
  for version in "$@"; do
    for python in "python$version" "$HOME"/.pyenv/versions/"$version".*/bin/python; do
      if "$python" -c "import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
        echo "$python"; return; fi
    done
  done
  return 1
}

requirements() {  # what setup.py asks for the tests, for an install without PyTensor
  "$environment"/bin/python - <<'PYTHON'
from importlib.metadata import requires
wanted = [line.split(';') for line in requires('sage_logreg')]
print(*(name.strip() for name, *marker in wanted if name.strip() != 'pytensor' and (not marker or '"test"' in marker[0])))
PYTHON
}

install_theano() {  # Theano 1.0.5 wants an older setuptools than today's, and stands here without PyTensor
  install 'setuptools<60' wheel
  install --no-build-isolation Theano==1.0.5 "$@"
  "$environment"/bin/python -m pip uninstall --quiet --yes pytensor 2>/dev/null
}

as_debian_has() {  # the versions of what Debian's Sage works with, which the tests' packages leave alone
  /usr/bin/sage -python - <<'PYTHON'
from importlib.metadata import version
names = 'numpy scipy matplotlib sympy mpmath networkx pillow ipython ipykernel ipywidgets traitlets pexpect'
print(*(f'{name}=={version(name)}' for name in names.split()))
PYTHON
}

set_up_debian() {
  if [ ! -x /usr/bin/sage ]; then
    command -v apt-get >/dev/null || skip 'there is no apt-get to install the package sagemath'
    [ "$(id -u)" = 0 ] || skip 'the package sagemath is not installed, and only root can: apt-get install --no-install-recommends sagemath sagemath-jupyter'
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends sagemath sagemath-jupyter python3-venv python3-dev g++; } >/dev/null 2>&1 ||
      skip 'apt-get cannot install the package sagemath'
  fi
  PATH="/usr/bin:$PATH" make --no-print-directory beside-sage BESIDE="$PWD/$environment" ||
    broken 'make beside-sage failed, as said above'
  install $(as_debian_has) -e '.[test]' jupytext nbclient
}

set_up_debian-theano() {
  set_up_debian
  install_theano $(as_debian_has)
}

set_up_theano() {
  python=$(first_python 3.10) || skip 'there is no Python 3.10, the newest that Theano 1.0.5 was made to run on'
  command -v g++ >/dev/null || skip 'there is no C++ compiler, which Theano needs'
  make_venv "$python"
  served passagemath-standard==10.5.49 numpy==1.22.4 || skip 'no index has passagemath 10.5.49 and NumPy 1.22.4 for this machine'
  install --no-deps -e .
  install_theano numpy==1.22.4 scipy==1.10.1
  # the newest of some parts of this Sage have no wheel for this Python, and do not build; newer pyparsing has warnings
  # for the matplotlib that goes with this NumPy
  install --only-binary :all: numpy==1.22.4 scipy==1.10.1 passagemath-standard==10.5.49 'pyparsing<3.3' $(requirements) \
    ipykernel ipywidgets jupytext nbclient
  sed -i "s|\"python3\"|\"$PWD/$environment/bin/python\"|" "$environment"/share/jupyter/kernels/sagemath/kernel.json
}

set_up_nosage() {
  python=$(first_python 3.14 3.13 3.12 3.11) || skip 'there is no Python 3.11 to 3.14 with its venv module'
  make_venv "$python"
  install -e '.[test]'
}

run_tests() {
  [ $extent != set-up ] || return 0
  # what is compiled for one engine in one lane is nothing for another one
  export THEANO_FLAGS="base_compiledir=$PWD/$environment/compiled" PYTENSOR_FLAGS="base_compiledir=$PWD/$environment/compiled"
  case $lane in *theano) export SAGE_LOGREG_ENGINE=theano;; *) export SAGE_LOGREG_ENGINE=pytensor;; esac
  # Debian's sage does not see an editable install
  case $lane in debian*) export PYTHONPATH=$PWD;; esac
  # a worksheet's own loop of a million updates takes minutes on Theano 1.0.5
  export SAGE_TIMEOUT=1800
  local result=0 doctests=(sage_logreg worksheets/en/*.sage) tests=(tests)
  if [ $extent = quick ]; then
    doctests=(sage_logreg/engine.py sage_logreg/cost sage_logreg/training.py sage_logreg/model/logistic.py)
    # without Sage all files are collected, which is what can fail there
    [ $lane = nosage ] || tests=($(grep -rl --include='test_*.py' mark.lanes tests))
    tests+=(-m lanes)
  fi
  case $lane in nosage) ;; *) "$environment"/bin/sage -t -p 2 "${doctests[@]}" || result=1;; esac
  # all notebooks and pictures are compared by make test; in every other Sage one without sliders and tables, which it makes otherwise
  "$environment"/bin/python -m pytest -n 2 --dist worksteal "${tests[@]}" \
    -k 'not (notebook_says or pictures_of_the_readme) or 2_stochastic_gradient_descent' || result=1
  return $result
}

run_lane() {
  lane=$1; environment=.venv-$lane; reason=$environment.reason
  for file in setup.py Makefile tests/lane.sh tests/packages.sh; do
    [ "$environment"/ready -nt $file ] && continue
    echo "lane $lane: setting up $environment"
    set_up_"$lane"
    touch "$environment"/ready
    break
  done
  echo "lane $lane: $("$environment"/bin/python --version)"
  run_tests
}

extent=whole
case "${1:-}" in --quick|--set-up) extent=${1#--}; shift;; esac
[ $# -gt 0 ] || case $extent in quick) set -- debian theano nosage;; *) set -- debian debian-theano theano nosage;; esac
passed=0 failed=0 skipped=0 report=''
for lane in "$@"; do
  begun=$SECONDS
  (run_lane "$lane")
  case $? in
    0) passed=$((passed + 1)); said=passed; [ $extent != set-up ] || said='set up';;
    77) skipped=$((skipped + 1)); said="skipped, not tested: $(cat .venv-$lane.reason)";;
    *) failed=$((failed + 1)); said=failed;;
  esac
  report="$report"$'\n'"lane $lane: $said ($((SECONDS - begun)) s)"
done
echo "$report"
[ $extent = set-up ] || echo "lanes: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
