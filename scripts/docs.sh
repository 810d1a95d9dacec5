#!/usr/bin/env bash
# Builds the documentation of each library target into .build/documentation; a dead symbol link or
# any other warning is an error. Symbols are read from the modules of the tests' own build, so
# documentation costs seconds and no second build.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"

build_quietly PrivFusionPackageTests
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Every folder of Sources with Swift files is a library, but those with a `@main`.
targets=()
for folder in Sources/*/; do
  name=$(basename "$folder")
  [[ -e .build/release/Modules/$name.swiftmodule ]] || continue
  grep -rqE '^@main\b' --include='*.swift' "$folder" || targets+=("$name")
done
((${#targets[@]})) || refuse "no library module was found in .build/release/Modules"

triple=$(swift -print-target-info | sed -n 's/.*"unversionedTriple" *: *"\(.*\)".*/\1/p' | head -n 1)
toolchain=$(swift -print-target-info |
  sed -n 's|.*"runtimeResourcePath" *: *"\(.*\)/lib/swift".*|\1|p' | head -n 1)
headers=()
for map in .build/release/*.build/module.modulemap .build/release/*.build/include/module.modulemap \
  .build/checkouts/*/Sources/*/include/module.modulemap; do
  [[ ! -f $map || $map == *-tool.build/* ]] || headers+=(-Xcc "-fmodule-map-file=$map")
done

output=.build/documentation
rm -rf "$output"
failed=()
for name in "${targets[@]}"; do
  graph=$output/symbols/$name
  mkdir -p "$graph"
  "$toolchain/bin/swift-symbolgraph-extract" -module-name "$name" -target "$triple" \
    -I .build/release/Modules -I Sources/CZlib -I .build/checkouts/GRDB.swift/Sources/GRDBSQLite \
    "${headers[@]}" -minimum-access-level public \
    -skip-inherited-docs -output-dir "$graph" >"$log" 2>&1 || {
    cat "$log"
    refuse "the symbols of $name could not be read"
  }
  catalog=()
  for folder in "Sources/$name"/*.docc; do [[ ! -d $folder ]] || catalog=("$folder"); done
  if ! "$toolchain/bin/docc" convert "${catalog[@]}" --additional-symbol-graph-dir "$graph" \
    --fallback-display-name "$name" --fallback-bundle-identifier "privfusion.$name" \
    --output-path "$output/$name.doccarchive" --warnings-as-errors >"$log" 2>&1; then
    cat "$log"
    failed+=("$name")
  fi
done
((${#failed[@]} == 0)) || refuse "the documentation has errors: ${failed[*]}"
step "done: ${#targets[@]} archives in $output"
