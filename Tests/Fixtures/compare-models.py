"""Compares ONNX models that were written again with what they were.

    python3 compare-models.py FIXTURES REWRITTEN

For every model in REWRITTEN: it passes onnx.checker, and ONNX Runtime gives for it the outputs that
FIXTURES records, up to 1e-5 of the largest. Every .npz there is read by NumPy and has the arrays of its
namesake.
"""

import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime

fixtures, rewritten = map(Path, sys.argv[1:])
failures = []
models = sorted(rewritten.glob("*.onnx"))
for path in models:
    onnx.checker.check_model(str(path), full_check=True)
    recorded = np.load(fixtures / f"{path.stem}.npz")
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = {k.removeprefix("input."): v for k, v in recorded.items() if k.startswith("input.")}
    names = [output.name for output in session.get_outputs()]
    for name, found in zip(names, session.run(names, inputs)):
        expected = recorded[f"output.{name}"]
        error = np.abs(found - expected).max() / np.abs(expected).max()
        if not error < 1e-5:
            failures.append(f"{path.name}: output {name} differs by {error}")
archives = sorted(rewritten.glob("*.npz"))
for path in archives:
    old, new = np.load(fixtures / path.name), np.load(path)
    if sorted(old) != sorted(new) or any(not np.array_equal(old[k], new[k]) for k in old):
        failures.append(f"{path.name}: its arrays differ")
print(f"{len(models)} models, {len(archives)} archives, {len(failures)} failures")
print("\n".join(failures))
sys.exit(1 if failures or not models or not archives else 0)
