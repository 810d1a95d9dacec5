"""Fusing by graph matching with pygmtools, after its example of model fusion (GAMF, ICML 2022).

A hidden unit or channel is a node, the weights (kernels) between two are an edge, and two edges'
affinity is exp(-distance of their kernels). Inputs and outputs are matched to themselves, so that
their edges are affinities of nodes here, with biases; the example keeps them as nodes, in a matrix
that is larger still. Spectral matching solves for all layers at once and Hungarian rounds each.
Batch normalisation, which the example has none of, is folded for the affinities.
"""

import pygmtools
import torch

from peers.networks import average, chain, permuted

LIMIT = 4 * 2 ** 30


def affinity(first, second):
    """The matrix K over pairs of hidden nodes, column-major as pygmtools wants it, and the widths."""
    layers = list(zip(chain(first), chain(second)))
    widths = [len(a.weights.weight) for a, _ in layers[:-1]]
    nodes = sum(widths)
    size = 4 * nodes ** 4
    if size > LIMIT:
        raise MemoryError(f"its matrix of {nodes}^4 numbers takes {size / 2 ** 30:,.0f} GiB")
    starts = [sum(widths[:place]) for place in range(len(widths))]
    # Indexed [second's node, first's, second's, first's], so that flattening it is column-major.
    table = torch.zeros(nodes, nodes, nodes, nodes)
    own = torch.zeros(nodes, nodes)
    for place, (a, b) in enumerate(layers):
        inputs = widths[place - 1] if place else a.weights.weight.shape[1]
        (weight, bias), (other, shift) = a.folded(inputs), b.folded(inputs)
        width = len(weight)
        if place == 0:
            near = torch.exp(-(weight[:, None] - other[None]).norm(dim=3)).sum(2)
            own[:width, :width] += near.T
        elif place == len(layers) - 1:
            near = torch.exp(-(weight[:, :, None] - other[:, None]).norm(dim=3)).sum(0)
            span = slice(starts[place - 1], starts[place - 1] + inputs)
            own[span, span] += near.T
        else:
            near = torch.exp(-torch.cdist(weight.flatten(0, 1), other.flatten(0, 1)))
            near = near.reshape(width, inputs, width, inputs).permute(2, 0, 3, 1)
            to = slice(starts[place], starts[place] + width)
            back = slice(starts[place - 1], starts[place - 1] + inputs)
            table[to, to, back, back] = near
            table[back, back, to, to] = near.permute(2, 3, 0, 1)
        if place < len(layers) - 1:
            span = slice(starts[place], starts[place] + width)
            own[span, span] += torch.exp(-(bias[:, None] - shift[None]).abs()).T
    matrix = table.reshape(nodes ** 2, nodes ** 2)
    matrix.diagonal().add_(own.flatten())
    return matrix, widths


def orders(model, target):
    """For every unit of the target, layer by layer, the unit of the model that is matched to it."""
    pygmtools.set_backend("pytorch")
    matrix, widths = affinity(model, target)
    nodes = sum(widths)
    soft = pygmtools.sm(matrix, nodes, nodes)
    found, start = [], 0
    for width in widths:
        span = slice(start, start + width)
        found.append(pygmtools.hungarian(soft[span, span]).argmax(0))
        start += width
    return found


def fused(models):
    """All onto the first, then the mean."""
    return average([models[0]] + [
        permuted(model, orders(model, models[0])) for model in models[1:]])
