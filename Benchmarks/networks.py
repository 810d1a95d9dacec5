"""The networks of the benchmarks, in PyTorch: both sides start from the ONNX files written here."""

import warnings

import torch
from torch import nn


class Block(nn.Module):
    """A residual block: two 3x3 convolutions, or the bottleneck of 1x1, 3x3 and 1x1."""

    def __init__(self, inputs, width, stride, bottleneck):
        super().__init__()
        outputs = 4 * width if bottleneck else width
        sizes = [(inputs, width, 1, 1), (width, width, 3, stride), (width, outputs, 1, 1)]
        if not bottleneck:
            sizes = [(inputs, width, 3, stride), (width, width, 3, 1)]
        layers = []
        for i, o, kernel, step in sizes:
            layers += [nn.Conv2d(i, o, kernel, step, kernel // 2, bias=False), nn.BatchNorm2d(o), nn.ReLU()]
        self.body = nn.Sequential(*layers[:-1])
        self.shortcut = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def residual(blocks, widths, bottleneck=False):
    """He, Zhang, Ren, Sun 2016, behind a 3x3 stem for small images."""
    width = widths[0]
    layers = [nn.Conv2d(3, width, 3, 1, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
    for stage, (count, size) in enumerate(zip(blocks, widths)):
        for block in range(count):
            layers.append(Block(width, size, 2 if stage and not block else 1, bottleneck))
            width = 4 * size if bottleneck else size
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, 10))


def perceptron(*sizes):
    layers = []
    for i, o in zip(sizes, sizes[1:]):
        layers += [nn.Linear(i, o), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


# Each with the shape of one input.
NETWORKS = {
    "mlp": (lambda: perceptron(784, 256, 128, 10), (784,)),
    "cnn": (lambda: nn.Sequential(
        nn.Conv2d(1, 32, 5, 2, 2), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU(), nn.Flatten(),
        nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10)), (1, 28, 28)),
    "resnet18": (lambda: residual([2, 2, 2, 2], [64, 128, 256, 512]), (3, 32, 32)),
    "resnet50": (lambda: residual([3, 4, 6, 3], [64, 128, 256, 512], True), (3, 32, 32)),
    # 53.7 million parameters: a file of 215 MB.
    "resnet36": (lambda: residual([2, 2, 2, 11], [64, 128, 256, 512]), (3, 32, 32)),
    # As large as that of pygmtools' example of model fusion, with zeros around the images.
    "fusion-example": (lambda: nn.Sequential(
        nn.Conv2d(1, 32, 5, 1, 1, bias=False), nn.ReLU(), nn.MaxPool2d(2, padding=1),
        nn.Conv2d(32, 64, 5, 1, 1, bias=False), nn.ReLU(), nn.MaxPool2d(2, padding=1), nn.Flatten(),
        nn.Linear(3136, 32, bias=False), nn.Linear(32, 10, bias=False)), (1, 28, 28)),
    # Small, for --quick.
    "small-resnet": (lambda: residual([1, 1], [32, 64]), (3, 32, 32)),
}


def network(name, seed=0):
    torch.manual_seed(seed)
    model = NETWORKS[name][0]()
    # No two normalisations alike, as after training: the exporter would share their parameters.
    for layer in model.modules():
        if isinstance(layer, nn.BatchNorm2d):
            for tensor in (layer.weight, layer.bias, layer.running_mean, layer.running_var):
                tensor.data += 0.1 * torch.rand_like(tensor)
    return model


def export(name, path, seed=0):
    """Writes an untrained network, with its normalisation as nodes of their own."""
    model = network(name, seed).eval()
    sample = torch.zeros(1, *NETWORKS[name][1])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, (sample,), path, input_names=["x"], output_names=["logits"],
            dynamic_axes={"x": {0: "batch"}, "logits": {0: "batch"}}, opset_version=17,
            training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False, dynamo=False)


if __name__ == "__main__":
    import sys
    export(sys.argv[1], sys.argv[2], int(sys.argv[3]))
