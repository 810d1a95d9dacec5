"""OTFusion by POT: Singh and Jaggi, "Model Fusion via Optimal Transport", NeurIPS 2020, Algorithm 1.

Layer by layer, a network's units are transported onto the first network's by `ot.emd` with uniform
masses; networks of equal widths then get a permutation, as an optimal vertex of the transport
polytope is one. The cost is the Euclidean distance of incoming weights, already aligned to the layer
before, or of pre-activations on the probe. Deviations, all to its advantage: biases are costs too,
and batch normalisation, which the paper's networks do without, is folded for the costs and travels
with its unit.
"""

import numpy as np
import ot
import torch

from peers.networks import average, chain, permuted


def order_of(cost):
    """For every unit of the first network the unit that is transported onto it."""
    count = len(cost)
    plan = ot.emd(np.full(count, 1 / count), np.full(count, 1 / count), cost)
    order = plan.argmax(0)
    if sorted(order) != list(range(count)):
        raise ArithmeticError("the transport of equal widths is no permutation")
    return torch.from_numpy(order)


def by_weights(model, target, _):
    """The orders of the hidden layers' units."""
    orders, before = [], None
    for layer, goal in list(zip(chain(model), chain(target)))[:-1]:
        inputs = layer.weights.weight.shape[1] if before is None else len(before)
        (weight, bias), (onto, shift) = layer.folded(inputs), goal.folded(inputs)
        if before is not None:
            weight = weight[:, before]
        rows = [torch.cat([w.flatten(1), b[:, None]], 1).numpy() for w, b in
                [(weight, bias), (onto, shift)]]
        before = order_of(ot.dist(rows[0], rows[1], metric="euclidean"))
        orders.append(before)
    return orders


def signatures(model, probe):
    """The hidden layers' pre-activations [units, samples], behind normalisation."""
    layers = chain(model)[:-1]
    seen = []
    hooks = [(layer.norm or layer.weights).register_forward_hook(
        lambda _, __, output: seen.append(output.transpose(0, 1).flatten(1)))
        for layer in layers]
    with torch.no_grad():
        model(probe)
    for hook in hooks:
        hook.remove()
    return seen


def by_activations(model, target, probe):
    return [order_of(torch.cdist(mine[None].double(), goal[None].double())[0].numpy())
            for mine, goal in zip(signatures(model, probe), signatures(target, probe))]


def fused(models, probe, orders):
    """All onto the first, then the mean."""
    return average([models[0]] + [
        permuted(model, orders(model, models[0], probe)) for model in models[1:]])
