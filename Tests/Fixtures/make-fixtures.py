"""Makes the ONNX models in this folder, and ONNX Runtime's outputs for them. See README.md."""

import gzip
import io
import json
import struct
import sys
import warnings
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn

warnings.filterwarnings("ignore")
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "Examples/zoo"))
import transformer_models  # noqa: E402
LIMIT = 300 * 1024


# ---- Architectures -------------------------------------------------------------------------------


class MLP(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Flatten(), nn.Linear(784, 24), nn.ReLU(), nn.Linear(24, 16), nn.ReLU(),
            nn.Linear(16, 10),
        )


class CNN(nn.Module):
    def __init__(self, norm=False):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 5, stride=2, padding=2, bias=not norm)
        self.norm1 = nn.BatchNorm2d(6) if norm else nn.Identity()
        self.conv2 = nn.Conv2d(6, 12, 3, stride=2, padding=1, bias=not norm)
        self.norm2 = nn.BatchNorm2d(12) if norm else nn.Identity()
        self.fc1 = nn.Linear(12 * 7 * 7, 20)
        self.fc2 = nn.Linear(20, 10)

    def forward(self, x):
        x = torch.relu(self.norm1(self.conv1(x)))
        x = torch.relu(self.norm2(self.conv2(x)))
        x = torch.relu(self.fc1(torch.flatten(x, 1)))
        return self.fc2(x)


class BasicBlock(nn.Module):
    def __init__(self, channels_in, channels, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(channels_in, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.downsample = None
        if stride != 1 or channels_in != channels:
            self.downsample = nn.Sequential(
                nn.Conv2d(channels_in, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x):
        y = torch.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return torch.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 8, 3, 1, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(8)
        self.maxpool = nn.MaxPool2d(3, 2, 1)
        self.layer1 = BasicBlock(8, 8)
        self.layer2 = BasicBlock(8, 16, stride=2)
        self.avgpool = nn.AdaptiveAvgPool2d(1)
        self.fc = nn.Linear(16, 10)

    def forward(self, x):
        x = self.maxpool(torch.relu(self.bn1(self.conv1(x))))
        x = self.layer2(self.layer1(x))
        return self.fc(torch.flatten(self.avgpool(x), 1))


class Mobile(nn.Module):
    """An inverted residual block with a depthwise convolution, then a grouped one."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU6())
        self.block = nn.Sequential(
            nn.Conv2d(8, 24, 1, bias=False), nn.BatchNorm2d(24), nn.ReLU6(),
            nn.Conv2d(24, 24, 3, 1, 1, groups=24, bias=False), nn.BatchNorm2d(24), nn.ReLU6(),
            nn.Conv2d(24, 8, 1, bias=False), nn.BatchNorm2d(8),
        )
        self.grouped = nn.Sequential(nn.Conv2d(8, 16, 3, 2, 1, groups=4), nn.ReLU6())
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.classifier = nn.Linear(16, 10)

    def forward(self, x):
        x = self.stem(x)
        x = x + self.block(x)
        return self.classifier(torch.flatten(self.pool(self.grouped(x)), 1))


class CNN1D(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv1d(4, 8, 5, padding=2)
        self.conv2 = nn.Conv1d(8, 12, 3, stride=2, padding=1)
        self.pool = nn.MaxPool1d(2)
        self.fc = nn.Linear(12 * 8, 6)

    def forward(self, x):
        x = self.pool(torch.relu(self.conv1(x)))
        x = torch.relu(self.conv2(x))
        return self.fc(torch.flatten(x, 1))


class Dense(nn.Module):
    """DenseNet's pattern: every layer reads all earlier ones, concatenated."""

    def __init__(self):
        super().__init__()
        self.conv0 = nn.Conv2d(3, 6, 3, padding=1)
        self.norm1, self.conv1 = nn.BatchNorm2d(6), nn.Conv2d(6, 4, 3, padding=1)
        self.norm2, self.conv2 = nn.BatchNorm2d(10), nn.Conv2d(10, 4, 3, padding=1)
        self.pool = nn.AvgPool2d(2)
        self.fc = nn.Linear(14 * 8 * 8, 10)

    def forward(self, x):
        x0 = self.conv0(x)
        x1 = self.conv1(torch.relu(self.norm1(x0)))
        x2 = self.conv2(torch.relu(self.norm2(torch.cat([x0, x1], 1))))
        return self.fc(torch.flatten(self.pool(torch.cat([x0, x1, x2], 1)), 1))


def encoder(activation="relu", norm_first=False):
    layer = nn.TransformerEncoderLayer(
        32, 4, 64, dropout=0.1, activation=activation, batch_first=True, norm_first=norm_first)
    return nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)


class Transformer(nn.Module):
    """A classifier of sequences of vectors."""

    def __init__(self, length=8):
        super().__init__()
        self.position = nn.Parameter(torch.zeros(1, length, 32))
        self.encoder = encoder()
        self.head = nn.Linear(32, 5)

    def forward(self, x):
        return self.head(self.encoder(x + self.position).mean(1))


class TokenTransformer(nn.Module):
    """A classifier of sequences of tokens, with GELU and the norm before each block."""

    def __init__(self, vocabulary=50, length=8):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, 32)
        self.position = nn.Embedding(length, 32)
        self.register_buffer("index", torch.arange(length))
        self.encoder = encoder("gelu", norm_first=True)
        self.norm = nn.LayerNorm(32)
        self.head = nn.Linear(32, 5)

    def forward(self, tokens):
        x = self.embedding(tokens) + self.position(self.index)
        return self.head(self.norm(self.encoder(x))[:, 0])


# ---- Weights and inputs --------------------------------------------------------------------------


def randomised(make, seed, shared=False):
    """A model whose normalisations, biases and positions are not the trivial ones.

    PyTorch starts all layers of a transformer encoder equal, and its exporters then store one copy
    of equal weights; `shared` leaves that so.
    """
    torch.manual_seed(seed)
    model = make().eval()
    with torch.no_grad():
        for module in model.modules():
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
                module.running_mean.normal_(0, 0.2)
                module.running_var.uniform_(0.5, 1.5)
            if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d, nn.LayerNorm)):
                module.weight.uniform_(0.6, 1.4)
                module.bias.normal_(0, 0.2)
        for name, parameter in model.named_parameters():
            if name.endswith("bias") or name == "position":
                parameter.normal_(0, 0.2)
            elif "layers." in name and name.endswith("weight") and not shared:
                if parameter.dim() > 1:
                    nn.init.xavier_uniform_(parameter)
    return model


