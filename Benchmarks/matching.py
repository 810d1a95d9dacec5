"""Others' matching of two networks' neurons by weights, for Benchmarks/sides.py.

What is found is judged by one number on all sides: the cosine of all weights of the first network with
those of the second, brought into the first one's order. Making the inputs is not timed.
"""

import copy

import numpy
import torch

import networks


def cosine(first, second):
    def flat(model):
        return torch.cat([tensor.detach().double().flatten() for tensor in model.parameters()])
    return torch.nn.functional.cosine_similarity(flat(first), flat(second), dim=0)


def rebasin(first, second, shape):
    """Coordinate descent over the layers (Ainsworth, Hayase, Srinivasa 2023); tracing is not timed."""
    from rebasin import PermutationCoordinateDescent

    sample = torch.zeros(1, *shape)

    def prepare():
        torch.manual_seed(0)
        moved = copy.deepcopy(second)
        descent = PermutationCoordinateDescent(first, moved, sample)
        return descent.rebasin, lambda _: [cosine(first, moved)]
    return prepare


def association(first, second):
    """The matrix of pygmtools' example of model fusion, and the nodes of each layer.

    A node is a channel, an edge a weight between channels (a kernel, or all positions of one); the
    affinity of two edges is exp(-distance). Pair (i, a) of nodes is row i n + a.
    """
    weights = [
        [tensor.detach() for tensor in model.parameters()] for model in (first, second)]
    sizes = [weights[0][0].shape[1], *(tensor.shape[0] for tensor in weights[0])]
    count, starts = sum(sizes), numpy.cumsum([0, *sizes])
    matrix = torch.zeros(count, count, count, count)
    for layer, (inputs, outputs) in enumerate(zip(sizes, sizes[1:])):
        one, other = (w[layer].reshape(outputs, inputs, -1).transpose(0, 1) for w in weights)
        near = torch.exp(-torch.cdist(one.reshape(inputs * outputs, -1), other.reshape(inputs * outputs, -1)))
        i, j = starts[layer], starts[layer + 1]
        matrix[i:i + inputs, i:i + inputs, j:j + outputs, j:j + outputs] = near.reshape(
            inputs, outputs, inputs, outputs).permute(0, 2, 1, 3)
    # Inputs and outputs have their places.
    for node in [*range(starts[1]), *range(starts[-2], starts[-1])]:
        matrix[node, node, node, node] = 1
    return matrix.reshape(count * count, count * count), starts


def pygmtools(first, second, solver):
    """Its example of model fusion: a solver on the whole association graph, then a Hungarian a layer."""
    import pygmtools

    pygmtools.set_backend("pytorch")
    matrix, starts = association(first, second)
    count = int(starts[-1])

    def solve():
        soft = getattr(pygmtools, solver)(matrix, count, count)
        return [
            pygmtools.hungarian(soft[start:end, start:end]).argmax(1)
            for start, end in zip(starts[1:-2], starts[2:-1])]

    def judged(orders):
        moved = copy.deepcopy(second)
        weights = list(moved.parameters())
        for layer, order in enumerate(orders):
            weights[layer].data = weights[layer].data[order]
            after = weights[layer + 1].data
            after.copy_(after.reshape(len(after), len(order), -1)[:, order].reshape(after.shape))
        return [cosine(first, moved)]
    return lambda: (solve, judged)


def prepared(p):
    """A function that makes a fresh (work, judge) pair."""
    torch.set_num_threads(p["threads"])
    first, second = (networks.network(p["network"], seed).eval() for seed in (0, 1))
    if p["library"] == "rebasin":
        return rebasin(first, second, p["shape"])
    return pygmtools(first, second, p["library"])
