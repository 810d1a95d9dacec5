"""A model of the zoo: a name, and how to write it as an ONNX file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Case:
    """One model that `zoo.py` inspects.

    A module of cases has a function `cases()` that yields them; it makes nothing until `make` is
    called, and it may be imported without the packages that `make` needs.
    """

    #: Unique in the zoo; letters, digits, `_`, `-` and `.`.
    name: str
    #: Writes the model to this path, which ends in `.onnx`; it may put further files beside it.
    make: Callable[[Path], None]
    #: What the table is ordered by, such as `residual` or `recurrent`.
    family: str = ""
    #: Further arguments of `privfusion inspect`, such as `--probe inputs.npz`; paths are relative to
    #: the folder that `make` writes to.
    arguments: tuple[str, ...] = ()