def image(channels, size):
    return lambda batch, generator: torch.randn(batch, channels, size, size, generator=generator)


def sequence(length, width):
    return lambda batch, generator: torch.randn(batch, length, width, generator=generator)


def tokens(length, vocabulary):
    return lambda batch, generator: torch.randint(0, vocabulary, (batch, length), generator=generator)


# ---- Export --------------------------------------------------------------------------------------


def export(name, make, inputs, seed, opset, dynamo, batch_axis=True, keep=False, external=False,
           shared=False):
    """One file. `keep` leaves normalisations as nodes; `batch_axis` makes the batch's size free."""
    model = randomised(make, seed, shared)
    generator = torch.Generator().manual_seed(1000 + seed)
    example = inputs(2, generator)
    path = HERE / f"{name}.onnx"
    if dynamo:
        program = torch.onnx.export(
            model, (example,), dynamo=True, opset_version=opset, input_names=["input"],
            output_names=["output"], verbose=False, optimize=not keep,
            dynamic_shapes=({0: torch.export.Dim("batch")},) if batch_axis else None)
        if keep:
            import onnxscript.optimizer
            onnxscript.optimizer.inline(program.model)
        program.save(str(path), external_data=external)
        strip_traces(path, external)
    else:
        if not keep:
            torch.backends.mha.set_fastpath_enabled(False)
        torch.onnx.export(
            model, (example,), str(path), dynamo=False, opset_version=opset,
            input_names=["input"], output_names=["output"], do_constant_folding=not keep,
            training=torch.onnx.TrainingMode.PRESERVE if keep else torch.onnx.TrainingMode.EVAL,
            dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}} if batch_axis else None)
    generator = torch.Generator().manual_seed(2000 + seed)
    x = inputs(3 if batch_axis else 2, generator)
    with torch.no_grad():
        expected = model(x).numpy()
    record(path, {"input": x.numpy()}, expected)
    return model


