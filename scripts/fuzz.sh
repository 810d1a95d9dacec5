#!/usr/bin/env bash
# Gives files that were changed at random to everything that reads files, and fails if anything
# crashes, hangs or takes too much memory; the file is then saved in .build/fuzz.
#
#   scripts/fuzz.sh [--count N] [--seconds S] [--seed S] [--from N]    100,000 files by default
#
# The seed is printed; with it, --from goes on where a run was ended.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"

build_quietly Fuzz
mkdir -p .build/fuzz
step "fuzzing"
exec .build/release/Fuzz --fixtures Tests/Fixtures --save .build/fuzz "$@"
