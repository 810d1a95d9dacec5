"""Makes the models of further families in this folder. See README.md; run after make-fixtures.py."""

import importlib.util
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

HERE = Path(__file__).resolve().parent
specification = importlib.util.spec_from_file_location("fixtures", HERE / "make-fixtures.py")
fixtures = importlib.util.module_from_spec(specification)
specification.loader.exec_module(fixtures)
fixtures.LIMIT = 60 * 1024


# ---- Convolutional families ----------------------------------------------------------------------


def unit(channels_in, channels, size=3, groups=1, activation=nn.ReLU):
    return nn.Sequential(
        nn.Conv2d(channels_in, channels, size, padding=size // 2, groups=groups, bias=False),
        nn.BatchNorm2d(channels), activation())


class Bottleneck(nn.Module):
    """ResNeXt's block: 1 x 1, 3 x 3 in two groups, 1 x 1, around a shortcut."""

    def __init__(self, channels_in, width, channels, groups):
        super().__init__()
        self.body = nn.Sequential(
            unit(channels_in, width, 1), unit(width, width, 3, groups),
            unit(width, channels, 1, activation=nn.Identity))
        self.shortcut = unit(channels_in, channels, 1, activation=nn.Identity)

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


class BottleneckNet(nn.Sequential):
    def __init__(self):
        super().__init__(
            unit(3, 6), Bottleneck(6, 8, 12, 1), Bottleneck(12, 8, 16, 2),
            nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 5))


class VGG(nn.Sequential):
    def __init__(self):
        super().__init__(
            unit(3, 6), nn.MaxPool2d(2), unit(6, 8), unit(8, 8), nn.MaxPool2d(2), nn.Flatten(),
            nn.Linear(8 * 4 * 4, 20), nn.ReLU(), nn.Dropout(), nn.Linear(20, 5))


class SqueezeExcite(nn.Module):
    def __init__(self, channels, squeezed):
        super().__init__()
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.squeeze, self.excite = nn.Conv2d(channels, squeezed, 1), nn.Conv2d(squeezed, channels, 1)
        self.gate = nn.Hardsigmoid()

    def forward(self, x):
        return x * self.gate(self.excite(torch.relu(self.squeeze(self.pool(x)))))


class Squeeze(nn.Module):
    """MobileNetV3's block around a shortcut."""

    def __init__(self):
        super().__init__()
        self.stem = unit(3, 8, activation=nn.Hardswish)
        self.block = nn.Sequential(
            unit(8, 16, 1, activation=nn.Hardswish), unit(16, 16, 3, 16, activation=nn.Hardswish),
            SqueezeExcite(16, 4), unit(16, 8, 1, activation=nn.Identity))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))

    def forward(self, x):
        x = self.stem(x)
        return self.head(x + self.block(x))


class Shuffle(nn.Module):
    """ShuffleNetV2's block, twice: half of the channels pass, and the halves are interleaved."""

    def __init__(self):
        super().__init__()
        self.stem = unit(3, 8)
        self.blocks = nn.ModuleList(
            nn.Sequential(unit(4, 4, 1), unit(4, 4, 3, 4, nn.Identity), unit(4, 4, 1))
            for _ in range(2))
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5))

    def forward(self, x):
        x = self.stem(x)
        for block in self.blocks:
            passing, worked = x.chunk(2, dim=1)
            x = torch.cat([passing, block(worked)], 1)
            batch, channels, height, width = x.shape
            x = x.view(batch, 2, channels // 2, height, width).transpose(1, 2)
            x = x.reshape(batch, channels, height, width)
        return self.head(x)


class UNet(nn.Module):
    def __init__(self, up="transposed", norm=nn.BatchNorm2d):
        super().__init__()

        def block(channels_in, channels):
            return nn.Sequential(
                nn.Conv2d(channels_in, channels, 3, padding=1), norm(channels), nn.ReLU())

        self.down, self.bottom = block(3, 4), block(4, 8)
        if up == "transposed":
            self.up = nn.ConvTranspose2d(8, 4, 3, stride=2, padding=1, output_padding=1)
        else:
            self.up = nn.Sequential(nn.Upsample(scale_factor=2, mode=up), nn.Conv2d(8, 4, 1))
        self.side, self.head = block(8, 6), nn.Conv2d(6, 2, 1)

    def forward(self, x):
        a = self.down(x)
        b = self.bottom(nn.functional.max_pool2d(a, 2))
        return self.head(self.side(torch.cat([self.up(b), a], 1)))


# ---- Recurrent families --------------------------------------------------------------------------


class Recurrent(nn.Module):
    """Two layers over the steps, and a classifier of the last."""

    def __init__(self, kind, both):
        super().__init__()
        self.layers = kind(5, 6, num_layers=2, batch_first=True, bidirectional=both)
        self.head = nn.Linear(12 if both else 6, 4)

    def forward(self, x):
        return self.head(self.layers(x)[0][:, -1])


# ---- Operators that PyTorch does not export in every form ----------------------------------------


def numbers(random, *shape):
    return random.normal(size=shape).astype(np.float32)


def assemble(name, opset, shape, nodes, weights, outputs):
    """A model of these nodes from `x`, a batch of 2, whose outputs have four axes of open sizes."""
    graph = helper.make_graph(
        nodes, name.split("-")[0],
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, *shape])],
        [
            helper.make_tensor_value_info(o, TensorProto.FLOAT, [f"{o}.{i}" for i in range(4)])
            for o in outputs
        ],
        [numpy_helper.from_array(np.asarray(v), k) for k, v in weights.items()])
    model = helper.make_model(graph, ir_version=9, opset_imports=[helper.make_opsetid("", opset)])
    model = onnx.shape_inference.infer_shapes(model)
    path = HERE / f"{name}.onnx"
    onnx.save(model, path)
    random = np.random.default_rng(11)
    fixtures.record(path, {"x": random.normal(size=(2, *shape)).astype(np.float32)})


