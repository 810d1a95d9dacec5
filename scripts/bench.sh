#!/usr/bin/env bash
# Builds what is measured and runs Benchmarks/run.py with these arguments; see `make bench`.
# PYTHON names a Python that has the packages; without it they are installed into .deps/python-bench.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"

python=${PYTHON-}
if [[ -z $python ]]; then
  scripts/setup-python.sh --bench
  python=python3
  export PYTHONPATH=$dependencies/python-bench
fi
build_quietly privfusion Benchmarks DPSGDBenchmark
exec "$python" Benchmarks/run.py "$@"
