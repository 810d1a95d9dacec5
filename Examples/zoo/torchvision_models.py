"""All classification models of torchvision, at random weights."""

from functools import partial

from case import Case
from weights import randomise

#: Image sizes below the usual 224, which every model but these takes: the groups do not depend on
#: the size, the time of the proof does.
SIZE = 32
SIZES = {
    # Adaptive pooling to 6 x 6 and 7 x 7 positions must divide the feature map.
    "alexnet": 223, "vgg": 224,
    # Sizes at which no feature map is smaller than a filter.
    "inception_v3": 107, "squeezenet": 67, "googlenet": 64,
    # A vision transformer is made for one size; these divide into its patches.
    "vit_b_32": 64, "vit_l_32": 64,
    # Windows and grids of 7 x 7 in four stages.
    "maxvit": 224,
}
FAMILIES = {
    "resnet": "residual", "resnext": "residual", "wide_resnet": "residual", "regnet": "residual",
    "vgg": "plain", "alexnet": "plain", "squeezenet": "concatenation", "densenet": "concatenation",
    "googlenet": "concatenation", "inception": "concatenation", "shufflenet": "concatenation",
    "mobilenet": "mobile", "mnasnet": "mobile", "efficientnet": "mobile", "convnext": "convnext",
    "vit": "transformer", "swin": "transformer", "maxvit": "transformer",
}
#: Above the 2 GiB that one ONNX file can hold.
TOO_LARGE = {"regnet_y_128gf", "vit_h_14"}


def by_prefix(table, name, default):
    return next((table[key] for key in table if name.startswith(key)), default)


def make(name, opset, dynamo, path):
    import torch
    import torchvision

    torch.manual_seed(0)
    torch.set_num_threads(1)
    torch.backends.mha.set_fastpath_enabled(False)
    size = by_prefix(SIZES, name, SIZE)
    options = {"weights": None}
    if name.startswith(("inception", "googlenet")):
        options |= {"aux_logits": False, "init_weights": False}
    if name.startswith("vit"):
        options |= {"image_size": size}
    model = randomise(torchvision.models.get_model(name, **options))
    image = torch.randn(2, 3, size, size)
    if dynamo:
        torch.onnx.export(
            model, (image,), str(path), dynamo=True, opset_version=opset, verbose=False,
            input_names=["input"], output_names=["output"], external_data=False,
            dynamic_shapes=({0: torch.export.Dim("batch")},))
    else:
        torch.onnx.export(
            model, (image,), str(path), dynamo=False, opset_version=opset,
            input_names=["input"], output_names=["output"],
            dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}})


#: One of each family in the other exporter and operator sets.
SAMPLES = [
    "resnet18", "vgg11_bn", "mobilenet_v3_small", "densenet121", "shufflenet_v2_x0_5",
    "squeezenet1_1", "efficientnet_b0", "regnet_y_400mf", "convnext_tiny",
]


def cases():
    try:
        import torchvision
    except ImportError:
        return
    for name in torchvision.models.list_models(module=torchvision.models):
        if name not in TOO_LARGE:
            family = by_prefix(FAMILIES, name, "other")
            yield Case(name, partial(make, name, 17, False), family)
    for name in SAMPLES:
        family = by_prefix(FAMILIES, name, "other")
        for opset in [11, 13]:
            yield Case(f"{name}-legacy-{opset}", partial(make, name, opset, False), family)
        for opset in [18, 21]:
            yield Case(f"{name}-dynamo-{opset}", partial(make, name, opset, True), family)
