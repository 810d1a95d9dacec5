#!/usr/bin/env python3
"""Deals Fashion-MNIST out to three parties, a public probe and a test set, as .npz files.

    deal.py FOLDER_OF_IDX_FILES OUTPUT_FOLDER
"""

import gzip
import struct
import sys
import zipfile
from pathlib import Path


def idx(path):
    """The sizes and the bytes of an idx file."""
    raw = gzip.open(path).read()
    axes = raw[3]
    sizes = struct.unpack(f">{axes}I", raw[4 : 4 + 4 * axes])
    return sizes, raw[4 + 4 * axes :]


def array(shape, kind, content):
    """An .npy file."""
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {tuple(shape)}, }}"
    text += " " * (63 - (10 + len(text)) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + content


def write(path, images, labels):
    pixels = struct.pack(f"<{len(images)}f", *((p / 255 - 0.2860) / 0.3530 for p in images))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("x.npy", array((len(images) // 784, 784), "<f4", pixels))
        if labels is not None:
            numbers = struct.pack(f"<{len(labels)}q", *labels)
            archive.writestr("y.npy", array((len(labels),), "<i8", numbers))


folder, output = Path(sys.argv[1]), Path(sys.argv[2])
_, images = idx(folder / "train-images-idx3-ubyte.gz")
_, labels = idx(folder / "train-labels-idx1-ubyte.gz")


def part(name, start, count, labelled=True):
    write(
        output / name,
        images[784 * start : 784 * (start + count)],
        labels[start : start + count] if labelled else None,
    )


for party in range(3):
    part(f"party{party + 1}.npz", 5000 * party, 5000)
part("probe.npz", 15000, 1000, labelled=False)
part("test.npz", 16000, 2000)
