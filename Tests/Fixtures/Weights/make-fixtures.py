#!/usr/bin/env python3
"""Makes the safetensors fixtures, and graphs whose weights they hold.

    python3 Tests/Fixtures/Weights/make-fixtures.py

Made with torch 2.11.0, onnx and safetensors (`pip install torch onnx onnxscript safetensors`); the
tests need none of them. `weights-*.npz` holds what the tensors are: NumPy's numbers, widened from half
precision by torch. `linear-*.npz` holds inputs and the outputs that PyTorch gives.
"""

import json
import warnings
from pathlib import Path

import numpy
import onnx
import torch
from safetensors.torch import save_file
from torch import nn

FOLDER = Path(__file__).resolve().parent
warnings.filterwarnings("ignore")


def types():
    """One tensor of every type that is read, one of none, and one of no axis."""
    torch.manual_seed(0)
    real = torch.randn(3, 5)
    tensors = {
        "f32": real, "f16": real.half(), "bf16": real.bfloat16(), "f64": real.double(),
        "i64": torch.arange(-3, 4), "i32": torch.arange(-3, 4, dtype=torch.int32),
        "i16": torch.arange(-3, 4, dtype=torch.int16), "i8": torch.arange(-3, 4, dtype=torch.int8),
        "u8": torch.arange(250, 256, dtype=torch.uint8), "bool": torch.tensor([True, False, True]),
        "empty": torch.zeros(0, 4), "scalar": torch.tensor(2.5),
        "größe": torch.ones(1),
    }
    save_file(tensors, FOLDER / "weights-types.safetensors", metadata={"format": "pt"})
    numpy.savez(
        FOLDER / "weights-types.npz",
        **{name: (tensor.float() if tensor.dtype == torch.bfloat16 else tensor).numpy()
           for name, tensor in tensors.items()})
    save_file({"u32": torch.arange(3).to(torch.uint32)}, FOLDER / "weights-unsigned.safetensors")


class Linear(nn.Module):
    """A linear layer on inputs of three axes, which exporters write as MatMul of a transposed weight."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(6, 10), nn.ReLU(), nn.Linear(10, 4))

    def forward(self, x):
        return self.body(x)


def linear():
    torch.manual_seed(1)
    model = Linear().eval()
    x = torch.randn(3, 2, 6)
    numpy.savez(FOLDER / "linear.npz", x=x.numpy(), y=model(x).detach().numpy())
    state = model.state_dict()
    save_file(state, FOLDER / "linear.safetensors")
    names = sorted(state)
    total = sum(tensor.nbytes for tensor in state.values())
    shards = {}
    for number, part in enumerate((names[:2], names[2:]), 1):
        file = f"linear-{number:05}-of-00002.safetensors"
        save_file({name: state[name] for name in part}, FOLDER / file)
        shards.update({name: file for name in part})
    (FOLDER / "linear.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": total}, "weight_map": shards}, indent=1) + "\n")
    other = Linear().eval()
    save_file(other.state_dict(), FOLDER / "linear-b.safetensors")

    def export(name, **options):
        path = FOLDER / name
        torch.onnx.export(
            model, (x,), str(path), input_names=["x"], output_names=["y"], opset_version=17,
            dynamo=False, dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}}, **options)
        return onnx.load(path)

    # Weights as inputs of the graph; TorchScript then transposes in the graph.
    export("linear-inputs.onnx", export_params=False, do_constant_folding=False)
    # Weights that TorchScript transposed and renamed, with their elements taken out.
    graph = export("linear-renamed.onnx")
    for tensor in graph.graph.initializer:
        tensor.ClearField("raw_data")
    onnx.save(graph, FOLDER / "linear-renamed.onnx")


def half():
    """Perceptrons whose weights, inputs and outputs are of half precision."""
    for name, kind in (("half", torch.float16), ("brain", torch.bfloat16)):
        for letter in "ab":
            torch.manual_seed(ord(letter))
            model = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 3)).to(kind).eval()
            path = FOLDER / f"{name}-{letter}.onnx"
            torch.onnx.export(
                model, (torch.zeros(1, 6, dtype=kind),), str(path), input_names=["x"],
                output_names=["y"], opset_version=17, dynamo=False,
                dynamic_axes={"x": {0: "batch"}, "y": {0: "batch"}})
            if letter == "a":
                x = torch.randn(40, 6).to(kind)
                numpy.savez(
                    FOLDER / f"{name}-a.npz", x=x.float().numpy(), y=model.float()(x.float()).detach().numpy())


if __name__ == "__main__":
    types()
    linear()
    half()
