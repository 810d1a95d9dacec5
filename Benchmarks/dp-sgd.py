#!/usr/bin/env python3
"""DP-SGD of whole networks, this project against Opacus, in one run.

    pip install torch==2.11.0 opacus==1.6.0 numpy
    make bench                                 # builds; both networks, three runs each
    Benchmarks/dp-sgd.py --architecture mlp --epsilon 1 3 8 --runs 3

The same network, initialisation's distribution, records (the first 5,800 of Fashion-MNIST's training
images), sampling probability, noise multiplier (from Opacus's accountant), clip, optimiser, schedule
and threads. Runs alternate, so that both sides see the same machine; what is compared is the ratio
of medians. Opacus's sampling is by index, with no loader or worker in between. Each run is a
process of its own, and reading, building and scoring are not timed.
"""

import argparse
import gzip
import json
import math
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NAMES = {
    "trainImages": "train-images-idx3-ubyte.gz", "trainLabels": "train-labels-idx1-ubyte.gz",
    "testImages": "t10k-images-idx3-ubyte.gz", "testLabels": "t10k-labels-idx1-ubyte.gz",
}


def unpack(source, target):
    """The data without headers, so that both sides read plain bytes."""
    paths = {}
    for key, name in NAMES.items():
        header = 16 if "Images" in key else 8
        paths[key] = str(target / key)
        Path(paths[key]).write_bytes(gzip.decompress((source / name).read_bytes())[header:])
    return paths


def opacus_run(options):
    """One run of Opacus; prints the same JSON as the other side."""
    import time
    import warnings

    import numpy
    import torch
    from opacus import PrivacyEngine

    warnings.filterwarnings("ignore")
    torch.set_num_threads(options["threads"])
    torch.manual_seed(options["seed"])
    convolutional = options["architecture"] == "cnn"
    records, batch, steps = options["records"], options["batch"], options["steps"]

    def load(images, labels):
        y = numpy.fromfile(options[labels], numpy.uint8)
        x = torch.from_numpy(numpy.fromfile(options[images], numpy.uint8)).float().div(255)
        shape = (len(y), 1, 28, 28) if convolutional else (len(y), 784)
        return x.view(shape), torch.from_numpy(y).long()

    x, y = load("trainImages", "trainLabels")
    x, y = x[:records].clone(), y[:records].clone()
    u, v = load("testImages", "testLabels")
    nn = torch.nn
    if convolutional:
        model = nn.Sequential(
            nn.Conv2d(1, 32, 5, 2, 2), nn.ReLU(), nn.Conv2d(32, 64, 3, 2, 1), nn.ReLU(), nn.Flatten(),
            nn.Linear(3136, 128), nn.ReLU(), nn.Linear(128, 10))
    else:
        model = nn.Sequential(
            nn.Linear(784, 256), nn.ReLU(), nn.Linear(256, 128), nn.ReLU(), nn.Linear(128, 10))
    layers = [layer for layer in model if hasattr(layer, "weight")]
    for layer in layers:
        gain = 1 if layer is layers[-1] else 2
        nn.init.normal_(layer.weight, 0, math.sqrt(gain / layer.weight[0].numel()))
        nn.init.zeros_(layer.bias)
    if options["optimizer"] == "adam":
        optimizer = torch.optim.Adam(model.parameters(), lr=options["rate"])
    else:
        optimizer = torch.optim.SGD(model.parameters(), lr=options["rate"], momentum=0.9)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=batch)
    criterion = nn.CrossEntropyLoss()
    engine = PrivacyEngine(accountant="rdp")
    arguments = dict(
        module=model, optimizer=optimizer, data_loader=loader, poisson_sampling=True,
        noise_multiplier=options["noiseMultiplier"], max_grad_norm=options["clip"],
        grad_sample_mode=options["mode"])
    if options["mode"] == "ghost":
        model, optimizer, criterion, _ = engine.make_private(criterion=criterion, **arguments)
    else:
        model, optimizer, _ = engine.make_private(**arguments)
    optimizer.expected_batch_size = batch
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: (1 + math.cos(math.pi * step / steps)) / 2)
    processor, start = time.process_time(), time.perf_counter()
    for _ in range(steps):
        chosen = (torch.rand(records) < batch / records).nonzero().flatten()
        optimizer.zero_grad()
        criterion(model(x[chosen]), y[chosen]).backward()
        optimizer.step()
        schedule.step()
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    with torch.no_grad():
        accuracy = (model(u).argmax(1) == v).float().mean().item()
    print(json.dumps(dict(accuracy=accuracy, seconds=seconds, processorSeconds=processor)))


def outcome(command):
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stderr}")
    return json.loads(done.stdout.strip().split("\n")[-1])


