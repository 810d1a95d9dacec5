"""Data, and the checkpoints that every side starts from: trained once, kept as .pt and .onnx."""

import gzip

import numpy as np
import torch

from peers.networks import network

SHARDS = 10
PROBES = 1000
EPOCHS = {"mlp": 10, "cnn": 8, "cnn-bn": 8, "resnet": 6}


def images(path):
    """Normalised pixels, [count, 1, 28, 28]."""
    pixels = np.frombuffer(gzip.open(path).read(), np.uint8, offset=16).reshape(-1, 1, 28, 28)
    return torch.from_numpy(((pixels / 255 - 0.2860) / 0.3530).astype(np.float32))


def labels(path):
    return torch.from_numpy(
        np.frombuffer(gzip.open(path).read(), np.uint8, offset=8).astype(np.int64))


class Data:
    """Fashion-MNIST: 58,000 images to train on, 1,000 unlabelled probes, all 10,000 test images."""

    def __init__(self, folder):
        self.x = images(folder / "train-images-idx3-ubyte.gz")
        self.y = labels(folder / "train-labels-idx1-ubyte.gz")
        self.probe = self.x[-PROBES:]
        self.test_x = images(folder / "t10k-images-idx3-ubyte.gz")
        self.test_y = labels(folder / "t10k-labels-idx1-ubyte.gz")

    def shard(self, split, seed, party):
        """The indices of a party's own images: of ten disjoint shards the party's one."""
        random = np.random.default_rng(seed)
        order = random.permutation(58000)
        if split == "iid":
            return np.array_split(order, SHARDS)[party]
        shards = [[] for _ in range(SHARDS)]
        classes = self.y.numpy()[order]
        for name in range(10):
            members = order[classes == name]
            shares = np.cumsum(random.dirichlet([0.5] * SHARDS))[:-1]
            for shard, part in zip(shards, np.split(members, (shares * len(members)).astype(int))):
                shard.append(part)
        return random.permutation(np.concatenate(shards[party]))


def train(kind, x, y, seed):
    """Adam at 1e-3 with a cosine schedule to 0, batches of 64, no decay, no augmentation."""
    torch.manual_seed(seed)
    model = network(kind)
    optimiser = torch.optim.Adam(model.parameters(), lr=1e-3)
    batches = len(x) // 64
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, batches * EPOCHS[kind])
    for _ in range(EPOCHS[kind]):
        order = torch.randperm(len(x))
        for batch in order[:batches * 64].reshape(-1, 64):
            loss = torch.nn.functional.cross_entropy(model(x[batch]), y[batch])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return model.eval()


def checkpoint(work, data, kind, split, seed, party):
    """The path of a party's checkpoint without its suffix; every party starts from a seed of its own."""
    path = work / f"{kind}-{split}-{seed}-{party}"
    if not path.with_suffix(".onnx").exists():
        shard = torch.from_numpy(data.shard(split, seed, party))
        model = train(kind, data.x[shard], data.y[shard], 1000 * seed + party)
        torch.save(model.state_dict(), path.with_suffix(".pt"))
        # Without folding the normalisations, which are a peer's as well as ours to see.
        torch.onnx.export(
            model, (data.probe[:2],), path.with_suffix(".part"), input_names=["x"],
            output_names=["logits"], dynamic_axes={"x": {0: "batch"}, "logits": {0: "batch"}},
            opset_version=17, dynamo=False, do_constant_folding=False,
            training=torch.onnx.TrainingMode.PRESERVE)
        path.with_suffix(".part").rename(path.with_suffix(".onnx"))
    return path


def load(path, kind):
    model = network(kind)
    model.load_state_dict(torch.load(path.with_suffix(".pt")))
    return model.eval()
