#!/usr/bin/env bash
# Sets up one lane, a Sage with a Theano, and runs the whole test suite in it.
#
#   tests/lane.sh debian          Debian's or Ubuntu's Sage, PyTensor
#   tests/lane.sh debian-theano   the same Sage, Theano 1.0.5
#   tests/lane.sh theano          passagemath 10.5 on Python 3.10, Theano 1.0.5
#   tests/lane.sh nosage          no Sage, PyTensor
#
# A lane that can't be set up here says why and counts as skipped. Without a name, all four.
set -uo pipefail
cd "$(dirname "$0")/.."
pip_quietly='-m pip --disable-pip-version-check install --quiet --progress-bar off'

skip() { echo "$1" >"$reason"; exit 77; }

first_python() {  # the first Python of the versions given, also one that pyenv keeps
  for version in "$@"; do
    for python in "python$version" "$HOME"/.pyenv/versions/"$version".*/bin/python; do
      if "$python" -c "import ensurepip, sys, venv; sys.exit('%d.%d' % sys.version_info[:2] != '$version')" 2>/dev/null; then
        echo "$python"; return; fi
    done
  done
  return 1
}

get_debian_sage() {
  if [ ! -x /usr/bin/sage ]; then
    command -v apt-get >/dev/null || skip 'there is no apt-get to install the package sagemath'
    [ "$(id -u)" = 0 ] || skip 'the package sagemath is not installed, and only root can: apt-get install --no-install-recommends sagemath sagemath-jupyter'
    { apt-get update && apt-get install -y --no-install-recommends sagemath sagemath-jupyter python3-venv g++ libopenblas-dev; } >/dev/null 2>&1 ||
      skip 'apt-get has no package sagemath'
  fi
}

# Debian's sage takes no packages, so that these stand in an environment beside it, with a sage of its own.
make_debian_environment() {
  get_debian_sage
  /usr/bin/sage -python -m venv --clear --system-site-packages "$environment" || return
  numpy=$(/usr/bin/sage -python -c 'import numpy; print(numpy.__version__)')
  "$environment"/bin/python $pip_quietly "numpy==$numpy" "$@" || return
  packages=$(echo "$PWD/$environment"/lib/python3*/site-packages)
  printf '#!/bin/sh\nPYTHONPATH=%s exec /usr/bin/sage "$@"\n' "$packages" >"$environment"/bin/sage
  chmod +x "$environment"/bin/sage
  kernel="$environment"/share/jupyter/kernels/sagemath
  mkdir -p "$kernel"
  echo '{"argv": ["'"$PWD/$environment"'/bin/sage", "-python", "-m", "sage.repl.ipython_kernel", "-f", "{connection_file}"], "display_name": "SageMath", "language": "sage"}' >"$kernel"/kernel.json
}

set_up_debian() {
  make_debian_environment -e '.[notebook,test]'
}

set_up_debian-theano() {
  make_debian_environment 'setuptools<60' wheel || return
  true TODO
}

set_up_theano() {
  python=$(first_python 3.10) || skip 'there is no Python 3.10, the newest that Theano 1.0.5 was made to run on'
  "$python" -m venv --clear "$environment" &&
  "$environment"/bin/python $pip_quietly 'setuptools<60' wheel &&
  "$environment"/bin/python $pip_quietly --no-build-isolation Theano==1.0.5 numpy==1.22.4 scipy==1.10.1 passagemath-standard==10.5.49 tqdm \
    TODO tests &&
  "$environment"/bin/python $pip_quietly --no-build-isolation --no-deps -e . &&
  sed -i "s|\"python3\"|\"$PWD/$environment/bin/python\"|" "$environment"/share/jupyter/kernels/sagemath/kernel.json
}

set_up_nosage() {
  python=$(first_python 3.14 3.13 3.12 3.11) || skip 'there is no Python 3.11 to 3.14 with its venv module'
  "$python" -m venv --clear "$environment" &&
  "$environment"/bin/python $pip_quietly -e '.[test]'
}

run_tests() {
  case $lane in *theano) export SAGE_LOGREG_ENGINE=theano;; esac
  result=0
  if [ -e "$environment"/bin/sage ]; then "$environment"/bin/sage -t -p 2 sage_logreg worksheets || result=1; fi
  PATH="$PWD/$environment/bin:$PATH" "$environment"/bin/python -m pytest -n 2 --dist worksteal tests || result=1
  return $result
}

run_lane() {
  lane=$1; environment=.venv-$lane; reason=$environment.skipped
  if [ ! "$environment"/ready -nt setup.py ]; then
    echo "lane $lane: setting up $environment"
    set_up_"$lane" || skip 'setting up failed, as said above'
    touch "$environment"/ready
  fi
  run_tests
}

passed=0 failed=0 skipped=0 report=''
for lane in "${@:-debian debian-theano theano nosage}"; do
  (run_lane "$lane")
  case $? in
    0) passed=$((passed + 1)); said=passed;;
    77) skipped=$((skipped + 1)); said="skipped, not tested: $(cat .venv-$lane.skipped)";;
    *) failed=$((failed + 1)); said=failed;;
  esac
  report="$report"$'\n'"lane $lane: $said"
done
echo "$report"
echo "lanes: $passed passed, $failed failed, $skipped skipped"
[ $failed = 0 ]
