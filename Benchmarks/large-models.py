#!/usr/bin/env python3
"""Fuses two large made-up models by their weights and measures the memory that it takes.

    python3 Benchmarks/large-models.py FOLDER --parameters 100000000 [--type float16] [--width 1024]

Needs numpy and onnx, and disk for three models. A model is a chain of square linear layers with
biases and ReLU, with its weights in a file beside it. The second one is the first with the units of
every hidden layer in another order, and noise of 1 % of the weights' deviation added, so that a right
matching is known: the fused model is the first one with noise, and the largest difference is printed
beside what plain averaging would give. Memory is the greatest RssAnon of /proc that was seen, asked for
every 5 ms. Deletes what it made.
"""

import argparse
import json
import shutil
import subprocess
import time
from pathlib import Path

import numpy
import onnx
from onnx import TensorProto, helper

ROOT = Path(__file__).resolve().parent.parent
TYPES = {"float32": (TensorProto.FLOAT, numpy.float32), "float16": (TensorProto.FLOAT16, numpy.float16)}


def external(name, shape, code, location, offset, length):
    tensor = TensorProto(name=name, data_type=code, dims=shape, data_location=TensorProto.EXTERNAL)
    for key, value in (("location", location), ("offset", offset), ("length", length)):
        tensor.external_data.add(key=key, value=str(value))
    return tensor


def make(folder, name, layers, width, kind, shuffled):
    """Writes one model, a layer at a time."""
    code, dtype = TYPES[kind]
    initializers, nodes, offset, value = [], [], 0, "x"
    order = numpy.arange(width)
    with open(folder / f"{name}.onnx.data", "wb") as file:
        for layer in range(layers):
            draws = numpy.random.default_rng(layer)
            weight = draws.standard_normal((width, width), dtype=numpy.float32) * (2 / width) ** 0.5
            bias = draws.standard_normal(width, dtype=numpy.float32) * 0.1
            if shuffled:
                noise = numpy.random.default_rng([layer, 1])
                weight += noise.standard_normal(weight.shape, dtype=numpy.float32) * 0.01 * (2 / width) ** 0.5
                last = layer == layers - 1
                to = numpy.arange(width) if last else noise.permutation(width)
                weight, bias, order = weight[to][:, order], bias[to], to
            out = "y" if layer == layers - 1 else f"h{layer}"
            for suffix, array in (("weight", weight), ("bias", bias)):
                data = numpy.ascontiguousarray(array.astype(dtype)).tobytes()
                file.write(data)
                initializers.append(external(
                    f"{layer}.{suffix}", array.shape, code, f"{name}.onnx.data", offset, len(data)))
                offset += len(data)
            linear = out if out == "y" else f"g{layer}"
            nodes.append(helper.make_node(
                "Gemm", [value, f"{layer}.weight", f"{layer}.bias"], [linear], transB=1, name=f"{layer}"))
            if out != "y":
                nodes.append(helper.make_node("Relu", [linear], [out]))
            value = out
    graph = helper.make_graph(
        nodes, "chain", [helper.make_tensor_value_info("x", code, ["batch", width])],
        [helper.make_tensor_value_info("y", code, ["batch", width])], initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString())
    return offset


def watched(command):
    """Runs a command; returns its output and the greatest anonymous memory that was seen, in bytes."""
    peak, start = 0, time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    while process.poll() is None:
        try:
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon"):
                    peak = max(peak, int(line.split()[1]) * 1024)
        except ProcessLookupError:
            break
        time.sleep(0.005)
    output = process.communicate()[0]
    if process.returncode != 0:
        raise SystemExit(f"large-models.py: error: the command ended with {process.returncode}")
    return output, peak, time.monotonic() - start


def difference(folder, count, width, dtype):
    """The largest differences of the first layer's and the last layer's fused weights from the first
    model's."""
    def read(path):
        model = onnx.load(path, load_external_data=False)
        arrays = {}
        for tensor in model.graph.initializer:
            if tensor.name not in ("0.weight", f"{count - 1}.weight"):
                continue
            if tensor.data_location == TensorProto.EXTERNAL:
                entries = {entry.key: entry.value for entry in tensor.external_data}
                arrays[tensor.name] = numpy.fromfile(
                    folder / entries["location"], dtype, count=width * width,
                    offset=int(entries["offset"])).reshape(width, width)
            else:
                arrays[tensor.name] = onnx.numpy_helper.to_array(tensor)
        return arrays
    first, fused = read(folder / "a.onnx"), read(folder / "fused.onnx")
    return max(float(abs(fused[name].astype("f4") - first[name].astype("f4")).max()) for name in first)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--parameters", type=int, default=100_000_000)
    parser.add_argument("--width", type=int, default=1024)
    parser.add_argument("--program", type=Path, default=ROOT / ".build/release/privfusion")
    parser.add_argument("--type", choices=TYPES, default="float16")
    options = parser.parse_args()
    layers = max(2, round(options.parameters / (options.width * (options.width + 1))))
    folder = options.folder / "large-models"
    folder.mkdir(parents=True)
    try:
        size = make(folder, "a", layers, options.width, options.type, False)
        make(folder, "b", layers, options.width, options.type, True)
        _, peak, seconds = watched([
            str(options.program), "fuse", str(folder / "a.onnx"),
            str(folder / "b.onnx"), "--no-privacy", "--data-free", "--output",
            str(folder / "fused.onnx")])
        print(json.dumps({
            "parameters": layers * options.width * (options.width + 1), "layers": layers,
            "width": options.width, "type": options.type, "model_bytes": size,
            "peak_rss_anon_bytes": peak, "ratio": round(peak / size, 3),
            "seconds": round(seconds, 1),
            "largest_difference": difference(
                folder, layers, options.width, TYPES[options.type][1])}))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
