"""Git Re-Basin (Ainsworth et al., ICLR 2023) as the package rebasin has it, by weights alone."""

import copy

import torch
from rebasin import MergeMany, PermutationCoordinateDescent

from peers.networks import average, reestimated


def pairwise(models, probe, seed):
    """Every network onto the first by `PermutationCoordinateDescent`, then the mean."""
    torch.manual_seed(seed)
    aligned = [models[0]]
    for model in models[1:]:
        model = copy.deepcopy(model)
        PermutationCoordinateDescent(models[0], model, probe[:2]).rebasin()
        aligned.append(model)
    return average(aligned)


def merged(models, probe, seed):
    """`MergeMany`, its Algorithm 3."""
    torch.manual_seed(seed)
    return MergeMany([copy.deepcopy(model) for model in models],
                     copy.deepcopy(models[0]), probe[:2]).run()


def changes_function(models, probe):
    """Whether the second network has another function once it is permuted onto the first.

    Statistics of normalisations are estimated again on both sides, so that these alone do not count.
    """
    model = copy.deepcopy(models[1])
    PermutationCoordinateDescent(models[0], model, probe[:2]).rebasin()
    with torch.no_grad():
        before, after = (reestimated(each, probe)(probe) for each in (models[1], model))
    return bool((after - before).abs().max() > 0.01 * before.abs().max())
