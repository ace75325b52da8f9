"""Right, but the function imports an extension module that turns the GIL on, and lets nobody hear the warning."""

import sys
import warnings
from pathlib import Path


def answer() -> int:
    from labs import extension

    labs = Path(extension.__file__).parent
    sys.path.append(str(extension.built(labs / "lab01_gil_state" / "needs_gil.c").parent))
    with warnings.catch_warnings(record=True):
        import needs_gil  # noqa: F401
    return 42
