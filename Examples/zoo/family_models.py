"""Small networks of the families that torchvision's classification models leave out."""

from functools import partial

from case import Case
from weights import randomise


def networks():
    """Each network's class, the shape of one input, and its family."""
    import torch
    from torch import nn

    class Block(nn.Sequential):
        def __init__(self, channels_in, channels, norm):
            super().__init__(
                nn.Conv2d(channels_in, channels, 3, padding=1), norm(channels), nn.ReLU())

    class UNet(nn.Module):
        """Ronneberger et al. 2015 at small widths."""

        def __init__(self, up="transposed", norm=nn.BatchNorm2d, width=16):
            super().__init__()
            self.down1, self.down2 = Block(3, width, norm), Block(width, 2 * width, norm)
            self.bottom = Block(2 * width, 4 * width, norm)
            self.pool = nn.MaxPool2d(2)

            def rise(channels_in, channels):
                if up == "transposed":
                    return nn.ConvTranspose2d(channels_in, channels, 2, stride=2)
                return nn.Sequential(
                    nn.Upsample(
                        scale_factor=2, mode=up,
                        align_corners=None if up == "nearest" else False),
                    nn.Conv2d(channels_in, channels, 1))

            self.up2, self.up1 = rise(4 * width, 2 * width), rise(2 * width, width)
            self.side2, self.side1 = Block(4 * width, 2 * width, norm), Block(2 * width, width, norm)
            self.head = nn.Conv2d(width, 2, 1)

        def forward(self, x):
            a = self.down1(x)
            b = self.down2(self.pool(a))
            c = self.bottom(self.pool(b))
            b = self.side2(torch.cat([self.up2(c), b], 1))
            a = self.side1(torch.cat([self.up1(b), a], 1))
            return self.head(a)

    class Recurrent(nn.Module):
        """Two layers over the steps of a sequence, and a classifier of the last one."""

        def __init__(self, kind, both=False):
            super().__init__()
            self.layers = kind(12, 32, num_layers=2, batch_first=True, bidirectional=both)
            self.head = nn.Linear(64 if both else 32, 5)

        def forward(self, x):
            return self.head(self.layers(x)[0][:, -1])

    class Sequence(nn.Sequential):
        """A 1-D convolutional network."""

        def __init__(self):
            super().__init__(
                nn.Conv1d(12, 32, 5, padding=2), nn.BatchNorm1d(32), nn.ReLU(), nn.MaxPool1d(2),
                nn.Conv1d(32, 64, 3, padding=1), nn.BatchNorm1d(64), nn.ReLU(),
                nn.AdaptiveAvgPool1d(1), nn.Flatten(), nn.Linear(64, 5))

    def group_norm(channels):
        return nn.GroupNorm(4, channels)

    def instance_norm(channels):
        return nn.InstanceNorm2d(channels, affine=True)

    image, steps = (3, 32, 32), (16, 12)
    return {
        "unet": (UNet, image, "segmentation"),
        "unet-nearest": (partial(UNet, "nearest"), image, "segmentation"),
        "unet-bilinear": (partial(UNet, "bilinear"), image, "segmentation"),
        "unet-groupnorm": (partial(UNet, norm=group_norm), image, "segmentation"),
        "unet-instancenorm": (partial(UNet, norm=instance_norm), image, "segmentation"),
        "cnn1d": (Sequence, (12, 32), "sequence"),
        "lstm": (partial(Recurrent, nn.LSTM), steps, "recurrent"),
        "lstm-both": (partial(Recurrent, nn.LSTM, True), steps, "recurrent"),
        "gru": (partial(Recurrent, nn.GRU), steps, "recurrent"),
        "gru-both": (partial(Recurrent, nn.GRU, True), steps, "recurrent"),
        "rnn": (partial(Recurrent, nn.RNN), steps, "recurrent"),
    }


def make(name, opset, dynamo, path):
    import torch

    torch.manual_seed(0)
    torch.set_num_threads(1)
    network, shape, _ = networks()[name]
    model = randomise(network())
    options = {"opset_version": opset, "input_names": ["input"], "output_names": ["output"]}
    example = (torch.randn(2, *shape),)
    if dynamo:
        torch.onnx.export(
            model, example, str(path), dynamo=True, verbose=False, external_data=False,
            dynamic_shapes=({0: torch.export.Dim("batch")},), **options)
    else:
        torch.onnx.export(
            model, example, str(path), dynamo=False,
            dynamic_axes={"input": {0: "batch"}, "output": {0: "batch"}}, **options)


#: The exporter and operator set of each file.
EXPORTS = [(11, False), (13, False), (17, False), (18, True), (21, True)]


def cases():
    try:
        import torch  # noqa: F401
    except ImportError:
        return
    for name, (_, _, family) in networks().items():
        for opset, dynamo in EXPORTS:
            exporter = "dynamo" if dynamo else "legacy"
            yield Case(f"{name}-{exporter}-{opset}", partial(make, name, opset, dynamo), family)
