#!/usr/bin/env python3
"""Measures this project beside what a user would otherwise take, in one run.

    make bench                                  # everything, into Benchmarks/results.json
    make bench BENCH='--only assignment'        # one suite, or whatever has this in its name
    make bench BENCH=--quick                    # small sizes, to see that everything runs
    make bench BENCH=--resume                   # goes on where a run was interrupted

Every side is a process that has its inputs ready and runs once when told to. Sides take turns, so
that a busy moment of the machine meets them all; the ratio is the median over the turns. Threads,
types and inputs are the same, and what both sides computed must agree.
"""

import argparse
import datetime
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import accounting
import suite
import table

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / ".build/release"
PACKAGES = [
    "dp-accounting", "lapx", "numpy", "onnx", "opacus", "opendp", "POT", "prv-accountant", "pygmtools",
    "rebasin", "scipy", "torch"]
SUITES = [
    "assignment", "matching", "mechanisms", "networks", "files", "fuse", "memory", "dp-sgd", "accounting"]


def say(words):
    print(words, file=sys.stderr, flush=True)


class Side:
    """A process that runs one case once for every line it is sent."""

    def __init__(self, name, command, cores=None):
        self.name = name
        confine = (lambda: os.sched_setaffinity(0, range(cores))) if cores else None
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=confine)
        self.seconds, self.result = [], None
        self.read()

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"run.py: error: {self.name} ended with {self.process.wait()}")
        return json.loads(line)

    def run(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        answer = self.read()
        self.seconds.append(answer["seconds"])
        self.result = answer["result"]

    def end(self):
        self.process.kill()
        self.process.communicate()


def agree(case, ours, theirs):
    return len(ours) == len(theirs) and all(
        (b - a if case.quality else abs(a - b)) <= case.relative * abs(b) + case.absolute
        for a, b in zip(ours, theirs))


def compare(case, folder, options):
    parameters = dict(case.parameters(folder), threads=options.threads)
    sides = []
    try:
        sides.append(Side(
            "PrivFusion", [str(PROGRAMS / "Benchmarks"), case.case, json.dumps(parameters)],
            case.cores))
        for name, own in case.opponents.items():
            sides.append(Side(name, [
                sys.executable, str(suite.HERE / "sides.py"), case.case,
                json.dumps({**parameters, **own})]))
        agreed = {name: True for name in case.opponents}

        def turn():
            for side in sides:
                side.run()
            for side in sides[1:]:
                agreed[side.name] &= agree(case, sides[0].result, side.result)

        start = time.monotonic()
        turn()  # Caches and threads warm up; checked, not counted.
        first = time.monotonic() - start
        if first < 60 or options.quick:
            for side in sides:
                side.seconds.clear()
        turns = 1 if options.quick else 0 if first >= 60 else 3
        start = time.monotonic()
        while turns > 0 or (first < 60 and time.monotonic() - start < options.budget
                            and len(sides[0].seconds) < 101):
            turn()
            turns -= 1
    finally:
        for side in sides:
            side.end()
    ours = sides[0].seconds
    qualities = {"quality": {side.name: rounded(side.result[0]) for side in sides}} if case.quality else {}
    return {
        **qualities,
        "suite": case.suite, "name": case.name, "goal": case.goal, "turns": len(ours),
        "seconds": figures(ours),
        "opponents": {
            side.name: {
                "seconds": figures(side.seconds), "agrees": agreed[side.name],
                "ratio": rounded(statistics.median(a / b for a, b in zip(ours, side.seconds))),
                "goal": case.goals.get(side.name, case.goal)}
            for side in sides[1:]}}


def figures(seconds):
    return {"median": rounded(statistics.median(seconds)), "least": rounded(min(seconds))}


def rounded(number):
    return float(f"{number:.4g}")


def watched(command):
    """Runs a command; returns its output and the greatest anonymous memory that was seen, in bytes."""
    peak = 0
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        # What it prints fits into the pipes.
        while process.poll() is None:
            for line in Path(f"/proc/{process.pid}/status").read_text().splitlines():
                if line.startswith("RssAnon"):
                    peak = max(peak, int(line.split()[1]) * 1024)
            time.sleep(0.005)
    finally:
        process.kill()
        output, words = process.communicate()
    if process.returncode != 0:
        sys.exit(f"run.py: error: {' '.join(map(str, command))} ended with {process.returncode}:\n{words}")
    return output, peak


def fuse(case, folder):
    import numpy
    models = []
    for seed in range(case.models):
        path = folder / f"{case.network}-{seed}.onnx"
        models.append(suite.once(path, lambda path: suite.export(case.network, path, seed)))
    probe = folder / f"probe-{case.probes}.npz"
    suite.once(probe, lambda path: suite.batch(path, (3, 32, 32), case.probes))
    with numpy.load(probe) as arrays:
        only = folder / f"x-{case.probes}.npz"
        suite.once(only, lambda path: numpy.savez(path, x=arrays["x"]))
    command = [
        str(PROGRAMS / "privfusion"), "fuse", *models, "--probe", str(only), "--output",
        str(folder / "fused.onnx"), "--json", *case.flags]
    start = time.monotonic()
    output, peak = watched(command)
    seconds = time.monotonic() - start
    phases = json.loads(output)["seconds"]
    # Reading, the proof of the permutation groups, and writing.
    phases["files and proof"] = seconds - sum(phases.values())
    entry = {
        "suite": case.suite, "name": case.name, "seconds": rounded(seconds),
        "phases": {phase: rounded(value) for phase, value in phases.items()}}
    if case.goal is not None:
        plan = watched([*command, "--plan"])[1]
        size = os.path.getsize(models[0])
        entry.update(
            goal=case.goal, modelBytes=size, planBytes=plan, fuseBytes=peak,
            models=rounded((peak - plan) / size))
    return entry


def private_training(folder, options):
    """DP-SGD beside Opacus, which Benchmarks/dp-sgd.py measures, run by run in turn."""
    path = folder / "dp-sgd.json"
    command = [
        sys.executable, str(suite.HERE / "dp-sgd.py"), "--threads", str(options.threads), "--json", str(path)]
    if options.quick:
        command += ["--architecture", "mlp", "--runs", "1", "--steps", "10"]
    subprocess.run(command, check=True, stdout=sys.stderr)
    return json.loads(path.read_text())


def accountants(options):
    """Figures and times of the accountants, setting by setting in turn."""
    settings = accounting.grid(options.quick)
    parameters = {"settings": settings, "threads": options.threads}
    sides = {}
    try:
        sides["PrivFusion"] = Side(
            "PrivFusion", [str(PROGRAMS / "Benchmarks"), "accounting", json.dumps(parameters)])
        for name, accountant in accounting.OPPONENTS.items():
            sides[name] = Side(name, [
                sys.executable, str(suite.HERE / "sides.py"), "accounting",
                json.dumps({**parameters, "accountant": accountant})])
        entries = list(accounting.measure(settings, sides))
    finally:
        for side in sides.values():
            side.end()
    faults = [fault for entry in entries for fault in accounting.faults(entry)]
    if faults:
        sys.exit("run.py: error: accountants contradict each other:\n" + "\n".join(faults))
    return entries


def machine():
    def first(path, key):
        lines = Path(path).read_text().splitlines()
        return next((line.split(":", 1)[1].strip() for line in lines if line.startswith(key)), "unknown")

    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.splitlines()
    versions = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            pass
    return {
        "processor": first("/proc/cpuinfo", "model name"), "cores": os.cpu_count(),
        "memory": f"{round(os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2 ** 30)} GiB",
        "system": f"{platform.freedesktop_os_release()['PRETTY_NAME']}, Linux {platform.release()}",
        "swift": swift[0] if swift else "unknown", "versions": versions}


def same_machine(before, here):
    """Whether results stand beside others: packages that came since had no part in the earlier ones."""
    return {**before, "versions": {**here["versions"], **before["versions"]}} == here


def require_packages(suites):
    """Stops with the way out when a package is missing."""
    needed = {
        "assignment": ["scipy", "lapx", "POT"], "matching": ["torch", "rebasin", "pygmtools"],
        "mechanisms": ["opendp"], "networks": ["torch"], "files": ["torch", "onnx"],
        "fuse": ["torch"], "memory": ["torch"], "dp-sgd": ["torch", "opacus"],
        "accounting": ["dp-accounting", "prv-accountant"]}
    missing = []
    for package in sorted({name for suite_name in suites for name in needed.get(suite_name, [])}):
        try:
            metadata.version(package)
        except metadata.PackageNotFoundError:
            missing.append(package)
    if missing:
        sys.exit(
            f"run.py: error: Python packages are missing: {', '.join(missing)}\n"
            f"  {sys.executable} -m pip install --requirement scripts/bench-requirements.txt\n"
            "  or leave PYTHON out, and `make bench` installs them into .deps/python-bench")


def arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help=f"part of a name, or a suite: {', '.join(SUITES)}")
    parser.add_argument("--quick", action="store_true", help="small sizes, one turn")
    parser.add_argument("--resume", action="store_true", help="keep what the results file already has")
    parser.add_argument("--budget", type=float, default=20, help="seconds of a comparison (20)")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--output", type=Path, help="the results file")
    options = parser.parse_args()
    if options.output is None:
        options.output = (
            ROOT / ".build/benchmarks-quick.json" if options.quick else suite.HERE / "results.json")
    if options.quick:
        options.budget = 0
    return options