def transformers():
    """Small models of Examples/zoo/transformer_models.py."""
    for name, opset, dynamo in [
        ("bert", 13, False), ("bert", 18, True), ("vit-stacked", 11, False),
        ("einsum", 18, True), ("gpt-tied", 17, False),
        ("relative", 20, False), ("geglu-fused", 21, True), ("grouped", 17, False),
        ("llama", 11, False), ("llama", 20, True),
    ]:
        path = HERE / f"{name}-{'dynamo' if dynamo else 'legacy'}-{opset}.onnx"
        transformer_models.make(name, opset, dynamo, path)
        strip_traces(path, external=False)
        _, inputs = transformer_models.networks()[name]
        record(path, {f"input{i}": x.numpy() for i, x in enumerate(inputs)})


def strip_traces(path, external):
    """Drops the exporter's notes of source lines, which name folders of the machine it ran on."""
    model = onnx.load(str(path), load_external_data=not external)
    for node in model.graph.node:
        del node.metadata_props[:]
    for value in list(model.graph.value_info) + list(model.graph.input) + list(model.graph.output):
        del value.metadata_props[:]
    for tensor in model.graph.initializer:
        del tensor.metadata_props[:]
    onnx.save(model, str(path))


def record(path, inputs, expected=None):
    """Writes inputs and ONNX Runtime's outputs, which must be what PyTorch gives."""
    onnx.checker.check_model(str(path), full_check=True)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    outputs = dict(zip(names, session.run(names, inputs)))
    if expected is not None:
        found = next(iter(outputs.values()))
        error = np.abs(found - expected).max() / np.abs(expected).max()
        assert error < 1e-5, f"{path.name}: ONNX Runtime differs from PyTorch by {error}"
    arrays = {f"input.{k}": v for k, v in inputs.items()}
    arrays |= {f"output.{k}": v for k, v in outputs.items()}
    np.savez(path.with_suffix(".npz"), **arrays)
    assert path.stat().st_size < LIMIT, f"{path.name} is {path.stat().st_size} bytes"


def local_functions():
    """A dense layer called twice through a local function with an attribute."""
    domain = "test.functions"
    dense = helper.make_function(
        domain, "Dense", ["x", "w", "b"], ["y"],
        [
            helper.make_node("Gemm", ["x", "w", "b"], ["z"], name="gemm", transB=1),
            helper.make_node("LeakyRelu", ["z"], ["y"], name="activation"),
        ],
        [helper.make_opsetid("", 17)], attributes=["slope"])
    reference = dense.node[1].attribute.add()
    reference.name, reference.ref_attr_name = "alpha", "slope"
    reference.type = onnx.AttributeProto.FLOAT
    random = np.random.default_rng(5)
    weights = {
        "w1": random.normal(size=(6, 4)), "b1": random.normal(size=6),
        "w2": random.normal(size=(3, 6)), "b2": random.normal(size=3),
    }
    graph = helper.make_graph(
        [
            helper.make_node("Dense", ["x", "w1", "b1"], ["h"], domain=domain, slope=0.1),
            helper.make_node("Dense", ["h", "w2", "b2"], ["y"], domain=domain, slope=0.2),
        ],
        "functions",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 4])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["batch", 3])],
        [numpy_helper.from_array(v.astype(np.float32), k) for k, v in weights.items()])
    model = helper.make_model(
        graph, functions=[dense], ir_version=8,
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(domain, 1)])
    path = HERE / "functions-helper-17.onnx"
    onnx.save(model, path)
    record(path, {"x": random.normal(size=(3, 4)).astype(np.float32)})


