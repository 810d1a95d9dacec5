#!/usr/bin/env bash
# Checks that each file under Generated/, and the tables of the benchmarks, are what their generators make.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"

generator=scripts/generate-onnx.sh
if [[ -x $generator ]]; then
  "$generator" --check
elif git ls-files | grep -q '/Generated/.*\.swift$'; then
  refuse "there is generated code, and no executable $generator to check it with"
fi

python3 Benchmarks/table.py --check
python3 Benchmarks/peers.py --check
