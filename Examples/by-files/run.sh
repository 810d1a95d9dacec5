#!/usr/bin/env bash
# Three parties fuse their models by exchanging files, as by mail: no server, no shared process.
#
#     Examples/by-files/run.sh [privfusion] [folder of Fashion-MNIST]
#
# Each party's own folder holds its model and its ledger; only what lies in `exchange` is ever sent.
set -euo pipefail
repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
privfusion=${1:-$repository/.build/release/privfusion}
data=${2:-$repository/.deps/fashion-mnist}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir exchange

# What each party has: images of its own, and a network trained on them from a start of its own.
python3 "$repository/Examples/by-files/deal.py" "$data" .
for party in 1 2 3; do
  mkdir "party$party"
  "$privfusion" architecture mlp --hidden 64 --seed "$party" --output "party$party/start.onnx"
  "$privfusion" train "party$party/start.onnx" --data "party$party.npz" --epochs 6 --seed "$party" \
    --output "party$party/model.onnx"
done
cp probe.npz exchange/

# Round one: everyone releases a signature and votes.
for party in 1 2 3; do
  "$privfusion" release signature "party$party/model.onnx" --probe exchange/probe.npz --epsilon 8 \
    --ledger "party$party/party.ledger" --output "exchange/$party.signature"
done
# Round two: everyone aligns its neurons to all signatures and releases its weights.
for party in 1 2 3; do
  "$privfusion" release weights "party$party/model.onnx" --signatures exchange/*.signature \
    --ledger "party$party/party.ledger" --output "exchange/$party.weights"
done
# Anyone fuses.
"$privfusion" combine exchange/*.signature exchange/*.weights --output fused.onnx

# The same models fused in one process, for comparison: other noise, the same method.
"$privfusion" fuse party?/model.onnx --probe exchange/probe.npz --epsilon 8 --output together.onnx
"$privfusion" evaluate party?/model.onnx fused.onnx together.onnx --data test.npz