def typed_fields():
    """Tensors in every typed field, and initializers that are listed as inputs too (IR version 3)."""
    random = np.random.default_rng(7)
    arrays = {
        "float": (TensorProto.FLOAT, random.normal(size=(2, 3)).astype(np.float32)),
        "double": (TensorProto.DOUBLE, random.normal(size=(2, 3))),
        "float16": (TensorProto.FLOAT16, random.normal(size=(2, 3)).astype(np.float16)),
        "int64": (TensorProto.INT64, np.array([[1, -2, 3], [2**40, 5, 6]], np.int64)),
        "int32": (TensorProto.INT32, np.array([[1, -2, 3], [4, 5, 6]], np.int32)),
        "int16": (TensorProto.INT16, np.array([[1, -2, 3], [4, 5, 6]], np.int16)),
        "int8": (TensorProto.INT8, np.array([[1, -2, 3], [4, 5, 6]], np.int8)),
        "uint8": (TensorProto.UINT8, np.array([[1, 2, 3], [4, 5, 255]], np.uint8)),
        "bool": (TensorProto.BOOL, np.array([[1, 0, 1], [0, 0, 1]], bool)),
    }
    initializers, nodes, sums = [], [], ["x"]
    for name, (kind, array) in arrays.items():
        tensor = helper.make_tensor(name, kind, array.shape, array.flatten().tolist())
        assert not tensor.HasField("raw_data")
        initializers.append(tensor)
        nodes.append(helper.make_node("Cast", [name], [f"cast_{name}"], to=TensorProto.FLOAT))
        sums.append(f"cast_{name}")
    nodes.append(helper.make_node("Sum", sums, ["y"]))
    inputs = [helper.make_tensor_value_info("x", TensorProto.FLOAT, [2, 3])]
    inputs += [helper.make_tensor_value_info(t.name, t.data_type, [2, 3]) for t in initializers]
    graph = helper.make_graph(
        nodes, "typed", inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, [2, 3])],
        initializers)
    model = helper.make_model(graph, ir_version=3, opset_imports=[helper.make_opsetid("", 11)])
    path = HERE / "typed-helper-11.onnx"
    onnx.save(model, path)
    np.savez(HERE / "typed-helper-11.values.npz", **{k: v for k, (_, v) in arrays.items()})
    record(path, {"x": random.normal(size=(2, 3)).astype(np.float32)})


