"""All checks of a host in one suite, and the host itself, made of what the inventory says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checks.suite import Check, collect
from provisioning.hosts.checks import engine, gpu, host, hub, ports, system
from provisioning.hosts.checks.backends import Network, TestinfraHost
from provisioning.hosts.checks.host import Expected, Subject

MODULES = (host, system, engine, gpu, ports, hub)


def suite(expected: Mapping[str, Any]) -> tuple[tuple[Check, ...], Subject]:
    """The checks, and the host that `expected` (an `Expected` as JSON) is about.

    ssh keeps its shared connection in the current folder, which is the supervisor's and goes with it.
    """
    wanted = Expected.from_json(expected)
    return collect(*MODULES), Subject(wanted, TestinfraHost(wanted.connection, Path.cwd()), Network())
