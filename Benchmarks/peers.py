#!/usr/bin/env python3
"""Compares fused accuracy with that of peers on the same checkpoints; see the article Peers.

    make peers
    Benchmarks/peers.py PRIVFUSION FASHION_MNIST WORK_FOLDER [--networks mlp,cnn] [--splits iid]
        [--parties 2,4,8] [--seeds 0,1,2]
    Benchmarks/peers.py --table | --check

Trains small networks with PyTorch, fuses them by `privfusion fuse`, rebasin, POT (OTFusion) and
pygmtools, and writes peers.json beside this file, and from it the table of the article Peers; --table
makes that alone, and --check says if it is stale. What is in the work folder is neither trained nor
fused again; everything is seeded.
"""

import argparse
import sys
from pathlib import Path

if __name__ == "__main__":
    if sys.argv[1:] in (["--table"], ["--check"]):
        from peers import table
        table.update(check=sys.argv[1] == "--check")
        sys.exit()
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", type=lambda text: Path(text).resolve())
    parser.add_argument("data", type=lambda text: Path(text).resolve())
    parser.add_argument("work", type=lambda text: Path(text).resolve())
    words = lambda text: text.split(",")
    numbers = lambda text: [int(word) for word in text.split(",")]
    parser.add_argument("--networks", type=words, default=["mlp", "cnn", "cnn-bn", "resnet"])
    parser.add_argument("--splits", type=words, default=["iid", "skewed"])
    parser.add_argument("--parties", type=numbers, default=[2, 4, 8])
    parser.add_argument("--seeds", type=numbers, default=[0, 1, 2])
    arguments = parser.parse_args()

    from peers import comparison, table
    comparison.run(arguments)
    table.update()
