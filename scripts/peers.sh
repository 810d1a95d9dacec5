#!/usr/bin/env bash
# Builds privfusion and runs Benchmarks/peers.py with these arguments; see `make peers`.
# PYTHON names a Python that has the packages; without it they are installed into .deps/python-peers.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"

python=${PYTHON-}
if [[ -z $python ]]; then
  scripts/setup-python.sh --peers
  python=python3
  export PYTHONPATH=$dependencies/python-peers
fi
build_quietly privfusion
export OMP_NUM_THREADS=1
exec "$python" Benchmarks/peers.py .build/release/privfusion "$dependencies/fashion-mnist" "$dependencies/peers" "$@"
