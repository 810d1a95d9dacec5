#!/usr/bin/env bash
# Checks that the Swift files (generated ones exempt) have the format of .swift-format;
# --fix rewrites them.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"

files=()
while IFS= read -r -d '' file; do
  [[ ! -f $file ]] || files+=("$file")
done < <(git ls-files -z --cached --others --exclude-standard -- '*.swift' ':!*/Generated/*')

if [[ ${1-} == --fix ]]; then
  swift format format --in-place --parallel -- "${files[@]}"
else
  swift format lint --strict --parallel -- "${files[@]}" || refuse "the format is not right" "try: make format"
fi
