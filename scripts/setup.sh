#!/usr/bin/env bash
# Checks the tools and unpacks the tensor engine (libtorch's CPU library) into .deps.
# Safe to run again at any time, also after it was interrupted; a finished set-up takes under 1 s.
#
#   scripts/setup.sh           what a build needs
#   scripts/setup.sh --tests   and strace and the Python packages that tests need
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

case ${1-} in
"" | --tests) ;;
*) refuse "unknown argument: $1" "usage: scripts/setup.sh [--tests]" ;;
esac

# name version SHA-256, one wheel a line; the same wheels whatever Python runs this script.
wheels="\
torch 2.11.0 7aa2f9bbc6d4595ba72138026b2074be1233186150e9292865e04b7a63b8c67a
nvidia-cuda-runtime 13.0.96 7f82250d7782aa23b6cfe765ecc7db554bd3c2870c43f3d1821f1d18aebf0548
nvidia-cuda-cupti 13.0.85 4eb01c08e859bf924d222250d2e8f8b8ff6d3db4721288cf35d14252a4d933c8"
# Bumped when the choice of unpacked files changes.
layout=1

engine_files=(
  torch/include/ATen/ATen.h torch/include/torch/csrc/autograd/autograd.h
  torch/lib/libtorch_cpu.so torch/lib/libc10.so torch/lib/libgomp.so.1
  nvidia/cu13/lib/libcudart.so.13 nvidia/cu13/lib/libcupti.so.13)
stamp=$dependencies/engine.stamp
downloads=$dependencies/downloads

check_machine() {
  if [[ $(uname -s) != Linux || $(uname -m) != x86_64 ]]; then
    refuse "the tensor engine is set up for Linux on x86_64 only, and this is $(uname -s) on $(uname -m)" \
      "other machines are refused until someone has tried one; see THIRD_PARTY.md for the wheels"
  fi
}

check_swift() {
  command -v swift >/dev/null ||
    refuse "swift was not found on PATH" "install Swift 6.2 or later: https://www.swift.org/install"
  local version
  version=$(swift --version 2>&1 | sed -n 's/.*Swift version \([0-9]*\.[0-9]*\).*/\1/p' | head -n 1)
  if [[ -z $version || $(printf '6.2\n%s\n' "$version" | sort -V | head -n 1) != 6.2 ]]; then
    refuse "Swift 6.2 or later is needed, and $(command -v swift) is ${version:-of an unknown version}" \
      "install a newer one: https://www.swift.org/install"
  fi
}

# Whether Swift's own clang++ can compile a file that includes these headers.
compiles() {
  local toolchain compiler
  toolchain=$(swift -print-target-info |
    sed -n 's|.*"runtimeResourcePath" *: *"\(.*\)/lib/swift".*|\1|p' | head -n 1)
  compiler=$toolchain/bin/clang++
  [[ -x $compiler ]] || compiler=clang++
  printf '#include <%s>\n' "$@" | "$compiler" -x c++ -std=c++20 -fsyntax-only - 2>/dev/null
}

check_libraries() {
  compiles vector zlib.h sqlite3.h && return
  local missing=()
  compiles vector || missing+=(g++)
  compiles zlib.h || missing+=(zlib1g-dev)
  compiles sqlite3.h || missing+=(libsqlite3-dev)
  install_packages "${missing[@]}"
  compiles vector zlib.h sqlite3.h ||
    refuse "Swift's clang++ still finds no C++ standard library, no zlib.h or no sqlite3.h" \
      "seen after installing ${missing[*]}; try: clang++ -v -x c++ -fsyntax-only /dev/null"
}

check_python() {
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null &&
    python3 -m pip --version >/dev/null 2>&1 || install_packages python3 python3-pip
  python3 -m pip --version >/dev/null 2>&1 ||
    refuse "$(command -v python3) has no working pip" "try: python3 -m ensurepip --user"
}

engine_is_ready() {
  [[ -f $stamp && $(<"$stamp") == "$wanted" ]] || return 1
  local file
  for file in "${engine_files[@]}"; do [[ -s $dependencies/$file ]] || return 1; done
}

wheel_path() { # name version
  local found=("$downloads/${1//-/_}-$2"-*.whl)
  echo "${found[0]}"
}

