#!/usr/bin/env bash
# Kills processes that spend from a ledger, at random points, and says what was found: a minute for
# each few hundred kills.
#
#   scripts/stress.sh [KILLS]    1000 by default
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"

summary=$(mktemp)
trap 'rm -f "$summary"' EXIT
export LEDGER_KILLS=${1:-1000} LEDGER_SUMMARY=$summary
scripts/test.sh --filter LedgerStressTests
[[ -s $summary ]] || refuse "no summary was written: was anything run?"
cat "$summary"
echo "never was more released than spent"
