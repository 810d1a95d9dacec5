"""Our side: `privfusion fuse` on the ONNX files of the checkpoints."""

import subprocess

import numpy as np
import onnxruntime

#: What `fuse` is given beside models and output.
SIDES = {
    "fuse": ["--probe", "probe.npz"],
    "fuse --no-filter": ["--probe", "probe.npz", "--no-filter"],
    "fuse, no probe": [],
}
PROBELESS = ["fuse, no probe"]


def fused(tool, work, paths, flags):
    """The path of the fused model."""
    output = work / "fused.onnx"
    done = subprocess.run(
        [tool, "fuse", *(path.with_suffix(".onnx") for path in paths), "--no-privacy",
         "--no-comparison", "--output", output, *flags],
        cwd=work, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"privfusion fuse {' '.join(flags)}: {done.stderr}")
    return output


def logits(path, x):
    """The outputs [count, 10] of an ONNX file, by ONNX Runtime on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    return np.concatenate([
        session.run(None, {"x": part.numpy()})[0] for part in x.split(1000)])