def archives():
    """NumPy archives of every kind that is read, and of kinds that are refused."""
    six = np.arange(6).reshape(2, 3)
    np.savez_compressed(
        HERE / "arrays-compressed.npz",
        c_order=six.astype(np.float32), fortran=np.asfortranarray(six.astype(np.float32)),
        float16=six.astype(np.float16), float64=six.astype(np.float64),
        int8=-six.astype(np.int8), int16=-six.astype(np.int16), int32=-six.astype(np.int32),
        int64=-six.astype(np.int64), uint8=six.astype(np.uint8) + 250,
        uint16=six.astype(np.uint16) + 65530, uint32=six.astype(np.uint32) + 4294967290,
        bool=six % 2 == 1, scalar=np.float32(7), empty=np.zeros((0, 3), np.float32),
        large=np.zeros((300, 300), np.float32), **{"gr\u00f6\u00dfe": six.astype(np.int64)})
    np.savez(HERE / "arrays-refused-big-endian.npz", a=six.astype(">f4"))
    np.savez(HERE / "arrays-refused-object.npz", a=np.array([None, 1], object))
    np.savez(HERE / "arrays-refused-text.npz", a=np.array(["a", "bc"]))
    np.savez(HERE / "arrays-refused-records.npz", a=np.zeros(2, [("x", "<f4"), ("y", "<i8")]))
    for name, method in [("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)]:
        array = io.BytesIO()
        header = {"descr": "<f4", "fortran_order": False, "shape": (2**60, 2**60)}
        np.lib.format.write_array_header_2_0(array, header)
        array.write(b"\0" * 64)
        with zipfile.ZipFile(HERE / f"arrays-lying-{name}.npz", "w", method) as archive:
            archive.writestr(zipfile.ZipInfo("a.npy"), array.getvalue(), method)
    with zipfile.ZipFile(HERE / "arrays-version-2.npz", "w") as archive:
        array = io.BytesIO()
        np.lib.format.write_array(array, six.astype(np.float32), version=(2, 0))
        archive.writestr(zipfile.ZipInfo("a.npy"), array.getvalue())
        array = io.BytesIO()
        np.lib.format.write_array(array, six.astype(np.float32), version=(3, 0))
        archive.writestr(zipfile.ZipInfo("b.npy"), array.getvalue())
    images = struct.pack(">HBBIII", 0, 8, 3, 5, 28, 28) + bytes(i % 256 for i in range(5 * 784))
    (HERE / "images-idx3-ubyte.gz").write_bytes(gzip.compress(images, mtime=0))
    (HERE / "labels-idx1-ubyte").write_bytes(struct.pack(">HBBI", 0, 8, 1, 5) + bytes([3, 1, 4, 1, 5]))
    lying = struct.pack(">HBBII", 0, 8, 2, 2**32 - 1, 2**10) + bytes(100)
    (HERE / "lying-idx2-ubyte.gz").write_bytes(gzip.compress(lying, mtime=0))


def main():
    torch.backends.mha.set_fastpath_enabled(False)
    for old in list(HERE.glob("*.onnx*")) + list(HERE.glob("*.npz")) + list(HERE.glob("*.json")):
        old.unlink()
    def cnn_bn(): return CNN(norm=True)

    flat, rgb = image(1, 28), image(3, 16)
    for seed, letter in [(1, "a"), (2, "b")]:
        model = export(f"mlp-{letter}-legacy-17", MLP, flat, seed, 17, dynamo=False)
        export(f"cnnbn-{letter}-legacy-17", cnn_bn, flat, seed, 17, dynamo=False, keep=True)
        resnet = export(f"resnet-{letter}-legacy-13", ResNet, rgb, seed, 13, dynamo=False, keep=True)
        export(f"transformer-{letter}-legacy-17", Transformer, sequence(8, 32), seed, 17, dynamo=False)
    (HERE / "parameter-names.json").write_text(json.dumps(
        {
            "mlp-b-legacy-17": {k: list(v.shape) for k, v in model.state_dict().items()},
            "resnet-b-legacy-13": {k: list(v.shape) for k, v in resnet.state_dict().items()},
        }, indent=2) + "\n")
    export("mlp-dynamo-18", MLP, flat, 3, 18, dynamo=True)
    export("mlp-dynamo-21-external", MLP, flat, 4, 21, dynamo=True, external=True)
    export("cnn-legacy-11-static", CNN, flat, 5, 11, dynamo=False, batch_axis=False)
    export("cnn-dynamo-18", CNN, flat, 6, 18, dynamo=True)
    export("cnnbn-dynamo-18-kept", cnn_bn, flat, 7, 18, dynamo=True, keep=True)
    export("resnet-legacy-11-folded", ResNet, rgb, 8, 11, dynamo=False)
    export("resnet-dynamo-20", ResNet, rgb, 9, 20, dynamo=True)
    export("mobile-legacy-13", Mobile, rgb, 10, 13, dynamo=False)
    export("mobile-legacy-13-kept", Mobile, rgb, 10, 13, dynamo=False, keep=True)
    export("mobile-dynamo-18", Mobile, rgb, 11, 18, dynamo=True)
    export("cnn1d-legacy-17", CNN1D, sequence(4, 32), 12, 17, dynamo=False)
    export("cnn1d-dynamo-18", CNN1D, sequence(4, 32), 13, 18, dynamo=True)
    export("dense-legacy-17-kept", Dense, rgb, 14, 17, dynamo=False, keep=True)
    export("dense-dynamo-18", Dense, rgb, 15, 18, dynamo=True)
    export("transformer-dynamo-18", Transformer, sequence(8, 32), 16, 18, dynamo=True)
    export("transformer-dynamo-21-static", Transformer, sequence(8, 32), 17, 21, dynamo=True,
           batch_axis=False)
    # The attention operator needs 14; below 17 layer normalisation is spelt out.
    export("transformer-legacy-14", Transformer, sequence(8, 32), 18, 14, dynamo=False)
    export("transformer-legacy-17-shared", Transformer, sequence(8, 32), 21, 17, dynamo=False,
           shared=True)
    export("tokens-legacy-17", TokenTransformer, tokens(8, 50), 19, 17, dynamo=False)
    export("tokens-dynamo-20", TokenTransformer, tokens(8, 50), 20, 20, dynamo=True)
    transformers()
    local_functions()
    typed_fields()
    archives()
    listing()


def listing():
    """Prints the table of README.md."""
    for path in sorted(HERE.glob("*.onnx")):
        model = onnx.load(str(path), load_external_data=False)
        opset = next(o.version for o in model.opset_import if o.domain in ("", "ai.onnx"))
        types = sorted({n.op_type for n in model.graph.node})
        size = (path.stat().st_size + 1023) // 1024
        print(f"| `{path.stem}` | {opset} | {size} | {', '.join(types)} |")


if __name__ == "__main__":
    main()
