"""Python's side of the benchmarks: what a user would take instead. Speaks as Benchmarks/program does.

    sides.py CASE '{"threads": 2, ...}'

Prepares the case and prints {"ready": true}; then, for every line on standard input, runs it once
and prints the seconds, with numbers by which the driver sees that both sides did the same work.
"""

import json
import os
import sys
import time

import numpy

import accounting


def measured(work, result):
    start = time.perf_counter()
    outcome = work()
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "result": [float(number) for number in result(outcome)]}


def assignment(p):
    costs = numpy.load(p["inputs"])["costs"]
    rows = numpy.arange(len(costs))
    if p["library"] == "scipy":
        from scipy.optimize import linear_sum_assignment
        solve = lambda: linear_sum_assignment(costs)[1]
    elif p["library"] == "pot":
        import ot
        weights = numpy.full(len(costs), 1 / len(costs))
        exact = costs.astype(numpy.float64)
        # An optimal plan between uniform weights is a permutation: where each row has its mass.
        solve = lambda: ot.emd(weights, weights, exact, numItermax=10 ** 9).argmax(1)
    else:
        import lap
        solve = lambda: lap.lapjv(costs)[1]
    return lambda: measured(solve, lambda columns: [costs[rows, columns].sum(dtype=numpy.float64)])


def matching(p):
    import matching as others
    prepare = others.prepared(p)
    return lambda: measured(*prepare())


def mechanism(p):
    """What an opponent takes for as many values."""
    if p["library"] == "urandom":
        # 8 bytes a value, and nothing made of them.
        return lambda: measured(lambda: os.urandom(8 * p["count"]), lambda noise: [0])
    return opendp(p) if p["library"] == "opendp" else normal(p)


def normal(p):
    """Gaussian noise in floating point: fast, and not exact."""
    generator, count = numpy.random.default_rng(), p["count"]
    scale = p.get("deviation", 1.0)
    return lambda: measured(
        lambda: generator.normal(0, scale, count),
        lambda noise: [noise.mean() / scale * count ** 0.5])


def opendp(p):
    """OpenDP's noise on a vector. It is timed on fewer values; the seconds are those of all of them."""
    import opendp.prelude as dp
    dp.enable_features("contrib", "idealized-numerics")
    count, scale, kind = p["timed"], p["scale"], "i64" if p["integers"] else "f64"
    if p["integers"]:
        domain, values = dp.atom_domain(T=kind), numpy.arange(count) % 101
    else:
        domain, values = dp.atom_domain(T=kind, nan=False), 2 * (numpy.arange(count) % 1024) / 1023 - 1
    if p["noise"] == "laplace":
        noise, metric, deviation = dp.m.make_laplace, dp.l1_distance(T=kind), scale * 2 ** 0.5
    else:
        noise, metric, deviation = dp.m.make_gaussian, dp.l2_distance(T=kind), scale
    measurement = noise(dp.vector_domain(domain), metric, scale=scale)

    def repetition():
        once = measured(
            lambda: measurement(values),
            lambda outputs: [(numpy.mean(outputs) - values.mean()) / deviation * count ** 0.5])
        return {**once, "seconds": once["seconds"] * p["count"] / count}
    return repetition


def torch_with_threads(p):
    import torch
    torch.set_num_threads(p["threads"])
    return torch


def loaded(p):
    """The network whose weights are in the ONNX file."""
    import networks
    return networks.network(p["network"], p["seed"])


def forward(p):
    torch = torch_with_threads(p)
    model = loaded(p).eval()
    x = torch.from_numpy(numpy.load(p["inputs"])["x"])

    def work():
        with torch.no_grad():
            return model(x)
    return lambda: measured(work, lambda logits: logits.flatten()[:64].tolist())


def training(p):
    torch = torch_with_threads(p)
    model = loaded(p).train()
    arrays = numpy.load(p["inputs"])
    x, labels = torch.from_numpy(arrays["x"]), torch.from_numpy(arrays["labels"])
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, fused=True)

    def work():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(model(x), labels)
        loss.backward()
        optimizer.step()
        return loss.item()
    return lambda: measured(work, lambda loss: [loss])


def ridge(p):
    """The same equation: from a prior, centred, through the smaller of the two Gram matrices."""
    torch = torch_with_threads(p)
    arrays = numpy.load(p["inputs"])
    weight, x, wanted = (torch.from_numpy(arrays[name]) for name in ("weight", "x", "wanted"))
    rows, columns = x.shape

    def work():
        h = x - x.mean(0)
        residual = wanted.T - x @ weight.T
        r = (residual - residual.mean(0)) / rows
        gram = (h.T @ h if columns <= rows else h @ h.T) / rows
        gram.diagonal().add_(p["lambda"])
        factor = torch.linalg.cholesky(gram)
        if columns <= rows:
            step = torch.cholesky_solve(h.T @ r, factor)
        else:
            step = h.T @ torch.cholesky_solve(r, factor)
        filtered = weight + step.T
        return filtered, wanted.mean(1) - filtered @ x.mean(0)
    return lambda: measured(
        work, lambda pair: pair[0].flatten()[:64].tolist() + pair[1][:64].tolist())


def parameter_count(model):
    return sum(int(numpy.prod(tensor.dims)) for tensor in model.graph.initializer)


def onnx_read(p):
    """To arrays, since a message of bytes is no model yet."""
    import onnx
    from onnx import numpy_helper

    def work():
        model = onnx.load(p["model"])
        return [numpy_helper.to_array(tensor) for tensor in model.graph.initializer]
    return lambda: measured(work, lambda arrays: [sum(array.size for array in arrays)])


def onnx_write(p):
    """From arrays, and flushed to the disk as the other side does."""
    import onnx
    from onnx import numpy_helper
    model = onnx.load(p["model"])
    arrays = [(tensor.name, numpy_helper.to_array(tensor)) for tensor in model.graph.initializer]
    del model.graph.initializer[:]
    path = p["output"] + ".python"

    def work():
        whole = onnx.ModelProto()
        whole.CopyFrom(model)
        whole.graph.initializer.extend(numpy_helper.from_array(array, name) for name, array in arrays)
        onnx.save(whole, path)
        with open(path, "rb+") as file:
            os.fsync(file.fileno())
    return lambda: measured(work, lambda _: [parameter_count(onnx.load(path))])


CASES = {
    "accounting": accounting.prepared, "assignment": assignment, "forward": forward, "gaussian": mechanism,
    "matching": matching, "mechanism": mechanism,
    "onnx-read": onnx_read, "onnx-write": onnx_write, "ridge": ridge, "training": training,
}


def main():
    repetition = CASES[sys.argv[1]](json.loads(sys.argv[2]))
    print('{"ready": true}', flush=True)
    for _ in sys.stdin:
        print(json.dumps(repetition()), flush=True)


main()
