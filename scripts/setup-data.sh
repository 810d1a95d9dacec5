#!/usr/bin/env bash
# Puts Fashion-MNIST into .deps/fashion-mnist: links to Debian's package dataset-fashion-mnist
# where that is installed, else the files of the downloaded package, which needs no root and
# installs nothing. Safe to run again.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/steps.sh"

package=dataset-fashion-mnist
installed=/usr/share/datasets/fashion-mnist
data=$dependencies/fashion-mnist
stamp=$data/.stamp
# SHA-256 and name, as in Debian's 0.0~git20200523.55506a9-1.
digests="\
b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7  train-images-idx3-ubyte.gz
0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056  train-labels-idx1-ubyte.gz
cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa  t10k-images-idx3-ubyte.gz
8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05  t10k-labels-idx1-ubyte.gz"

is_ready() {
  [[ -f $stamp && $(<"$stamp") == "$digests" ]] || return 1
  local name
  while read -r _ name; do [[ -s $data/$name ]] || return 1; done <<<"$digests"
}

is_complete() { # directory
  [[ -d $1 ]] && (cd "$1" && sha256sum --check --status - <<<"$digests" 2>/dev/null)
}

download_package() { # directory
  step "downloading Debian's $package (31 MB)"
  local log=$1/apt.log
  # The second try is for a machine whose package lists are missing or old: it reads them into a
  # folder of its own, as only root may write the system's.
  local own_lists=(-o "Dir::State::Lists=$1/lists" -o "Dir::Cache=$1/cache")
  {
    cd "$1" && mkdir -p lists/partial cache/archives/partial && {
      apt-get download "$package" ||
        { apt-get "${own_lists[@]}" update && apt-get "${own_lists[@]}" download "$package"; }
    } && dpkg-deb -x "$package"_*.deb unpacked && cd "$repository"
  } >"$log" 2>&1 </dev/null 9>&- && return
  cat "$log" >&2
  return 1
}

# Files that someone put into .deps/fashion-mnist by hand are as good as the package's.
adopt() {
  printf '%s\n' "$digests" >"$stamp.new"
  mv "$stamp.new" "$stamp"
}

if is_ready; then exit 0; fi
one_at_a_time data
if is_ready; then exit 0; fi
rm -rf "$dependencies"/.data.*
if is_complete "$data"; then
  adopt
  exit 0
fi

fresh=$(mktemp -d "$dependencies/.data.XXXXXX")
trap 'rm -rf "$fresh"' EXIT
if is_complete "$installed"; then
  source_directory=$installed
elif command -v apt-get >/dev/null && download_package "$fresh"; then
  source_directory=$fresh/unpacked$installed
  is_complete "$source_directory" ||
    refuse "Debian's $package no longer has the pinned files" \
      "put files with the SHA-256s of scripts/setup-data.sh into .deps/fashion-mnist"
else
  refuse "Fashion-MNIST was not found and could not be downloaded" \
    "either: sudo apt-get update && sudo apt-get install --yes $package" \
    "or put its four idx .gz files into .deps/fashion-mnist; then run this again"
fi

mkdir "$fresh/ready"
chmod 755 "$fresh/ready"
while read -r _ name; do
  if [[ $source_directory == "$installed" ]]; then
    ln -s "$installed/$name" "$fresh/ready/$name"
  else
    mv "$source_directory/$name" "$fresh/ready/$name"
  fi
done <<<"$digests"
rm -rf "$data"
mv "$fresh/ready" "$data"
adopt
step "done: .deps/fashion-mnist"
