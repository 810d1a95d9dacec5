"""Accountants of Python beside this project's: which figures a grid of DP-SGD's settings gives, and how fast.

Every side is asked for one setting after the other, in turn, so that a busy moment meets all of them.
"""

import itertools
import math
import signal
import time

# A setting that takes longer is left out, and said so.
LIMIT = 20
# What prv-accountant is asked for; its bounds are that far from its estimate.
ERROR = 0.01
OPPONENTS = {"dp-accounting, PLD": "pld", "dp-accounting, RDP": "rdp", "prv-accountant": "prv"}


def grid(quick):
    """Sampling probability, noise multiplier, steps and delta of each setting."""
    if quick:
        return [(0.01, 1.0, 100, 1e-5), (0.1, 2.0, 1, 1e-6)]
    procedures = list(itertools.product(
        (0.001, 0.01, 0.02, 0.1), (0.6, 1.0, 2.0, 5.0), (1, 100, 1000, 10_000)))
    return [(*procedure, 1e-5) for procedure in procedures] + [
        (*procedure, 1e-6) for procedure in procedures if procedure[2] == 1000]


def pld(q, sigma, steps, delta):
    import dp_accounting
    from dp_accounting.pld import PLDAccountant
    accountant = PLDAccountant(dp_accounting.NeighboringRelation.ADD_OR_REMOVE_ONE)
    accountant.compose(dp_accounting.SelfComposedDpEvent(
        dp_accounting.PoissonSampledDpEvent(q, dp_accounting.GaussianDpEvent(sigma)), steps))
    return [math.nan, accountant.get_epsilon(delta)]


def rdp(q, sigma, steps, delta):
    import dp_accounting
    from dp_accounting.rdp import RdpAccountant
    accountant = RdpAccountant(neighboring_relation=dp_accounting.NeighboringRelation.ADD_OR_REMOVE_ONE)
    accountant.compose(dp_accounting.SelfComposedDpEvent(
        dp_accounting.PoissonSampledDpEvent(q, dp_accounting.GaussianDpEvent(sigma)), steps))
    return [math.nan, accountant.get_epsilon(delta)]


def prv(q, sigma, steps, delta):
    from prv_accountant import PRVAccountant, PoissonSubsampledGaussianMechanism
    mechanism = PoissonSubsampledGaussianMechanism(noise_multiplier=sigma, sampling_probability=q)
    accountant = PRVAccountant(
        prvs=mechanism, max_self_compositions=steps, eps_error=ERROR, delta_error=delta / 1000)
    lower, _, upper = accountant.compute_epsilon(delta, [steps])
    return [lower, upper]


def prepared(p):
    """For sides.py: runs the next setting each time."""
    import logging
    import resource
    import warnings
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    # prv-accountant's mesh grows with epsilon; it fails here instead of taking the machine down.
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    compute = {"pld": pld, "rdp": rdp, "prv": prv}[p["accountant"]]
    settings = iter(p["settings"])
    compute(0.01, 1.0, 10, 1e-5)  # Imports and caches.

    def expired(number, frame):
        raise TimeoutError

    signal.signal(signal.SIGALRM, expired)

    def run():
        setting = next(settings)
        start = time.perf_counter()
        signal.alarm(LIMIT)
        try:
            result = compute(*setting)
        except (TimeoutError, MemoryError, ArithmeticError, ValueError, RuntimeError):
            result = [math.nan, math.nan]
        finally:
            signal.alarm(0)
        return {"seconds": time.perf_counter() - start, "result": [float(x) for x in result]}

    return run


def number(x):
    """For JSON, which has neither infinity nor NaN."""
    return x if math.isfinite(x) else None


def measure(settings, sides):
    """Every setting's figures: this project's first, then each opponent's."""
    for setting in settings:
        q, sigma, steps, delta = setting
        figures = {}
        for name, side in sides.items():
            side.run()
            lower, upper = side.result[:2]
            figures[name] = {
                "lower": number(lower), "upper": number(upper), "seconds": side.seconds[-1]}
        ours = figures.pop("PrivFusion")
        yield {
            "suite": "accounting", "name": f"q {q:g}, sigma {sigma:g}, steps {steps}, delta {delta:g}",
            "goal": None, "lower": ours["lower"], "upper": ours["upper"], "seconds": ours["seconds"],
            "accountants": figures}


def faults(entry):
    """What contradicts: bounds that exclude each other."""
    for name, other in entry["accountants"].items():
        if other["lower"] is not None and entry["upper"] < other["lower"]:
            yield f"{entry['name']}: {entry['upper']} is below the lower bound of {name}, {other['lower']}"
        if other["upper"] is not None and entry["lower"] > other["upper"]:
            yield f"{entry['name']}: {entry['lower']} is above the upper bound of {name}, {other['upper']}"
    renyi = entry["accountants"]["dp-accounting, RDP"]["upper"]
    if renyi is not None and entry["upper"] > renyi * (1 + 1e-9):
        yield f"{entry['name']}: {entry['upper']} is above dp-accounting's RDP, {renyi}"
    if not entry["lower"] <= entry["upper"]:
        yield f"{entry['name']}: {entry['lower']} is above {entry['upper']}"
