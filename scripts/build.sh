#!/usr/bin/env bash
# Builds the privfusion command, or another product by name, showing progress on stderr.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"
exec swift build "${swift_flags[@]}" --product "${1:-privfusion}" >&2
