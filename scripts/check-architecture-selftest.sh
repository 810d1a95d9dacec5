#!/usr/bin/env bash
# Plants one violation of each rule in a copy of the repository and sees it found, by file and
# message. A rule that never fails checks nothing.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"
cd "$repository"

copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git ls-files -z --cached --others --exclude-standard -- Package.swift Sources scripts |
  while IFS= read -r -d '' file; do [[ ! -f $file ]] || printf '%s\0' "$file"; done |
  tar --create --null --files-from=- | tar --extract --directory "$copy"
git -C "$copy" init --quiet

planted=() # "path|message" of each violation
plant() {  # path text message
  mkdir -p "$copy/$(dirname "$1")"
  printf '%b\n' "$2" >"$copy/$1"
  planted+=("$1|$3")
}

plant Sources/LocalPrivacy/A.swift 'public import Tensors' 'LocalPrivacy may not import Tensors'
plant Sources/LocalPrivacy/B.swift 'internal import GRDB' 'LocalPrivacy may not import GRDB'
plant Sources/LocalPrivacySQLite/A.swift 'internal import PrivFusion' 'LocalPrivacySQLite may not import PrivFusion'
plant Sources/Symmetry/A.swift 'internal import Foundation' 'Symmetry may not import Foundation'
plant Sources/Training/A.swift '@_exported public import struct PrivFusion.Fusion' 'Training may not import PrivFusion'
plant Sources/Models/A.swift 'internal import CTensorEngine' 'only Tensors imports CTensorEngine'
plant Tests/ModelsTests/A.swift 'import CTensorEngine' 'only Tensors imports CTensorEngine'
plant Tests/ModelsTests/B.swift '@testable import Models' 'no `@testable`'
plant Sources/Unknown/A.swift 'let x = 1' 'Unknown is not in the table'
plant Sources/Models/Try.swift 'let x = try! f()' '`try!` can stop'
plant Sources/Models/Cast.swift 'let x = "\\(y as! Int)"\nlet z = y as! Int' '`as!` can stop'
plant Sources/Models/Fatal.swift 'func f() { fatalError("no") }' '`fatalError` is not for libraries'
plant Sources/PrivFusion/Decode.swift 'extension LocalPrivacy.Released:\n  Equatable, Codable {}' '`Released` must come from'
plant Sources/PrivFusion/Stored.swift 'let x = try request.released(storedAs: bytes)' 'only a ledger reads'
plant Sources/Training/Grant.swift 'let x = NoiseGrant(loss)' 'only a ledger reads'
plant Sources/PrivFusion/File.swift 'let x = FileManager.default' 'touches no file'
plant Sources/PrivFusion/Net.swift 'let x = URLSession.shared' 'touches no file'
plant Sources/LocalPrivacy/Random.swift 'let x = Double.random(in: 0...1)' 'noise comes from'
plant Sources/LocalPrivacy/Rand48.swift 'let x = drand48()' 'noise comes from'
plant Sources/LocalPrivacy/Seed.swift 'func f(seed: UInt64) {}' 'has no seed'
plant Sources/Training/Print.swift 'func f() { print("x") }' 'only a command'
plant Sources/Models/Long.swift "$(printf '//\\n%.0s' {1..400})" '401 lines'
plant Sources/Models/Todo.swift '// TO''DO: later' 'or open an issue'
plant Sources/Models/Fixme.swift '// FIX''ME' 'or open an issue'
plant Sources/Models/TensorUtils.swift 'let x = 1' '`Utils` says nothing'
plant Sources/Models/GraphHelper.swift 'let x = 1' '`Helper` says nothing'
plant Sources/Models/a/b/c/Deep.swift 'let x = 1' 'at most 2 deep'
plant Sources/Models/Sendable.swift '// It is fine.\nstruct S: @unchecked Sendable {}' 'prove `@unchecked Sendable`'
plant Sources/Models/Isolated.swift 'nonisolated(unsafe) var x = 1' 'prove `nonisolated(unsafe)`'
plant notes.md 'see /wor''k/notes' "one machine's path"
plant Sources/Models/Path.swift '// as in ../shar''ed/notes.md' "one machine's path"

# What must stay allowed: the same words in comments, strings, generated code and the right places.
allowed=(Sources/Models/Allowed.swift Sources/PrivFusionCommand/Allowed.swift Sources/Models/Generated/A.swift)
plant "${allowed[0]}" '// try! as! fatalError( print(\nlet x = "try! \\(f("as!")) fatalError("\nlet y = #"print(\"#\n/* drand48 /* */ try! */' ''
plant "${allowed[1]}" 'internal import Foundation\nfunc f() { print(FileManager.default) }' ''
plant "${allowed[2]}" 'struct S: @unchecked Sendable { let x = y as! Int }' ''

manifest=$copy/Package.swift
sed -i 's/library("Symmetry")/library("Symmetry", ["GraphMatching"])/
  s/\.enableUpcomingFeature("MemberImportVisibility"),//
  s/\.treatAllWarnings(as: \.error),//' "$manifest"
planted+=(
  'Package.swift|Symmetry may not depend on GraphMatching'
  'Package.swift|the arrows make a circle'
  'Package.swift|Models lost `.enableUpcomingFeature("MemberImportVisibility")`'
  'Package.swift|Models lost `.treatAllWarnings')

status=0
found=$(scripts/check-architecture.py "$copy" 2>/dev/null) || status=$?
((status == 1)) || refuse "the check ended with status $status in spite of planted violations"

missed=()
for entry in "${planted[@]}"; do
  path=${entry%%|*} message=${entry#*|}
  if [[ -z $message ]]; then
    ! grep -qF "$path:" <<<"$found" || missed+=("wrongly reported: $(grep -F "$path:" <<<"$found")")
  elif ! grep -E "^${path//./\\.}:[0-9]+: " <<<"$found" | grep -qF -- "$message"; then
    missed+=("not found: $path: $message")
  fi
done
if ((${#missed[@]})); then
  refuse "${#missed[@]} of ${#planted[@]} planted cases went wrong" "${missed[@]}"
fi
step "all ${#planted[@]} planted cases behaved"
