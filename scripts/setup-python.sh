#!/usr/bin/env bash
# Installs Python packages into .deps, never into the system's Python. Safe to run again; a finished
# set-up takes no time.
#
#   scripts/setup-python.sh           those of the interoperability tests, into .deps/python
#   scripts/setup-python.sh --bench   those of `make bench` (5 GB), into .deps/python-bench
#   scripts/setup-python.sh --zoo     those of `make zoo` (5 GB), into .deps/python-zoo
#   scripts/setup-python.sh --cuda    libtorch with its CUDA libraries (5 GB), into .deps/python-cuda
#   scripts/setup-python.sh --peers   those of `make peers` (5 GB), into .deps/python-peers
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

case ${1-} in
"")
  name=python requirements=$repository/scripts/python-requirements.txt
  imports="numpy, onnx, onnxruntime"
  ;;
--bench)
  name=python-bench requirements=$repository/scripts/bench-requirements.txt
  imports="dp_accounting, lap, numpy, onnx, opacus, opendp, ot, prv_accountant, pygmtools, rebasin, scipy, torch"
  ;;
--zoo)
  name=python-zoo requirements=$repository/scripts/zoo-requirements.txt
  imports="numpy, onnx, onnxscript, torch, torchvision"
  ;;
--peers)
  name=python-peers requirements=$repository/scripts/peers-requirements.txt
  imports="numpy, onnx, onnxruntime, ot, pygmtools, rebasin, scipy, torch"
  ;;
--cuda)
  name=python-cuda requirements=$repository/scripts/cuda-requirements.txt
  imports="torch"
  ;;
*) refuse "unknown argument: $1" "usage: scripts/setup-python.sh [--bench|--zoo|--peers|--cuda]" ;;
esac
packages=$dependencies/$name

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
  refuse "Python 3.11 or later is needed, as python3 on PATH" \
    "sudo apt-get update && sudo apt-get install --yes python3 python3-pip"
wanted="$(python3 -c 'import sys; print(sys.implementation.cache_tag)')
$(sha256sum <"$requirements")"

is_ready() { [[ -f $packages/.stamp && $(<"$packages/.stamp") == "$wanted" ]]; }

if is_ready; then exit 0; fi
python3 -m pip --version >/dev/null 2>&1 || install_packages python3-pip
one_at_a_time "$name"
if is_ready; then exit 0; fi

rm -rf "$dependencies/.$name".??????
fresh=$(mktemp -d "$dependencies/.$name.XXXXXX")
chmod 755 "$fresh"
step "installing $imports into .deps/$name"
if ! TMPDIR=$fresh python3 -m pip install --quiet --no-deps --only-binary=:all: --progress-bar off \
  --target "$fresh/packages" --requirement "$requirements" >"$fresh/pip.log" 2>&1 </dev/null 9>&-; then
  cat "$fresh/pip.log" >&2
  rm -rf "$fresh"
  refuse "the Python packages could not be installed" "run this again to try once more"
fi
if ! PYTHONPATH=$fresh/packages python3 -c "import $imports" 2>"$fresh/import.log"; then
  cat "$fresh/import.log" >&2
  rm -rf "$fresh"
  refuse "the installed Python packages do not load" "see ${requirements#"$repository"/}"
fi
printf '%s\n' "$wanted" >"$fresh/packages/.stamp"
rm -rf "$packages"
mv "$fresh/packages" "$packages"
rm -rf "$fresh"
step "done: .deps/$name"
