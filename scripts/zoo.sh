#!/usr/bin/env bash
# Builds privfusion and runs Examples/zoo/zoo.py with these arguments; see `make zoo`.
# PYTHON names a Python that has the packages; without it they are installed into .deps/python-zoo.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"

python=${PYTHON-}
if [[ -z $python ]]; then
  scripts/setup-python.sh --zoo
  python=python3
  export PYTHONPATH=$dependencies/python-zoo
fi
build_quietly privfusion
exec "$python" Examples/zoo/zoo.py "$@"