def resizes():
    """A convolution, whose result is resized in every way, each before one more convolution."""
    random = np.random.default_rng(3)
    weights = {
        "w": numbers(random, 8, 3, 1, 1), "v": numbers(random, 2, 8, 1, 1),
        "u": numbers(random, 2, 2, 1, 1), "t": numbers(random, 2, 32, 1, 1),
        "k": numbers(random, 8, 4, 3, 2), "z": numbers(random, 2, 8, 1, 1), "b": numbers(random, 8),
        "double": np.array([1, 1, 2, 2], np.float32), "uneven": np.array([1, 1, 1.5, 0.6], np.float32),
        "sizes": np.array([2, 8, 9, 5], np.int64),
    }
    nodes = [helper.make_node("Conv", ["x", "w"], ["h"])]
    outputs = []

    def add(operation, inputs, head, **attributes):
        name = f"y{len(outputs)}"
        nodes.append(helper.make_node(operation, inputs, [f"{name}.h"], **attributes))
        nodes.append(helper.make_node("Conv", [f"{name}.h", head], [name]))
        outputs.append(name)

    for coordinates in ["half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric"]:
        for rounding in ["round_prefer_floor", "round_prefer_ceil", "floor", "ceil"]:
            add("Resize", ["h", "", "uneven"], "v", coordinate_transformation_mode=coordinates,
                nearest_mode=rounding, mode="nearest")
        for mode in ["linear", "cubic"]:
            add("Resize", ["h", "", "double"], "v", coordinate_transformation_mode=coordinates,
                mode=mode)
    add("Resize", ["h", "", "", "sizes"], "v", mode="linear")
    add("DepthToSpace", ["h"], "u", blocksize=2, mode="DCR")
    add("DepthToSpace", ["h"], "u", blocksize=2, mode="CRD")
    add("SpaceToDepth", ["h"], "t", blocksize=2)
    add("ConvTranspose", ["h", "k", "b"], "z", group=2, strides=[2, 1], pads=[1, 0, 0, 1],
        output_padding=[1, 0])
    add("ConvTranspose", ["h", "k", "b"], "z", group=2, strides=[2, 2], output_shape=[13, 12])
    add("LRN", ["h"], "v", size=3, alpha=0.5, beta=0.6, bias=1.5)
    assemble("resizes-helper-17", 17, (3, 6, 6), nodes, weights, outputs)


def norms():
    """Normalisation by groups of channels, by norms, and activations that PyTorch spells out."""
    random = np.random.default_rng(4)
    weights = {
        "w": numbers(random, 8, 3, 3, 3), "s": numbers(random, 8), "b": numbers(random, 8),
        "v": numbers(random, 2, 8, 1, 1), "u": numbers(random, 2, 8, 1, 1),
    }
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["h"]),
        helper.make_node("GroupNormalization", ["h", "s", "b"], ["g"], num_groups=4),
        helper.make_node("Conv", ["g", "v"], ["y"]),
        helper.make_node("LpNormalization", ["h"], ["l"], axis=1, p=2),
        helper.make_node("Selu", ["l"], ["a"]),
        helper.make_node("Softsign", ["a"], ["c"]),
        helper.make_node("Conv", ["c", "u"], ["z"]),
    ]
    assemble("norms-helper-21", 21, (3, 6, 6), nodes, weights, ["y", "z"])


