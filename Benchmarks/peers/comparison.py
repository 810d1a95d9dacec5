"""Runs every side on every row, and sums up what they predict in peers.json."""

import json
import platform
import signal
import subprocess
import time
from datetime import datetime, timezone
from importlib.metadata import version
from pathlib import Path

import numpy as np
import torch

from peers import checkpoints, gitrebasin, matching, otfusion, ours
from peers.networks import average, reestimated

RESULTS = Path(__file__).resolve().parent.parent / "peers.json"
SECONDS = 120
PACKAGES = ["torch", "rebasin", "POT", "pygmtools", "scipy", "numpy", "onnxruntime"]
#: Matched by weights alone, so that without a probe only the statistics of normalisations suffer.
PROBELESS = ["plain average", "rebasin", "rebasin MergeMany", "OTFusion weights", "pygmtools"]
#: A peer's name, and the fused network it makes of models, probe and seed.
PEERS = {
    "plain average": lambda models, _, __: average(models),
    "rebasin": gitrebasin.pairwise,
    "rebasin MergeMany": gitrebasin.merged,
    "OTFusion weights": lambda models, probe, _: otfusion.fused(models, probe, otfusion.by_weights),
    "OTFusion activations":
        lambda models, probe, _: otfusion.fused(models, probe, otfusion.by_activations),
    "pygmtools": lambda models, _, __: matching.fused(models),
}


def outputs(model, x):
    with torch.no_grad():
        return torch.cat([model(part) for part in x.split(1000)])


def bounded(action):
    """What the action returns; TimeoutError where it takes longer than a side may."""
    def end(*_):
        raise TimeoutError(f"it takes more than {SECONDS} s")
    signal.signal(signal.SIGALRM, end)
    signal.alarm(SECONDS)
    try:
        return action()
    finally:
        signal.alarm(0)


class Row:
    """A network, a split, a number of parties and a seed, and what every side predicts."""

    def __init__(self, arguments, data, kind, split, seed, parties):
        self.arguments, self.data, self.kind, self.seed = arguments, data, kind, seed
        self.paths = [checkpoints.checkpoint(arguments.work, data, kind, split, seed, party)
                      for party in range(parties)]
        self.models = [checkpoints.load(path, kind) for path in self.paths]
        self.store = arguments.work / f"{kind}-{split}-{seed}-of-{parties}"
        self.store.mkdir(exist_ok=True)
        self.made = {}

    def side(self, name, predict):
        """Whether each test image is classified rightly [10000], or why the side does not run."""
        kept, refusal = self.store / f"{name}.npy", self.store / f"{name}.txt"
        if refusal.exists():
            return refusal.read_text()
        if not kept.exists():
            start = time.monotonic()
            try:
                labels = bounded(predict)
            except (NotImplementedError, MemoryError, TimeoutError) as error:
                refusal.write_text(str(error))
                return str(error)
            np.save(kept, np.asarray(labels, np.uint8))
            print(f"{self.store.name} {name}: {time.monotonic() - start:.1f} s", flush=True)
        return np.load(kept) == self.data.test_y.numpy()

    def peer(self, name, takes_probe):
        probe, x = self.data.probe, self.data.test_x
        if name not in self.made:
            self.made[name] = PEERS[name](self.models, probe, self.seed)
        model = self.made[name].eval()
        return outputs(reestimated(model, probe) if takes_probe else model, x).argmax(1)

    def ensemble(self):
        return sum(outputs(model, self.data.test_x).softmax(1) for model in self.models).argmax(1)

    def ours(self, flags):
        path = ours.fused(self.arguments.tool, self.arguments.work, self.paths, flags)
        return ours.logits(path, self.data.test_x).argmax(1)

    def sides(self):
        found = {}
        for place, model in enumerate(self.models):
            found[f"party {place}"] = self.side(
                f"party {place}", lambda: outputs(model, self.data.test_x).argmax(1))
        found["ensemble"] = self.side("ensemble", self.ensemble)
        for name, flags in ours.SIDES.items():
            found[name] = self.side(name, lambda: self.ours(flags))
        for name in PEERS:
            found[name] = self.side(name, lambda: self.peer(name, True))
        for name in PROBELESS:
            # Without normalisations the probe is not used.
            bare = f"{name}, no probe"
            found[bare] = found[name] if self.kind in ("mlp", "cnn") else self.side(
                bare, lambda: self.peer(name, False))
        return found


def summed(kind, split, parties, seeds, results, changes):
    """A row of the table: accuracies in percent a seed, and each of ours less each peer, paired."""
    entry = {"network": kind, "split": split, "parties": parties, "seeds": seeds, "sides": {},
             "differences": {}, "rebasin changes the function": changes}
    single = [[100 * float(sides[f"party {place}"].mean()) for place in range(parties)]
              for sides in results]
    entry["sides"]["parties' mean"] = [round(float(np.mean(each)), 2) for each in single]
    entry["sides"]["best party"] = [round(max(each), 2) for each in single]
    for name in ["ensemble", *ours.SIDES, *PEERS, *(f"{name}, no probe" for name in PROBELESS)]:
        refusals = [sides[name] for sides in results if isinstance(sides[name], str)]
        entry["sides"][name] = refusals[0] if refusals else [
            round(100 * float(sides[name].mean()), 2) for sides in results]
    for mine in ours.SIDES:
        for name in [f"{name}, no probe" for name in PROBELESS] if mine in ours.PROBELESS else PEERS:
            if isinstance(entry["sides"][name], str):
                continue
            gains = [100 * (sides[mine].astype(float) - sides[name]) for sides in results]
            error = np.sqrt(sum(gain.var(ddof=1) / len(gain) for gain in gains)) / len(gains)
            entry["differences"].setdefault(mine, {})[name] = [
                round(float(np.mean(gains)), 3), round(float(error), 3)]
    return entry


def run(arguments):
    torch.set_num_threads(1)
    arguments.work.mkdir(parents=True, exist_ok=True)
    data = checkpoints.Data(arguments.data)
    np.savez(arguments.work / "probe.npz", x=data.probe.numpy())
    kept = json.loads(RESULTS.read_text())["rows"] if RESULTS.exists() else []
    key = lambda entry: (entry["network"], entry["split"], entry["parties"])
    rows = {key(entry): entry for entry in kept}
    for kind in arguments.networks:
        for split in arguments.splits:
            for parties in arguments.parties:
                seeds = arguments.seeds
                measured = [Row(arguments, data, kind, split, seed, parties) for seed in seeds]
                results = [row.sides() for row in measured]
                changes = gitrebasin.changes_function(measured[0].models, data.probe)
                entry = summed(kind, split, parties, seeds, results, changes)
                rows[key(entry)] = entry
                write(arguments.tool, rows.values())
                print(json.dumps(entry["sides"]), flush=True)


def write(tool, rows):
    done = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True)
    kinds = list(checkpoints.EPOCHS)
    RESULTS.write_text(json.dumps({
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
        "versions": {"PrivFusion": done.stdout.strip(), "Python": platform.python_version(),
                     **{name: version(name) for name in PACKAGES}},
        "rows": sorted(rows, key=lambda entry: (
            kinds.index(entry["network"]), entry["split"], entry["parties"])),
    }, indent=1) + "\n")
