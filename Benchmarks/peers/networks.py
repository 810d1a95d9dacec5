"""The small networks that are fused, and their layers as the peers' matchings see them."""

import copy
from dataclasses import dataclass

import torch
from torch import nn


class Residual(nn.Module):
    """Two normalised 3x3 convolutions beside a shortcut (He et al. 2016, figure 2)."""

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.shortcut = None
        if stride != 1 or inputs != width:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, width, 1, stride, bias=False), nn.BatchNorm2d(width))

    def forward(self, value):
        inner = self.norm2(self.conv2(self.relu1(self.norm1(self.conv1(value)))))
        return self.relu2(inner + (self.shortcut(value) if self.shortcut else value))


class ResidualNetwork(nn.Module):
    """ResNet-8: a stem and three residual blocks of widths 16, 32 and 32, on 14x14 and 7x7."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(1, 16, 3, 2, 1, bias=False)
        self.norm = nn.BatchNorm2d(16)
        self.relu = nn.ReLU()
        self.block1 = Residual(16, 16, 1)
        self.block2 = Residual(16, 32, 2)
        self.block3 = Residual(32, 32, 1)
        self.pool = nn.AdaptiveAvgPool2d(1)
        self.flatten = nn.Flatten()
        self.head = nn.Linear(32, 10)

    def forward(self, value):
        value = self.relu(self.norm(self.stem(value)))
        value = self.block3(self.block2(self.block1(value)))
        return self.head(self.flatten(self.pool(value)))


def network(kind):
    """An untrained network of images [count, 1, 28, 28]; torch's seed draws its weights.

    `cnn` flattens its last images into a linear layer; `cnn-bn` and `resnet` take their mean.
    """
    if kind == "mlp":
        return nn.Sequential(
            nn.Flatten(), nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(),
            nn.Linear(128, 10))
    if kind == "resnet":
        return ResidualNetwork()
    if kind == "cnn":
        return nn.Sequential(
            nn.Conv2d(1, 16, 5, 2, 2), nn.ReLU(), nn.Conv2d(16, 32, 3, 2, 1), nn.ReLU(), nn.Flatten(),
            nn.Linear(32 * 49, 64), nn.ReLU(), nn.Linear(64, 10))
    layers, inputs = [], 1
    for width, stride in [(16, 2), (32, 2), (64, 1)]:
        layers += [nn.Conv2d(inputs, width, 3, stride, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        inputs = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))


@dataclass
class Layer:
    """A convolution or a linear layer of a chain, and the normalisation behind it."""

    weights: nn.Module
    norm: nn.Module | None = None

    def folded(self, inputs):
        """Weights [out, inputs, rest] and biases [out] of the layer with its normalisation in it."""
        weight = self.weights.weight.detach().flatten(1)
        bias = self.weights.bias
        bias = torch.zeros(len(weight)) if bias is None else bias.detach()
        if self.norm is not None:
            factor = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
            weight = weight * factor[:, None]
            bias = self.norm.bias + (bias - self.norm.running_mean) * factor
        return weight.reshape(len(weight), inputs, -1).detach(), bias.detach()


def chain(model):
    """The layers of a network without branches, in order; refuses others."""
    if not isinstance(model, nn.Sequential):
        raise NotImplementedError("residual additions")
    layers = []
    for module in model:
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            layers.append(Layer(module))
        elif isinstance(module, nn.BatchNorm2d):
            layers[-1].norm = module
    return layers


def permuted(model, orders):
    """A chain of the same function whose hidden unit i of layer l is the given one's orders[l][i]."""
    model = copy.deepcopy(model)
    before = None
    for layer, order in zip(chain(model), [*orders, None]):
        weight = layer.weights.weight.data
        if before is not None:
            # A flattened channel is a run of columns.
            parts = weight.reshape(len(weight), len(before), -1)[:, before]
            weight = parts.reshape(weight.shape)
        layer.weights.weight.data = weight if order is None else weight[order]
        if order is not None:
            if layer.weights.bias is not None:
                layer.weights.bias.data = layer.weights.bias.data[order]
            if layer.norm is not None:
                for values in layer.norm.state_dict().values():
                    if values.dim():
                        values.copy_(values[order].clone())
        before = order
    return model


def average(models):
    """The mean of all parameters and statistics."""
    mean = copy.deepcopy(models[0])
    states = [model.state_dict() for model in models]
    mean.load_state_dict({
        name: torch.stack([state[name] for state in states]).mean(0) if value.is_floating_point()
        else value for name, value in states[0].items()})
    return mean


def reestimated(model, probe):
    """A copy with mean and variance of its normalisations estimated again on the probe."""
    model = copy.deepcopy(model)
    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
    if norms:
        model.train()
        with torch.no_grad():
            model(probe)
    return model.eval()
