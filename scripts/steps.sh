# Sourced by the set-up scripts: where things are, and how a step speaks (on stderr).
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
dependencies=$repository/.deps

# The same flags everywhere, so that build, tests and documentation share one build folder. Release:
# debug Swift is too slow for samplers, solvers and fuzzing.
swift_flags=(-c release --explicit-target-dependency-import-check error)

# The engine's idle threads must not spin beside other work on the same cores.
export OMP_WAIT_POLICY=passive

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1

step() { echo "${0##*/}: $*" >&2; }

refuse() {
  echo "${0##*/}: error: $1" >&2
  shift
  for line in "$@"; do echo "  $line" >&2; done
  exit 1
}

# Holds a lock of this name until the script ends, so that two runs do not share a download.
one_at_a_time() {
  mkdir -p "$dependencies"
  exec 9>"$dependencies/.$1.lock"
  if ! flock --nonblock 9; then
    step "another run is at work; waiting for it"
    flock 9
  fi
}

# Installs Debian packages: as root at once, otherwise prints the line to run and stops.
install_packages() {
  if [[ $(id -u) != 0 ]] || ! command -v apt-get >/dev/null; then
    refuse "these system packages are missing: $*" "install them, then run this again:" \
      "sudo apt-get update && sudo apt-get install --yes $*"
  fi
  step "installing $* with apt-get"
  local log
  log=$(mktemp)
  if ! {
    apt-get update && DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
      install --yes --no-install-recommends "$@"
  } >"$log" 2>&1 </dev/null 9>&-; then
    cat "$log" >&2
    rm -f "$log"
    refuse "apt-get could not install: $*"
  fi
  rm -f "$log"
}

has_digest() { [[ -f $1 ]] && echo "$2  $1" | sha256sum --check --status -; }

# Builds products without a word, unless that fails. The tests are built as their product: with
# `swift build --build-tests` come the tools of all plugins, protoc's C++ among them.
build_quietly() { # product...
  step "building (the first build takes minutes)"
  local product log
  log=$(mktemp)
  for product in "$@"; do
    swift build "${swift_flags[@]}" --product "$product" >"$log" 2>&1 && continue
    grep -v '^\[[0-9]*/[0-9]*\] ' "$log" >&2 || cat "$log" >&2
    rm -f "$log"
    refuse "$product does not build"
  done
  rm -f "$log"
}
