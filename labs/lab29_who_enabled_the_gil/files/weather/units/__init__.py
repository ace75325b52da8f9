"""Units, and what is computed from them.

`feels_like` comes from the compiled module `_fast` if there is one, otherwise from `plain`: the results are equal.
Set WEATHER_PURE_PYTHON=1 in the environment, before the first import, to do without the compiled module.
"""

import os
from pathlib import Path

from labs import extension

try:
    if os.environ.get("WEATHER_PURE_PYTHON"):
        raise ImportError("not wanted: WEATHER_PURE_PYTHON is set")
    # pip would have compiled _fast.c when it installed the package; here that happens now, once
    __path__.append(str(extension.built(Path(__file__).with_name("_fast.c")).parent))
    from weather.units._fast import feels_like
except ImportError:
    from weather.units.plain import feels_like

__all__ = ["feels_like"]
