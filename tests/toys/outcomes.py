"""A check for each way to end."""

from __future__ import annotations

import os

from checks.suite import Failed, Found, Inconclusive, Skipped, check


@check("gone", "The process goes away")
def gone(_subject: object) -> str:
    """Stay."""
    os._exit(3)


@check("pass", "Passes")
def passes(_subject: object) -> Found:
    """Nothing to do."""
    return Found("all is well", {"figure": 1})


@check("fail", "Fails", requires=["pass"])
def fails(_subject: object) -> str:
    """Make it two."""
    raise Failed("found one", expected="two", details={"figure": 2})


@check("skipped", "Is skipped")
def skips(_subject: object) -> str:
    """Nothing to do."""
    raise Skipped("there is no such device here")


@check("inconclusive", "Cannot say")
def cannot_say(_subject: object) -> str:
    """Try again."""
    raise Inconclusive("this machine is too busy")


@check("blocked", "Is blocked", requires=["fail"])
def blocked(_subject: object) -> str:
    """Never shown."""
    raise AssertionError


@check("broken", "Breaks")
def breaks(_subject: object) -> str:
    """Never shown."""
    raise ZeroDivisionError("the check divides by zero")


@check("speechless", "Finds nothing to say")
def speechless(_subject: object) -> str:
    """Never shown."""
    return None  # type: ignore[return-value]


@check("untravelled", "Has figures that cannot travel")
def untravelled(_subject: object) -> Found:
    """Never shown."""
    return Found("figures", {"figure": object()})
