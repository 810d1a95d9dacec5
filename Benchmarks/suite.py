"""What is compared, with what, on which inputs, and to which goal."""

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import numpy

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Comparison:
    """A case of Benchmarks/program beside the same case of Benchmarks/sides.py."""

    suite: str
    name: str
    case: str
    # Every opponent with the parameters that are its own.
    opponents: dict
    # Makes the inputs in a folder and returns the parameters that both sides get.
    parameters: Callable
    # The greatest ratio of this project's time to the opponent's; None where none was set.
    goal: float | None = None
    # Those of single opponents, in its place.
    goals: dict = field(default_factory=dict)
    # Up to which both sides' numbers must agree.
    relative: float = 1e-4
    absolute: float = 1e-4
    # To which this project's side is confined; None for all.
    cores: int | None = None
    # Whether the numbers say how good a result is: this project's may be greater than the other's.
    quality: bool = False


def once(path, make):
    """The file, made if it is not there yet: several comparisons share inputs."""
    if not path.exists():
        make(path)
    return str(path)


#: Of one input; Benchmarks/networks.py, which needs torch, is not imported here.
NETWORK_SHAPES = {
    "fusion-example": [1, 28, 28], **dict.fromkeys(("small-resnet", "resnet18", "resnet50"), [3, 32, 32])}


def costs(kind, size):
    """Float32 costs: independent ones, or the inner products of noisy, shuffled copies of neurons."""
    generator = numpy.random.default_rng(size)
    if kind == "unstructured":
        return generator.standard_normal((size, size), dtype=numpy.float32)
    neurons = generator.standard_normal((size, 32), dtype=numpy.float32)
    noise = 2 * generator.standard_normal((size, 32), dtype=numpy.float32)
    others = generator.permutation(neurons) + noise
    return -(neurons @ others.T)


def assignments(quick):
    for kind in ("unstructured", "correlated"):
        for size in (512,) if quick else (512, 1024, 2048, 4096, 8192):
            def parameters(folder, kind=kind, size=size):
                return {"size": size, "inputs": once(
                    folder / f"{kind}-{size}.npz", lambda path: numpy.savez(path, costs=costs(kind, size)))}
            yield Comparison(
                "assignment", f"{kind} costs, n = {size}", "assignment",
                {"scipy": {"library": "scipy"}, "lapx": {"library": "lapx"}}
                # POT's network simplex takes minutes beyond that.
                | ({"POT": {"library": "pot"}} if size <= 2048 else {}), parameters,
                goal=0.5 if size >= 4096 else None, relative=1e-6, absolute=0)


def matchings(quick):
    """Networks by their weights: two beside others' matching, and more to see what each costs."""
    def models(folder, network, count):
        return {"network": network, "shape": NETWORK_SHAPES[network], "models": [
            once(folder / f"{network}-{seed}.onnx", lambda path: export(network, path, seed))
            for seed in range(count)]}

    # All end in local optima; pygmtools' sizes are those of its example of model fusion, whose
    # association graph has 373 million entries. rebasin permutes the flattened positions in it apart from
    # their channels: what it finds there is another network, and is not compared.
    graphs = {f"pygmtools' {solver}": {"library": solver} for solver in ("sm", "rrwm")}
    for network in ("small-resnet",) if quick else ("fusion-example", "resnet18", "resnet50"):
        yield Comparison(
            "matching", f"weights of two, {network}", "matching",
            graphs if network == "fusion-example" else {"rebasin": {"library": "rebasin"}},
            lambda folder, network=network: models(folder, network, 2),
            goal=1 / 3 if network == "resnet50" else None, relative=0, absolute=0.01, quality=True)
    for count in (2, 4) if quick else (4, 8, 16, 32):
        yield Comparison(
            "matching", f"weights of {count}, small-resnet", "matching", {},
            lambda folder, count=count: models(folder, "small-resnet", count))


def mechanisms(quick):
    count, timed = (100_000, 1000) if quick else (10_000_000, 10_000)

    def opendp(noise, integers, scale):
        return {
            f"OpenDP's {noise.title()}, {'i64' if integers else 'f64'}": {
                "library": "opendp", "noise": noise, "integers": integers, "scale": scale,
                "timed": timed}}

    # A mechanism's values are exact releases; numpy's and the operating system's are not even private.
    noise = {"numpy": {"library": "numpy"}, "os.urandom": {"library": "urandom"}}
    # Noise for numbers in -1 ... 1 and integers in 0 ... 100 at epsilon 1; the Gaussians' deviation is
    # the Laplace noise's scale.
    private = {
        **opendp("laplace", False, 2.0), **opendp("laplace", True, 100.0),
        **opendp("gaussian", False, 2.0), **opendp("gaussian", True, 100.0)}
    # Results are deviations of a mean: standard normal on both sides, so that 10 apart is a mistake.
    common = dict(relative=0, absolute=10)
    goals = {"numpy": 1.0, **dict.fromkeys(private, 0.001)}
    integers = {name: own for name, own in private.items() if "i64" in name}
    for kind, title in (
            ("duchi", "duchi"), ("piecewise", "piecewise"), ("hybrid", "hybrid"),
            ("laplace", "discrete Laplace of 0 ... 100")):
        for cores, opponents in ((1, {**noise, **private}), (None, integers)):
            yield Comparison(
                "mechanisms", f"{title}, epsilon 1, {count:,} values, {'one core' if cores else 'all cores'}",
                "mechanism", opponents,
                lambda folder, kind=kind: {"kind": kind, "epsilon": 1.0, "count": count},
                goals=goals, cores=cores, **common)
    for kind in ("response", "answers"):
        yield Comparison(
            "mechanisms", f"{kind}, epsilon 1, {count:,} values", "mechanism", noise,
            lambda folder, kind=kind: {"kind": kind, "epsilon": 1.0, "count": count},
            goals={"numpy": 1.0}, **common)
    yield Comparison(
        "mechanisms", f"discrete Gaussian, deviation 10^6, {count:,} values, all cores", "gaussian",
        {"numpy": {"library": "numpy"}, **opendp("gaussian", True, 1e6)},
        lambda folder: {"deviation": 1e6, "count": count}, goals=goals, **common)


