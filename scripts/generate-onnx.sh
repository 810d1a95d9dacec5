#!/usr/bin/env bash
# Makes Sources/ModelFormats/Generated/onnx.pb.swift from onnx.proto.
#
#   scripts/generate-onnx.sh            regenerate
#   scripts/generate-onnx.sh --check    fail when the committed file is not what would be made
set -euo pipefail
cd "$(dirname "$0")/.."

generated=Sources/ModelFormats/Generated
checkout=.build/checkouts/swift-protobuf
scratch=.build-protoc-gen-swift

if ! command -v protoc >/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    apt-get install -y -qq protobuf-compiler >&2
  else
    echo "protoc is missing; run: sudo apt-get install protobuf-compiler" >&2
    exit 1
  fi
fi

[ -d "$checkout" ] || swift package resolve
version=$(sed -n 's|.*swift-protobuf", exact: "\([0-9.]*\)".*|\1|p' Package.swift)
plugin=$scratch/debug/protoc-gen-swift
if ! [ -x "$plugin" ] || [ "$("$plugin" --version)" != "protoc-gen-swift $version" ]; then
  # The product alone: the package's own protoc is large and not needed.
  swift build --package-path "$checkout" --scratch-path "$PWD/$scratch" \
    --disable-index-store --product protoc-gen-swift >&2
fi
if [ "$("$plugin" --version)" != "protoc-gen-swift $version" ]; then
  echo "built $("$plugin" --version), but Package.swift pins $version; run: swift package resolve" >&2
  exit 1
fi

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
protoc --plugin="$plugin" --proto_path="$generated" --swift_out="$made" \
  --swift_opt=Visibility=Internal --swift_opt=UseAccessLevelOnImports=true onnx.proto

if [ "${1:-}" = --check ]; then
  if ! diff -u "$generated/onnx.pb.swift" "$made/onnx.pb.swift" >&2; then
    echo "$generated/onnx.pb.swift is not what onnx.proto makes; run: scripts/generate-onnx.sh" >&2
    exit 1
  fi
  echo "onnx.pb.swift is what onnx.proto makes"
else
  cp "$made/onnx.pb.swift" "$generated/onnx.pb.swift"
fi