def main():
    options = arguments()
    chosen = []
    for case in suite.comparisons(options.quick):
        chosen.append((case.suite, case.name, lambda folder, case=case: [compare(case, folder, options)]))
    for case in [*suite.fusions(options.quick), *suite.memories(options.quick)]:
        chosen.append((case.suite, case.name, lambda folder, case=case: [fuse(case, folder)]))
    chosen.append(("dp-sgd", "DP-SGD", lambda folder: private_training(folder, options)))
    chosen.append(("accounting", "accounting", lambda folder: accountants(options)))
    known = {item[:2] for item in chosen}
    chosen = [item for item in chosen if options.only in f"{item[0]}: {item[1]}"]
    if not chosen:
        sys.exit(f"run.py: error: nothing is called {options.only!r}; suites: {', '.join(SUITES)}")
    require_packages({item[0] for item in chosen})
    # An end from outside ends the sides and removes the files too.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    # Before any library starts its threads: idle ones must not spin beside the other side's.
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")

    here = machine()
    say(", ".join(f"{name} {version}" for name, version in here["versions"].items()))
    entries = []
    if (options.resume or options.only) and options.output.exists():
        before = json.loads(options.output.read_text())
        if same_machine(before["machine"], here):
            entries = [
                entry for entry in before["entries"]
                if entry["suite"] in ("dp-sgd", "accounting") or (entry["suite"], entry["name"]) in known]
        else:
            say("run.py: the results file is another machine's, or of other versions; it is replaced")
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as scratch:
        for number, (name, title, run) in enumerate(chosen, 1):
            if options.resume and any(
                    entry["suite"] == name and title in ("DP-SGD", "accounting", entry["name"]) for entry in entries):
                continue
            say(f"[{number}/{len(chosen)}] {name}: {title}")
            fresh = run(Path(scratch))
            date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M")
            for entry in fresh:
                entry.update(measured=date, load=rounded(os.getloadavg()[0]))
                entries = [
                    old for old in entries
                    if (old["suite"], old["name"]) != (entry["suite"], entry["name"])] + [entry]
                say("    " + table.summary(entry))
            entries.sort(key=lambda entry: SUITES.index(entry["suite"]))
            options.output.parent.mkdir(parents=True, exist_ok=True)
            partial = options.output.with_suffix(".partial")
            partial.write_text(json.dumps({"machine": here, "entries": entries}, indent=1) + "\n")
            partial.replace(options.output)
    print(table.markdown({"machine": here, "entries": entries}))
    if not options.quick and options.output == table.RESULTS:
        table.update()
    wrong = [
        f"{entry['name']} ({name})" for entry in entries
        for name, side in entry.get("opponents", {}).items() if not side["agrees"]]
    if wrong:
        sys.exit(f"run.py: error: the sides did not compute the same: {', '.join(wrong)}")


main()
