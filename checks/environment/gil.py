"""The GIL: nobody forces it, it is off, and importing what the lock brings leaves it off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from checks.environment.environment import Environment
from checks.environment.imports import Import, Outcome, gather_imports
from checks.environment.interpreter import Build, gather_build
from checks.environment.packages import gather_installed, wanted_here
from checks.gil import culprit
from checks.suite import Failed, Found, Inconclusive, check

OFF = "the GIL off, with PYTHON_GIL unset"
SHOWN = 6
# Tools that look at another process from a process of their own, where the GIL is nobody's matter: package -> module.
TOOLS = {"pystack": "pystack._pystack"}


def judge_forced(environ: Mapping[str, str], gil_option: str | None) -> tuple[str, str] | None:
    """What forces the GIL and its value, or None. CPython reads neither an empty PYTHON_GIL nor one under -I."""
    if gil_option is not None:
        return "-X gil", gil_option
    if value := environ.get("PYTHON_GIL"):
        return "PYTHON_GIL", value
    return None


def word_forced(name: str, value: str) -> str:
    """Why a forced answer is no answer."""
    if value == "0":
        return f"{name}={value} keeps the GIL off by force: a module that is not safe without it is no longer noticed"
    return f"{name}={value} keeps the GIL on by force: threads take turns, and a module that needs it is not noticed"


@check("gil.forced", "Nothing forces the GIL on or off")
def forced(environment: Environment) -> str:
    """`unset PYTHON_GIL` (look in ~/.bashrc, ~/.profile and the container's settings), and give no `-X gil=...`.
    To see a program with the GIL, start that one alone with `python -X gil=1`, or take the kernel "GIL on"."""
    if by := judge_forced(environment.environ, environment.gil_option):
        raise Failed(word_forced(*by), expected="PYTHON_GIL unset and no -X gil: then Python itself says who needs it")
    return "PYTHON_GIL unset, no -X gil"


def judge_off(build: Build) -> str | None:
    """None if the GIL is off at the start; otherwise what turned it on, in words."""
    if not build.gil_on:
        return None
    if module := culprit([build.said]):
        return f"`{module}` turned the GIL on at the start of Python: a .pth file or sitecustomize imports it"
    return "the GIL is on at the start of Python, and nothing says why"


@check("gil.off", "The GIL is off in a fresh interpreter", requires=["python.build"])
def off(environment: Environment) -> str:
    """Look through the .pth files and sitecustomize.py of the lab environment, take out the line that imports the
    module, or run `./workshop up` to make the environment anew."""
    if fault := judge_off(gather_build(environment)):
        raise Failed(fault, expected=OFF)
    return "off, with PYTHON_GIL unset"


def judge_imports(imports: Sequence[Import]) -> list[str]:
    """One sentence a fault: each culprit once with what it came by, then what crashed, hung or did not import."""
    by_culprit: dict[str, list[str]] = {}
    for each in imports:
        if each.outcome is Outcome.GIL_ON and not is_tool(each):
            by_culprit.setdefault(each.module, []).append(each.distribution)
    turned_on = [
        f"`{module}` turned the GIL on (by importing {', '.join(distributions)})"
        for module, distributions in sorted(by_culprit.items())
    ]
    return turned_on + [_word_fault(each) for each in imports if each.outcome in _WORDS]


def is_tool(each: Import) -> bool:
    """Whether it is a tool's own module that turned the GIL on."""
    return TOOLS.get(each.distribution) == each.module


_WORDS = {
    Outcome.CRASHED: "importing `{module}` ({distribution}) crashed: {why}",
    Outcome.HUNG: "importing `{module}` ({distribution}) did not end in time",
    Outcome.NOT_IMPORTED: "`{module}` ({distribution}) cannot be imported: {why}",
}


def _word_fault(each: Import) -> str:
    return _WORDS[each.outcome].format(module=each.module, distribution=each.distribution, why=each.why)


def word_faults(faults: Sequence[str]) -> str:
    """The first faults, and how many more there are."""
    shown = "; ".join(faults[:SHOWN])
    return shown if len(faults) <= SHOWN else f"{shown}; and {len(faults) - SHOWN} more"


@check("gil.imports", "The GIL stays off after importing each package", requires=["gil.off", "lock.file"], limit_s=120)
def imports(environment: Environment) -> Found:
    """The named module does not declare that it runs without the GIL. Take a version of its package that does, or
    replace the package; do not set PYTHON_GIL=0, which only hides it. Where the module crashes, does not end or cannot
    be imported: `./workshop up` makes the environment anew."""
    locked = wanted_here(environment)
    distributions = [each for each in gather_installed(environment.site_packages) if each.name in locked]
    if not distributions:
        raise Inconclusive("none of the lock's packages is installed: there is nothing to import")
    tried = gather_imports(environment, distributions)
    if faults := judge_imports(tried):
        raise Failed(word_faults(faults), expected=OFF, details={"faults": faults})
    return Found(word_imports(tried), {"imported": {each.distribution: list(each.imported) for each in tried}})


def word_imports(imports: Sequence[Import]) -> str:
    """How many packages and modules left the GIL off, and which tools do not."""
    off = [each for each in imports if each.outcome is Outcome.GIL_OFF]
    modules = sum(len(each.imported) for each in off)
    text = f"off after each of {len(off)} packages ({modules} modules, with all extension modules)"
    tools = [each.distribution for each in imports if each.outcome is Outcome.GIL_ON]
    return text + (f"; on in {', '.join(tools)}, a tool: run it by itself, do not import it" if tools else "")