def cells():
    """Recurrent operators with what PyTorch does not use: peepholes, states, the way back, clips."""
    random = np.random.default_rng(5)
    h = 6
    nodes = [helper.make_node("Transpose", ["x"], ["s"], perm=[1, 0, 2])]
    weights = {
        "units": np.array([0, 0, 1, -1], np.int64),
        "h0": 0.5 * numbers(random, 1, 2, h), "c0": 0.5 * numbers(random, 1, 2, h),
    }
    outputs = []

    def add(operation, gates, directions, extra=(), **attributes):
        name = f"y{len(outputs)}"
        weights[f"{name}.w"] = 0.5 * numbers(random, directions, gates * h, 5)
        weights[f"{name}.r"] = 0.5 * numbers(random, directions, gates * h, h)
        weights[f"{name}.b"] = 0.5 * numbers(random, directions, 2 * gates * h)
        weights[f"{name}.v"] = numbers(random, directions * h, 3)
        inputs = ["s", f"{name}.w", f"{name}.r", f"{name}.b", *extra]
        nodes.append(helper.make_node(operation, inputs, [f"{name}.all"], hidden_size=h, **attributes))
        nodes.append(helper.make_node(
            "Transpose", [f"{name}.all"], [f"{name}.t"], perm=[0, 2, 1, 3]))
        nodes.append(helper.make_node("Reshape", [f"{name}.t", "units"], [f"{name}.u"]))
        nodes.append(helper.make_node("MatMul", [f"{name}.u", f"{name}.v"], [name]))
        outputs.append(name)

    weights["p"] = 0.5 * numbers(random, 1, 3 * h)
    add("LSTM", 4, 1, ["", "h0", "c0", "p"], direction="reverse")
    add("LSTM", 4, 2, direction="bidirectional",
        activations=["Sigmoid", "Tanh", "Relu", "Sigmoid", "Relu", "Tanh"])
    add("GRU", 3, 1, ["", "h0"], clip=0.7)
    add("GRU", 3, 2, direction="bidirectional", linear_before_reset=1)
    add("RNN", 1, 1, direction="reverse", activations=["Relu"])
    assemble("cells-helper-17", 17, (7, 5), nodes, weights, outputs)


def main():
    torch.backends.mha.set_fastpath_enabled(False)
    torch.set_num_threads(1)
    image, export = fixtures.image(3, 16), fixtures.export
    small = fixtures.image(3, 8)
    steps = fixtures.sequence(7, 5)

    def grouped(): return UNet(norm=lambda channels: nn.GroupNorm(2, channels))
    def instances(): return UNet(norm=lambda channels: nn.InstanceNorm2d(channels, affine=True))

    export("bottleneck-legacy-17", BottleneckNet, small, 31, 17, dynamo=False)
    export("bottleneck-dynamo-21", BottleneckNet, small, 32, 21, dynamo=True)
    export("vgg-legacy-13-kept", VGG, image, 33, 13, dynamo=False, keep=True)
    export("squeeze-legacy-17", Squeeze, small, 34, 17, dynamo=False)
    export("squeeze-dynamo-18", Squeeze, small, 35, 18, dynamo=True)
    export("shuffle-legacy-17", Shuffle, small, 36, 17, dynamo=False)
    export("shuffle-dynamo-18", Shuffle, small, 37, 18, dynamo=True)
    export("unet-legacy-11", UNet, small, 38, 11, dynamo=False)
    export("unet-dynamo-18", UNet, small, 39, 18, dynamo=True)
    export("unet-legacy-17-nearest", lambda: UNet("nearest"), small, 40, 17, dynamo=False)
    export("unet-dynamo-21-linear", lambda: UNet("bilinear"), small, 41, 21, dynamo=True)
    export("groupnorm-legacy-17", grouped, small, 42, 17, dynamo=False)
    export("groupnorm-dynamo-21", grouped, small, 43, 21, dynamo=True)
    export("instancenorm-legacy-17", instances, small, 44, 17, dynamo=False)
    for kind in ["LSTM", "GRU", "RNN"]:
        for both in [False, True]:
            def make(): return Recurrent(getattr(nn, kind), both)
            name = f"{kind.lower()}{'2' if both else ''}"
            if kind != "RNN" or not both:
                export(f"{name}-legacy-{11 if both else 17}", make, steps, 45, 11 if both else 17,
                       dynamo=False)
                export(f"{name}-dynamo-{21 if both else 18}", make, steps, 46, 21 if both else 18,
                       dynamo=True)
    resizes()
    norms()
    cells()


if __name__ == "__main__":
    main()
