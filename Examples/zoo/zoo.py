#!/usr/bin/env python3
"""Exports real architectures at random weights, and proves their permutation groups.

    make zoo                                     # everything (hours on two cores)
    make zoo ZOO='--only resnet50'               # the model or family of this name
    make zoo ZOO='--json zoo.json'               # keeps what was found

A model at a time is written to a temporary folder, inspected by `privfusion inspect --json` under a
limit of time and memory, and deleted. It passes if it has groups and each one is proved: permuting
all groups leaves the outputs as they are, and leaving out any single axis of any group does not.
`expected.json` says what must come out; the exit code is 1 if that is not what is found.
"""

import argparse
import importlib
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import table

HERE = Path(__file__).resolve().parent
PRIVFUSION = HERE.parent.parent / ".build/release/privfusion"
MODULES = ["torchvision_models", "family_models", "transformer_models", "wheel_models"]
EXPECTED = HERE / "expected.json"


def say(words):
    print(words, file=sys.stderr, flush=True)


def limit_memory(gigabytes):
    """Lets this process and its children ask for so much memory and no more."""
    size = int(gigabytes * 2**30)
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))


def quietly(make, path, gigabytes):
    """Runs in a process of its own, so that what an exporter holds is given back after it."""
    limit_memory(gigabytes)
    words = open(path.parent / "export.log", "w")
    os.dup2(words.fileno(), 1)
    os.dup2(words.fileno(), 2)
    make(path)


def export(case, path, seconds, gigabytes):
    """Writes the model; returns why it could not be."""
    context = multiprocessing.get_context("fork")
    process = context.Process(target=quietly, args=(case.make, path, gigabytes))
    process.start()
    process.join(seconds)
    if process.is_alive():
        process.kill()
        process.join()
        return f"the export took longer than {seconds} s"
    if process.exitcode != 0 or not path.exists():
        log = path.parent / "export.log"
        lines = log.read_text().strip().splitlines() if log.exists() else []
        return f"the export failed: {lines[-1] if lines else process.exitcode}"
    return None


def inspect(privfusion, case, path, seconds, gigabytes):
    """What `privfusion inspect` found, or the words of its refusal."""
    command = [str(privfusion), "inspect", path.name, "--json", *case.arguments]
    start = time.monotonic()
    try:
        run = subprocess.run(
            command, cwd=path.parent, capture_output=True, text=True, timeout=seconds,
            preexec_fn=lambda: limit_memory(gigabytes))
    except subprocess.TimeoutExpired:
        return {"refused": f"took longer than {seconds} s"}
    took = round(time.monotonic() - start, 1)
    if run.returncode != 0:
        words = run.stderr.replace(str(path), path.name).strip()
        return {"refused": words or f"ended with {run.returncode}", "seconds": took}
    report = json.loads(run.stdout)
    groups = report["groups"]
    return {
        "operatorSet": report["operator_set"],
        "parameters": report["parameters"],
        "groups": len(groups),
        "proved": sum(group["proved"] for group in groups),
        "share": round(report["permutable_parameters"] / max(report["parameters"], 1), 4),
        "seconds": took,
    }


def passes(found):
    return found.get("groups", 0) > 0 and found["proved"] == found["groups"]


def line(name, found):
    if "refused" in found:
        return f"{name:34} REFUSED {found['refused']}"
    return (
        f"{name:34} {found['parameters']:>12,} parameters {found['proved']:>4} of "
        f"{found['groups']:>4} groups proved {100 * found['share']:6.2f} % permutable "
        f"{found['seconds']:7.1f} s")


def broken(expected, found):
    """How what was found falls short of what is expected; `None` where it does not."""
    if "refused" in expected:
        words = found.get("refused", "")
        return None if expected["refused"] in words else (
            f"expected a refusal that says '{expected['refused']}'")
    if not passes(found):
        return "expected every group to be proved"
    for key in ["groups", "share"]:
        if found[key] < expected[key]:
            return f"expected {key} of at least {expected[key]}, got {found[key]}"
    return None


def cases():
    for name in MODULES:
        if (HERE / f"{name}.py").exists():
            yield from importlib.import_module(name).cases()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--only", action="append", metavar="WORD", help="a model or family")
    parser.add_argument("--list", action="store_true", help="name the models and stop")
    parser.add_argument("--json", type=Path, metavar="FILE", help="what was found; added to")
    parser.add_argument("--resume", action="store_true", help="skip what the --json file holds")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="a table of the --json file")
    parser.add_argument("--seconds", type=int, default=600, help="for one model (600)")
    parser.add_argument("--gigabytes", type=float, default=16, help="for one model (16)")
    parser.add_argument(
        "--command", type=Path, metavar="FILE", default=PRIVFUSION, help="the privfusion to run")
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="leave the ONNX files here")
    chosen = parser.parse_args()
    if (chosen.resume or chosen.markdown) and not chosen.json:
        parser.error("--resume and --markdown need --json FILE")
    return chosen


def main():
    chosen = arguments()
    found = {}
    if chosen.json and chosen.json.exists():
        found = json.loads(chosen.json.read_text())
    expected = json.loads(EXPECTED.read_text()) if EXPECTED.exists() else {}
    shortfalls = []
    for case in cases():
        words = chosen.only
        if words and not any(word in (case.name, case.family) for word in words):
            continue
        if chosen.list:
            print(f"{case.family:14} {case.name}")
            continue
        if not (chosen.resume and case.name in found):
            with tempfile.TemporaryDirectory(prefix="privfusion-zoo-") as folder:
                path = Path(chosen.keep or folder).resolve() / f"{case.name}.onnx"
                path.parent.mkdir(parents=True, exist_ok=True)
                reason = export(case, path, chosen.seconds, chosen.gigabytes)
                result = (
                    {"refused": reason} if reason
                    else inspect(chosen.command, case, path, chosen.seconds, chosen.gigabytes))
            found[case.name] = {"family": case.family} | result
            print(line(case.name, result), flush=True)
            if chosen.json:
                chosen.json.write_text(json.dumps(found, indent=1) + "\n")
        if case.name in expected and (why := broken(expected[case.name], found[case.name])):
            shortfalls.append(f"{case.name}: {why}")
    if chosen.markdown:
        chosen.markdown.write_text(table.markdown(found))
    for words in shortfalls:
        say(f"zoo.py: error: {words}")
    sys.exit(1 if shortfalls else 0)


if __name__ == "__main__":
    main()
