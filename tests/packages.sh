#!/usr/bin/env bash
# Installs packages into an environment: by uv where it can be had, which takes seconds, else by pip, which takes minutes.
#
#   tests/packages.sh .venv -e '.[sage]'
#
# uv is the one on the PATH, or else comes from the package index into the environment.
set -uo pipefail
environment=$1
shift
python=$environment/bin/python

by_pip() { "$python" -m pip install --disable-pip-version-check -qq --progress-bar off "$@"; }

find_uv() {
  # uv would install again what an environment has from the system's Python, as beside Debian's Sage
  ! grep -qis '^include-system-site-packages *= *true' "$environment/pyvenv.cfg" || return
  uv=$(command -v uv) && "$uv" --version >/dev/null 2>&1 && return
  uv=$environment/bin/uv
  [ -x "$uv" ] || by_pip uv 2>/dev/null
}

by_uv() {
  # uv reads no configuration of pip, whose index may be another one than PyPI
  local index
  index=$("$python" -m pip config list 2>/dev/null | sed -n "s/^[a-z:]*\.index-url='\(.*\)'$/\1/p" | tail -n 1)
  [ -z "$index" ] || export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"
  "$uv" pip install --quiet --python "$python" "$@" && return
  echo "uv cannot install these packages, as said above; pip tries it now" >&2
  return 1
}

{ find_uv && by_uv "$@"; } || by_pip "$@"