download() { # name version, then pip's further options
  local name=$1 version=$2 platforms=() glibc log
  shift 2
  for glibc in 2_28 2_27 2_26 2_25 2_17; do platforms+=(--platform "manylinux_${glibc}_x86_64"); done
  platforms+=(--platform manylinux2014_x86_64)
  log=$downloads/pip.log
  # pip's own half-made files go where the next run finds and removes them.
  mkdir -p "$downloads/partial"
  if ! TMPDIR=$downloads/partial python3 -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.11 \
    --implementation cp --abi cp311 --abi none "${platforms[@]}" --progress-bar off \
    --dest "$downloads" "$@" "$name==$version" >"$log" 2>&1 </dev/null 9>&-; then
    cat "$log" >&2
    refuse "$name $version could not be downloaded" "what is complete is kept; run this again to go on"
  fi
}

fetch() { # name version digest
  local wheel
  wheel=$(wheel_path "$1" "$2")
  if [[ -f $wheel ]]; then
    has_digest "$wheel" "$3" && return
    step "${wheel##*/} is incomplete or damaged; fetching it again"
    rm -f "$wheel"
  fi
  step "downloading $1 $2$([[ $1 != torch ]] || echo ' (530 MB, a few minutes on a slow line)')"
  download "$1" "$2"
  wheel=$(wheel_path "$1" "$2")
  has_digest "$wheel" "$3" && return
  step "$1 $2 does not have the pinned SHA-256; fetching it once more, past pip's cache"
  rm -f "$wheel"
  download "$1" "$2" --no-cache-dir
  wheel=$(wheel_path "$1" "$2")
  has_digest "$wheel" "$3" && return
  local actual=none
  [[ ! -f $wheel ]] || actual=$(sha256sum "$wheel" | cut -d ' ' -f 1)
  rm -f "$wheel"
  refuse "$1 $2 does not have the pinned SHA-256" "wanted $3" "got    $actual" \
    "a proxy or a package mirror may have altered it; nothing was unpacked"
}

unpack() { # directory wheel...
  python3 - "$@" <<'PYTHON'
import fnmatch, sys, zipfile

wanted = [
    "torch/include/*", "torch/lib/libtorch_cpu.so", "torch/lib/libc10.so",
    "torch/lib/libgomp.so.1", "nvidia/cu13/lib/libcudart.so.13",
    "nvidia/cu13/lib/libcupti.so.13", "*.dist-info/*",
]
destination, *wheels = sys.argv[1:]
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            if any(fnmatch.fnmatchcase(member.filename, pattern) for pattern in wanted):
                archive.extract(member, destination)
PYTHON
}

install_engine() {
  mkdir -p "$downloads"
  rm -rf "$dependencies"/.unpacking.* "$downloads/partial"
  local free
  free=$(df --output=avail -k "$dependencies" | tail -n 1)
  ((free > 2 * 1024 * 1024)) ||
    refuse "set-up needs 2 GiB free, and $dependencies has $((free / 1024)) MiB" \
      "it keeps 0.5 GiB of that; the rest is for downloading and unpacking"

  local name version digest paths=()
  while read -r name version digest; do
    fetch "$name" "$version" "$digest"
    paths+=("$(wheel_path "$name" "$version")")
  done <<<"$wheels"

  step "unpacking the tensor engine into .deps"
  local fresh entry
  fresh=$(mktemp -d "$dependencies/.unpacking.XXXXXX")
  chmod 755 "$fresh"
  unpack "$fresh" "${paths[@]}"
  for entry in "${engine_files[@]}"; do
    [[ -s $fresh/$entry ]] || refuse "the wheels lack $entry" "scripts/setup.sh pins the wrong wheels"
  done

  # The stamp goes first and comes back last: a run that dies in between starts over.
  rm -f "$stamp"
  for entry in "$fresh"/*; do
    rm -rf "${dependencies:?}/${entry##*/}"
    mv "$entry" "$dependencies/"
  done
  rmdir "$fresh"
  printf '%s\n' "$wanted" >"$stamp.new"
  mv "$stamp.new" "$stamp"
}

wanted="layout $layout
$wheels"

check_machine
check_swift
check_libraries
if engine_is_ready; then
  outcome="ready"
else
  check_python
  one_at_a_time setup
  engine_is_ready || install_engine
  outcome="done"
fi
rm -rf "$downloads"
if [[ ${1-} == --tests ]]; then
  command -v strace >/dev/null || install_packages strace
  "$repository/scripts/setup-python.sh"
fi
step "$outcome: $(head -n 1 <<<"$wheels" | cut -d ' ' -f 1,2) in .deps"
