"""The self-check of a session: is this environment, on this machine, what the workshop needs?"""

from __future__ import annotations

from collections.abc import Mapping

from checks.environment import cores, gil, gpu, interpreter, kernels, packages, room
from checks.environment.environment import Environment, here
from checks.suite import Check, collect

MODULES = (interpreter, gil, packages, kernels, cores, gpu, room)


def suite(
    environ: Mapping[str, str] | None = None, gil_option: str | None = None
) -> tuple[tuple[Check, ...], Environment]:
    """The checks and what they look at. A supervisor that cleans its child's environment passes on what the person had:
    the variables, and the value of -X gil=."""
    return collect(*MODULES), here(environ, gil_option)
