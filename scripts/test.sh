#!/usr/bin/env bash
# Builds and runs the tests. What passes is not listed; what fails is shown whole, and the last
# line is the test runner's own. Further arguments go to `swift test` (--filter Symmetry).
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"

build_quietly privfusion PrivFusionPackageTests

log=$(mktemp)
trap 'rm -f "$log"' EXIT
step "testing"
export PYTHONPATH=$dependencies/python
status=0
swift test "${swift_flags[@]}" --skip-build --disable-testable-imports --disable-xctest "$@" >"$log" 2>&1 || status=$?
closing=$(grep -E 'Test run with .* (passed|failed) after' "$log" | tail -n 1 || true)
# Everything but the lines on tests that started or passed.
((status == 0)) || grep -vE '^(◇|✔|↳|\[[0-9]+/[0-9]+\] |Build complete)' "$log" | grep -vxF "$closing" || true
if [[ -z $closing ]]; then
  cat "$log"
  refuse "the test runner died with status $status and closed no test run"
fi
echo "$closing"
exit "$status"
