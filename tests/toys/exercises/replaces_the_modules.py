"""Wrong, and puts a module of its own in the place of one of the checks."""

import sys
from types import ModuleType

sys.modules["checks.oracles.answers"] = ModuleType("checks.oracles.answers")


def answer() -> int:
    return 41
