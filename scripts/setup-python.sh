#!/usr/bin/env bash
# Installs the Python packages of the interoperability tests into .deps/python, never into the
# system's Python. Safe to run again; a finished set-up takes no time.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

requirements=$repository/scripts/python-requirements.txt
packages=$dependencies/python

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  refuse "the interoperability tests need Python 3.11 or later, as python3 on PATH" \
    "sudo apt-get update && sudo apt-get install --yes python3 python3-pip"
wanted="$(python3 -c 'import sys; print(sys.implementation.cache_tag)')
$(sha256sum <"$requirements")"

is_ready() { [[ -f $packages/.stamp && $(<"$packages/.stamp") == "$wanted" ]]; }

if is_ready; then exit 0; fi
python3 -m pip --version >/dev/null 2>&1 || install_packages python3-pip
one_at_a_time python
if is_ready; then exit 0; fi

rm -rf "$dependencies"/.python.*
fresh=$(mktemp -d "$dependencies/.python.XXXXXX")
chmod 755 "$fresh"
step "installing onnx, onnxruntime and numpy for tests into .deps/python"
if ! TMPDIR=$fresh python3 -m pip install --quiet --no-deps --only-binary=:all: --progress-bar off \
  --target "$fresh/packages" --requirement "$requirements" >"$fresh/pip.log" 2>&1 </dev/null 9>&-; then
  cat "$fresh/pip.log" >&2
  rm -rf "$fresh"
  refuse "the Python packages could not be installed" "run this again to try once more"
fi
if ! PYTHONPATH=$fresh/packages python3 -c 'import numpy, onnx, onnxruntime' 2>"$fresh/import.log"; then
  cat "$fresh/import.log" >&2
  rm -rf "$fresh"
  refuse "the installed Python packages do not load" "see scripts/python-requirements.txt"
fi
printf '%s\n' "$wanted" >"$fresh/packages/.stamp"
rm -rf "$packages"
mv "$fresh/packages" "$packages"
rm -rf "$fresh"
step "done: .deps/python"
