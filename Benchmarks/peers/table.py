"""The tables of the article Peers, made from peers.json."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
RESULTS = HERE / "peers.json"
DOCUMENT = HERE.parent / "Sources/PrivFusion/PrivFusion.docc/Peers.md"
BEGIN = "<!-- made by Benchmarks/peers.py from peers.json -->\n"
END = "<!-- end -->\n"
REFERENCES = ["parties' mean", "best party", "ensemble"]
REBASIN = ("rebasin", "rebasin MergeMany")
#: A table's title, our sides and the peers'.
TABLES = [
    ("With the probe", ["fuse", "fuse --no-filter"],
     ["plain average", "rebasin", "rebasin MergeMany", "OTFusion weights", "OTFusion activations",
      "pygmtools"]),
    ("Without a probe", ["fuse, no probe"],
     [f"{name}, no probe" for name in
      ["plain average", "rebasin", "rebasin MergeMany", "OTFusion weights", "pygmtools"]]),
]


def cell(entry, name):
    """The mean over the seeds, and the smallest where there are several."""
    side = entry["sides"][name]
    if isinstance(side, str):
        return "-"
    text = f"{sum(side) / len(side):.1f}"
    if len(side) > 1 and name not in REFERENCES:
        text += f" ({min(side):.1f})"
    changed = entry["rebasin changes the function"] and name.split(",")[0] in REBASIN
    return text + ("*" if changed else "")


def verdict(entry, mine):
    """Whether ours is at least equal to every peer that ran: not behind by over one standard error."""
    behind = [(difference + error, name, difference, error) for name, (difference, error)
              in entry["differences"][mine].items() if difference < -error]
    if not behind:
        return "at least equal"
    _, name, difference, error = min(behind)
    return f"**lost** to {name.split(',')[0]} by {-difference:.1f} ± {error:.1f}"


def lines_of(head, body):
    yield "| " + " | ".join(head) + " |"
    yield "|---" * len(head) + "|"
    for row in body:
        yield "| " + " | ".join(row) + " |"


def won(rows, mine):
    count = sum(verdict(entry, mine) == "at least equal" for entry in rows)
    return f"`{mine.split(',')[0]}` is at least equal to every peer in {count} of {len(rows)} rows."


def markdown(results):
    rows = results["rows"]
    versions = ", ".join(f"{name} {version}" for name, version in results["versions"].items())
    yield f"Measured {results['date']} with {versions}."
    for title, sides, peers in TABLES:
        shown = [*REFERENCES, *sides, *peers] if peers[0] == "plain average" else [*sides, *peers]
        yield ""
        yield f"### {title}"
        yield ""
        head = ["network", "data", "n", "seeds", *(name.split(",")[0] for name in shown),
                *(f"`{mine.split(',')[0]}` beside the peers" for mine in sides)]
        yield from lines_of(head, [
            [entry["network"], entry["split"], str(entry["parties"]), str(len(entry["seeds"])),
             *(cell(entry, name) for name in shown), *(verdict(entry, mine) for mine in sides)]
            for entry in rows])
        yield ""
        yield " ".join(won(rows, mine) for mine in sides)
    reasons = sorted({(entry["network"], name, side) for entry in rows
                      for name, side in entry["sides"].items()
                      if isinstance(side, str) and not name.endswith("no probe")})
    yield ""
    yield "What does not run, `-` above: " + "; ".join(
        f"{name} on {kind} ({side})" for kind, name, side in reasons) + "."


def generated():
    """The article as it should be."""
    text = DOCUMENT.read_text()
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        sys.exit(f"peers.py: error: {DOCUMENT.name} lost its markers; put them back: {BEGIN}{END}")
    results = json.loads(RESULTS.read_text())
    return text[:begin] + BEGIN + "\n" + "\n".join(markdown(results)) + "\n\n" + text[end:]


def update(check=False):
    if not check:
        DOCUMENT.write_text(generated())
    elif generated() != DOCUMENT.read_text():
        sys.exit("peers.py: error: the article Peers is not what peers.json gives\n"
                 "  try: python3 Benchmarks/peers.py --table")