def noise_multiplier(python, arguments, epsilon):
    """Opacus's own calibration, by its Renyi accountant, so that both sides get the same noise."""
    program = (
        "import warnings; warnings.filterwarnings('ignore')\n"
        "from opacus.accountants.utils import get_noise_multiplier\n"
        f"print(get_noise_multiplier(target_epsilon={epsilon}, target_delta=1e-5, "
        f"sample_rate={arguments.batch / arguments.records}, steps={arguments.steps}, "
        "accountant='rdp', epsilon_tolerance=1e-3))")
    return float(subprocess.run([python, "-W", "ignore", "-c", program], capture_output=True,
                                text=True, check=True).stdout.split()[-1])


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "opacus-run":
        return opacus_run(json.loads(sys.argv[2]))
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--architecture", nargs="+", default=["mlp", "cnn"])
    parser.add_argument("--mode", nargs="+", default=["ghost"], help="of Opacus: ghost, or hooks (slow)")
    parser.add_argument("--epsilon", nargs="+", type=float, default=[8.0])
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--records", type=int, default=5800)
    parser.add_argument("--batch", type=int, default=512)
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--clip", type=float, default=1.0)
    parser.add_argument("--rate", type=float, default=0.5)
    parser.add_argument("--optimizer", choices=["sgd", "adam"], default="sgd")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--python", default=sys.executable, help="a Python with torch and opacus")
    parser.add_argument("--data", type=Path, default=ROOT / ".deps/fashion-mnist")
    parser.add_argument(
        "--program", default=ROOT / ".build/release/DPSGDBenchmark")
    parser.add_argument("--json", type=Path, help="a file for the figures, as Benchmarks/run.py takes them")
    arguments = parser.parse_args()
    entries = []
    with tempfile.TemporaryDirectory() as scratch:
        paths = unpack(arguments.data, Path(scratch))
        for architecture in arguments.architecture:
            for epsilon in arguments.epsilon:
                multiplier = noise_multiplier(arguments.python, arguments, epsilon)
                common = dict(
                    paths, architecture=architecture, records=arguments.records,
                    clip=arguments.clip, batch=arguments.batch, steps=arguments.steps,
                    rate=arguments.rate, optimizer=arguments.optimizer,
                    noiseMultiplier=multiplier, threads=arguments.threads)
                sides = ["privfusion"] + [f"opacus {mode}" for mode in arguments.mode]
                results = {side: [] for side in sides}
                for run in range(arguments.runs):
                    for side in sides:
                        options = dict(common, seed=run + 1)
                        if side == "privfusion":
                            command = [str(arguments.program), json.dumps(options)]
                        else:
                            options["mode"] = side.split()[1]
                            command = [arguments.python, __file__, "opacus-run", json.dumps(options)]
                        results[side].append(outcome(command))
                print(
                    f"{architecture}, epsilon {epsilon:g} (noise multiplier {multiplier:.3f}), "
                    f"{arguments.steps} steps of {arguments.batch} of {arguments.records} records, "
                    f"{arguments.threads} threads")
                report(results, arguments.steps * arguments.batch)
                entries.append(entry(f"{architecture}, epsilon {epsilon:g}", results))
    if arguments.json:
        arguments.json.write_text(json.dumps(entries))


def entry(name, results):
    """One comparison for the benchmarks' table; accuracies stand in for results that agree."""
    def figures(runs):
        seconds = [run["seconds"] for run in runs]
        return {"median": float(f"{statistics.median(seconds):.4g}"), "least": float(f"{min(seconds):.4g}")}

    def accuracy(runs):
        return statistics.mean(run["accuracy"] for run in runs)

    ours = results["privfusion"]
    opponents = {}
    for side, runs in results.items():
        if side != "privfusion":
            ratios = [a["seconds"] / b["seconds"] for a, b in zip(ours, runs)]
            opponents[side.replace("opacus", "Opacus,")] = {
                "seconds": figures(runs), "accuracy": accuracy(runs),
                "agrees": abs(accuracy(ours) - accuracy(runs)) < 0.1,
                "ratio": float(f"{statistics.median(ratios):.4g}")}
    return {
        "suite": "dp-sgd", "name": name, "goal": None, "turns": len(ours), "seconds": figures(ours),
        "accuracy": accuracy(ours), "opponents": opponents}


def report(results, records):
    def median(side, key):
        return statistics.median(entry[key] for entry in results[side])

    for side, entries in results.items():
        accuracies = [100 * entry["accuracy"] for entry in entries]
        spread = statistics.stdev(accuracies) if len(accuracies) > 1 else float("nan")
        ratio = median(side, "seconds") / median("privfusion", "seconds")
        processor = median(side, "processorSeconds") / median("privfusion", "processorSeconds")
        print(
            f"  {side:14} accuracy {statistics.mean(accuracies):.2f} +- {spread:.2f} %   "
            f"{records / median(side, 'seconds'):8.0f} records/s   "
            f"privfusion is {ratio:.2f} times as fast, {processor:.2f} by processor time", flush=True)


main()