def batch(path, shape, size):
    generator = numpy.random.default_rng(0)
    numpy.savez(
        path, x=generator.standard_normal((size, *shape), dtype=numpy.float32),
        labels=generator.integers(0, 10, size))


def export(network, path, seed=0):
    subprocess.run([sys.executable, str(HERE / "networks.py"), network, str(path), str(seed)], check=True)


def networks(quick):
    sizes = [("mlp", (784,), 512), ("cnn", (1, 28, 28), 128), ("resnet18", (3, 32, 32), 32)]
    for case, title in (("forward", "forward pass"), ("training", "training step")):
        for network, shape, size in sizes[:2] if quick else sizes:
            def parameters(folder, network=network, shape=shape, size=size):
                return {
                    "network": network, "seed": 0,
                    "model": once(folder / f"{network}.onnx", lambda path: export(network, path)),
                    "inputs": once(
                        folder / f"{network}.npz", lambda path: batch(path, shape, size))}
            # Losses and logits are of size 1; sums in another order move them by far less.
            yield Comparison(
                "networks", f"{title}, {network}, batch of {size}", case, {"PyTorch": {}}, parameters,
                goal=1.05, relative=1e-3, absolute=1e-3)


def ridges(quick):
    for rows, inputs, outputs in [(512, 128, 64)] if quick else [(4096, 512, 512), (1024, 4608, 512)]:
        def parameters(folder, rows=rows, inputs=inputs, outputs=outputs):
            def make(path):
                generator = numpy.random.default_rng(0)
                draw = lambda *shape: generator.standard_normal(shape, dtype=numpy.float32)
                numpy.savez(
                    path, x=draw(rows, inputs), weight=draw(outputs, inputs) / inputs ** 0.5,
                    wanted=draw(outputs, rows))
            return {"lambda": 0.1, "inputs": once(folder / f"ridge-{rows}-{inputs}.npz", make)}
        yield Comparison(
            "networks", f"ridge solve, {rows} rows, {inputs} inputs, {outputs} outputs", "ridge",
            {"PyTorch": {}}, parameters, goal=1.05, relative=1e-3, absolute=1e-3)


def files(quick):
    for network in ("small-resnet",) if quick else ("resnet18", "resnet36"):
        for case, title in (("onnx-read", "read"), ("onnx-write", "write")):
            def parameters(folder, network=network):
                return {
                    "model": once(folder / f"{network}.onnx", lambda path: export(network, path)),
                    "output": str(folder / f"{network}.written")}
            yield Comparison(
                "files", f"{title} {network}", case, {"onnx": {}}, parameters, relative=0, absolute=0)


def comparisons(quick):
    return [
        *assignments(quick), *matchings(quick), *mechanisms(quick), *networks(quick), *ridges(quick),
        *files(quick)]


@dataclass(frozen=True)
class Fusion:
    """A whole `privfusion fuse`, timed by phase."""

    name: str
    network: str
    flags: list
    models: int = 2
    probes: int = 64
    # The greatest memory beside what `--plan` takes, in models; None where only time is measured.
    goal: float | None = None
    suite: str = field(default="fuse")


def fusions(quick):
    pairs = ["small-resnet"] if quick else ["resnet18", "resnet50"]
    for network in pairs:
        for flags in (["--no-privacy"], ["--epsilon", "8"]):
            yield Fusion(f"{network} pair, {' '.join(flags)}", network, flags, probes=16 if quick else 64)


def memories(quick):
    network, count = ("small-resnet", 3) if quick else ("resnet36", 10)
    common = dict(network=network, models=count, suite="memory")
    yield Fusion(
        f"{count} models, --no-filter --matching weights", goal=3,
        flags=["--no-privacy", "--no-filter", "--matching", "weights"], **common)
    yield Fusion(f"{count} models, filter and adapter", goal=6,
        # Steps after the first take no more memory.
        flags=["--no-privacy", "--adapter-steps", "2"], **common)
