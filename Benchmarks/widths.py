#!/usr/bin/env python3
"""Measures fusing networks of different widths, and of different classes, on Fashion-MNIST.

    Benchmarks/widths.py PRIVFUSION FASHION_MNIST WORK_FOLDER [widths|heads ...]

Trains small networks with `privfusion train`, fuses them with `privfusion fuse` and prints the test
accuracies of `privfusion evaluate` as the tables of the articles Widths and Heads. Needs numpy and
onnx. A network that is in the work folder is not trained again; everything is seeded.
"""

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

tool, data, work = (Path(place).resolve() for place in sys.argv[1:4])
chosen = sys.argv[4:] or ["widths", "heads"]
work.mkdir(parents=True, exist_ok=True)


def read(name, offset):
    return np.frombuffer(gzip.open(data / name).read(), np.uint8, offset=offset)


def images(name):
    return ((read(name, 16).reshape(-1, 784) / 255 - 0.2860) / 0.3530).astype(np.float32)


def run(*arguments):
    done = subprocess.run(
        [tool, *map(str, arguments)], cwd=work, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, arguments))}\n{done.stderr}")
    return done.stdout


def network(kind, width, classes, seed, path):
    """An untrained perceptron 784-w-w/2-k, or a network of two convolutions (w/8, w/4) and w/2."""
    random = np.random.default_rng(seed)
    nodes, weights = [], []

    def add(operation, inputs, output, shape=None, **attributes):
        names = list(inputs)
        if shape:
            scale = np.sqrt((1 if output == "logits" else 2) / np.prod(shape[1:]))
            for suffix, value in [("weight", random.normal(size=shape) * scale),
                                  ("bias", np.zeros(shape[0]))]:
                weights.append(
                    numpy_helper.from_array(value.astype(np.float32), f"{output}.{suffix}"))
                names.append(f"{output}.{suffix}")
        nodes.append(helper.make_node(operation, names, [output], name=output, **attributes))
        return output

    def normalised(value, size):
        if kind != "cnn-bn":
            return value
        names = [f"{value}.{part}" for part in ("scale", "shift", "mean", "variance")]
        for name in names:
            start = np.ones if name.endswith(("scale", "variance")) else np.zeros
            weights.append(numpy_helper.from_array(start(size, np.float32), name))
        return add("BatchNormalization", [value, *names], value + ".bn")

    if kind == "mlp":
        value = add("Gemm", ["x"], "fc1", (width, 784), transB=1)
        inputs = width
    else:
        weights.append(numpy_helper.from_array(np.array([-1, 1, 28, 28]), "image"))
        value = add("Reshape", ["x", "image"], "picture")
        value = add("Conv", [value], "conv1", (width // 8, 1, 5, 5), strides=[2, 2],
                    pads=[2] * 4)
        value = add("Relu", [normalised(value, width // 8)], "relu1")
        value = add("Conv", [value], "conv2", (width // 4, width // 8, 3, 3), strides=[2, 2],
                    pads=[1] * 4)
        value = normalised(value, width // 4)
    value = add("Relu", [value], "relu2")
    if kind != "mlp":
        # The width stands in a constant, as exporters write it.
        inputs = width // 4 * 49
        weights.append(numpy_helper.from_array(np.array([-1, inputs]), "flat"))
        value = add("Reshape", [value, "flat"], "flattened")
    value = add("Gemm", [value], "fc2", (width // 2, inputs), transB=1)
    value = add("Relu", [value], "relu3")
    add("Gemm", [value], "logits", (classes, width // 2), transB=1)
    port = lambda name, size: helper.make_tensor_value_info(
        name, TensorProto.FLOAT, ["batch", size])
    graph = helper.make_graph(nodes, kind, [port("x", 784)], [port("logits", classes)], weights)
    onnx.save(helper.make_model(
        graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), path)


def trained(kind, width, shard, classes=range(10), epochs=8):
    """A network of a shard's images of some classes; a class's label is its place among them."""
    classes = list(classes)
    name = f"{kind}-{width}-{shard}-{''.join(map(str, classes))}"
    if not (work / f"{name}.onnx").exists():
        chosen = order[shard * 5800:(shard + 1) * 5800]
        chosen = chosen[np.isin(y[chosen], classes)]
        labels = np.searchsorted(classes, y[chosen])
        np.savez(work / "shard.npz", x=x[chosen], y=labels)
        network(kind, width, len(classes), shard, work / "start.onnx")
        run("train", "start.onnx", "--data", "shard.npz", "--epochs", epochs, "--seed", shard,
            "--output", f"{name}.onnx")
    return f"{name}.onnx"


def accuracies(models, names=()):
    flags = ["--label-names", "all.txt", "--names", ",".join(names)] if names else []
    report = json.loads(run("evaluate", *models, "--data", "test.npz", "--json", *flags))
    return [100 * model["accuracy"] for model in [*report["models"], report["ensemble"]]]


def fused(models, *flags):
    return json.loads(run(
        "fuse", *models, "--probe", "probe.npz", "--no-privacy", "--json", "--output",
        "fused.onnx", *flags))


def table(header, rows=()):
    show(header)
    print("|" + "---|" * len(header))
    for row in rows:
        show(row)


def show(row):
    print("| " + " | ".join(f"{cell:.1f}" if isinstance(cell, float) else str(cell)
                            for cell in row) + " |", flush=True)


def widths():
    kinds = {"mlp": 8, "cnn-bn": 3}
    parties = {kind: [trained(kind, width, shard, epochs=epochs)
                      for shard, width in enumerate([128, 192, 256])]
               for kind, epochs in kinds.items()}
    print("Widths 128, 192 and 256: what a weight is divided by\n")
    table(["network", "alone", "ensemble", "average: target", "both", "all", "filter: target",
           "both", "all"])
    for kind in kinds:
        *single, ensemble = accuracies(parties[kind])
        row = [kind, " / ".join(f"{value:.1f}" for value in single), ensemble]
        for flags in [["--no-filter"], ["--adapter-steps", 0]]:
            for divisor in ["target", "both", "all"]:
                fused(parties[kind], "--weight-divisor", divisor, *flags)
                row.append(accuracies(["fused.onnx"])[0])
        show(row)
    print("\nWhich units are joined\n")
    table(["network", "joined", "widths", "average", "filter"])
    for kind in kinds:
        for label, flags in [
            ("all that fit", []), ("--join-above 0.3", ["--join-above", 0.3]),
            ("--join-above 0.6", ["--join-above", 0.6]), ("--width 1.5", ["--width", 1.5]),
        ]:
            average = fused(parties[kind], "--no-filter", *flags)
            score = accuracies(["fused.onnx"])[0]
            fused(parties[kind], "--adapter-steps", 0, *flags)
            show([kind, label, ", ".join(str(w["fused"]) for w in average["widths"]),
                  score, accuracies(["fused.onnx"])[0]])


def heads():
    (work / "all.txt").write_text("".join(f"{c}\n" for c in range(10)))
    averages, filters = [], []
    scales = ["as-is", "centered", "anchored", "standardized"]
    for sets in [(range(0, 6), range(4, 10)), (range(0, 6), range(3, 8), range(5, 10)),
                 (range(10), range(4, 10)), (range(0, 5), range(5, 10)),
                 (range(0, 4), range(3, 7), range(6, 10))]:
        models = [trained("mlp", 256, shard, classes) for shard, classes in enumerate(sets)]
        names = []
        for shard, classes in enumerate(sets):
            names.append(f"names-{shard}.txt")
            (work / names[-1]).write_text("".join(f"{c}\n" for c in classes))
        label = ", ".join("{%d-%d}" % (s[0], s[-1]) for s in sets)
        hasShared = set.intersection(*map(set, sets)) != set()
        *single, ensemble = accuracies(models, names)
        for rows, flags in [(averages, ["--no-filter"]), (filters, ["--adapter-steps", 0])]:
            row = [label, " / ".join(f"{value:.1f}" for value in single), ensemble]
            for scale in scales:
                if scale == "anchored" and not hasShared:
                    row.append("-")
                    continue
                fused(models, "--names", ",".join(names), "--output-scale", scale, *flags)
                row.append(accuracies(["fused.onnx"], ["fused.names.txt"])[0])
            rows.append(row)
    header = ["classes", "alone, of all ten", "mean of probabilities", *scales]
    print("The average, without filter\n")
    table(header, averages)
    print("\nWith the filter\n")
    table(header, filters)


x, y = images("train-images-idx3-ubyte.gz"), read("train-labels-idx1-ubyte.gz", 8).astype(np.int64)
order = np.random.default_rng(0).permutation(58000)
np.savez(work / "probe.npz", x=x[58000:])
np.savez(work / "test.npz", x=images("t10k-images-idx3-ubyte.gz"),
         y=read("t10k-labels-idx1-ubyte.gz", 8).astype(np.int64))
for part in chosen:
    {"widths": widths, "heads": heads}[part]()
