#!/usr/bin/env python3
"""Makes the table of Benchmarks/README.md from Benchmarks/results.json; --check says if it is stale."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE / "results.json"
DOCUMENT = HERE / "README.md"
BEGIN = "<!-- made by Benchmarks/table.py from results.json -->\n"
END = "<!-- end -->\n"
TITLES = {
    "assignment": "Assignment", "matching": "Matching by weights", "mechanisms": "Mechanisms",
    "networks": "Networks", "files": "ONNX files", "fuse": "A whole `fuse`, by phase",
    "memory": "Memory of `fuse`", "dp-sgd": "DP-SGD",
    "accounting": "Accounting of DP-SGD",
}


def duration(seconds):
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-9:.3g} ns"


def verdict(value, goal):
    if goal is None:
        return "-"
    return f"{goal:g}, {'met' if value <= goal else '**missed**'}"


def ratio(number):
    return f"{number:.2f}" if number >= 0.01 else f"{number:.2g}"


def rows(entry):
    """The lines of a comparison: one an opponent."""
    if not entry["opponents"]:
        yield [entry["name"], duration(entry["seconds"]["median"]), "-", "-", "-"]
    for name, side in entry["opponents"].items():
        yield [
            entry["name"], duration(entry["seconds"]["median"]),
            f"{name} {duration(side['seconds']['median'])}", ratio(side["ratio"]),
            verdict(side["ratio"], side.get("goal", entry["goal"])) + ("" if side["agrees"] else ", **results differ**")]


def gibibytes(count):
    return f"{count / 2 ** 30:.2f} GiB"


def phases(entry):
    return ", ".join(f"{phase} {duration(value)}" for phase, value in sorted(
        entry["phases"].items(), key=lambda item: -item[1]))


def figure(number):
    return "-" if number is None else f"{number:.5g}"


def accounts(entries):
    """Some settings with every side's figures, and how all of them compare."""
    names = list(entries[0]["accountants"])
    head = ["setting", "PrivFusion, lower", "upper", "time"]
    for name in names:
        head += [name, "time"]

    def shown(side):
        if side["upper"] is None:
            return "not in time"
        return figure(side["upper"]) if side["lower"] is None else (
            f"{figure(side['lower'])} to {figure(side['upper'])}")

    # The rest is in results.json.
    chosen = [entry for entry in entries if entry["name"].endswith("steps 1000, delta 1e-05")] or entries
    yield from lines_of(head, [
        [entry["name"], figure(entry["lower"]), figure(entry["upper"]), duration(entry["seconds"])]
        + [cell for name in names for cell in (
            shown(entry["accountants"][name]), duration(entry["accountants"][name]["seconds"]))]
        for entry in chosen])
    yield ""
    widest = max((entry["upper"] - entry["lower"]) / entry["upper"] for entry in entries)
    yield (f"Of all {len(entries)} settings, the widest interval of this project is {100 * widest:.2g} % "
           "of epsilon. Compared with the others' upper figures, and times as ratios:")
    yield ""
    body = []
    for name in names:
        sides = [(entry, entry["accountants"][name]) for entry in entries]
        known = [pair for pair in sides if pair[1]["upper"] is not None]
        ratios = sorted(entry["seconds"] / side["seconds"] for entry, side in sides)
        differences = [entry["upper"] / side["upper"] - 1 for entry, side in known if side["upper"] > 0]
        body.append([
            name, f"{len(known)}", f"{100 * min(differences):+.2g} % to {100 * max(differences):+.2g} %",
            f"{ratios[0]:.2g}", f"{ratios[len(ratios) // 2]:.2g}", f"{ratios[-1]:.2g}"])
    yield from lines_of(
        ["other", "settings in time", "this upper figure beside it", "least ratio", "median", "greatest"],
        body)


def summary(entry):
    if "accountants" in entry:
        return (f"{figure(entry['lower'])} to {figure(entry['upper'])} in {duration(entry['seconds'])}; "
                + ", ".join(f"{name} {figure(side['upper'])} in {duration(side['seconds'])}"
                            for name, side in entry["accountants"].items()))
    if "opponents" in entry:
        return "; ".join(" | ".join(row[1:]) for row in rows(entry))
    if "models" in entry:
        return (f"{entry['models']:.2f} models ({verdict(entry['models'], entry['goal'])}), "
                f"{duration(entry['seconds'])}")
    return f"{duration(entry['seconds'])}: {phases(entry)}"


def lines_of(head, body):
    yield "| " + " | ".join(head) + " |"
    yield "|---" * len(head) + "|"
    for row in body:
        yield "| " + " | ".join(row) + " |"


def section(suite, entries):
    if "opponents" in entries[0]:
        head = ["what", "PrivFusion", "other", "ratio", "goal"]
        return lines_of(head, [row for entry in entries for row in rows(entry)])
    if suite == "accounting":
        return accounts(entries)
    if suite == "memory":
        head = ["what", "a model", "`--plan`", "`fuse`", "difference in models", "goal"]
        return lines_of(head, [[
            entry["name"], f"{entry['modelBytes'] / 2 ** 20:.0f} MiB", gibibytes(entry["planBytes"]),
            gibibytes(entry["fuseBytes"]), f"{entry['models']:.2f}",
            verdict(entry["models"], entry["goal"])] for entry in entries])
    return lines_of(["what", "in all", "phases"], [
        [entry["name"], duration(entry["seconds"]), phases(entry)] for entry in entries])


def markdown(results):
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    dates = sorted(entry["measured"] for entry in results["entries"])
    loads = [entry["load"] for entry in results["entries"]]
    text = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['memory']}; {machine['system']}; "
        f"{machine['swift']}; {versions}."]
    if dates:
        text.append(
            f"Measured {dates[0]} to {dates[-1]} UTC, at a load of {min(loads):.1f} to {max(loads):.1f}.")
    for suite, title in TITLES.items():
        entries = [entry for entry in results["entries"] if entry["suite"] == suite]
        if entries:
            text += ["", f"### {title}", "", *section(suite, entries)]
    return "\n".join(text)


def generated():
    """The document as it should be."""
    text = DOCUMENT.read_text()
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        sys.exit(f"table.py: error: {DOCUMENT.name} lost its markers; put them back: {BEGIN}{END}")
    results = json.loads(RESULTS.read_text())
    return text[:begin] + BEGIN + "\n" + markdown(results) + "\n\n" + text[end:]


def update():
    DOCUMENT.write_text(generated())


if __name__ == "__main__":
    if sys.argv[1:] == ["--check"]:
        if generated() != DOCUMENT.read_text():
            sys.exit("table.py: error: Benchmarks/README.md is not what results.json gives\n"
                     "  try: python3 Benchmarks/table.py")
    else:
        update()
