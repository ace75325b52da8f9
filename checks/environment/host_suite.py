"""All checks of a host in one suite, and the host itself, made of what the inventory says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from checks.environment import host, host_engine, host_gpu, host_hub, host_machine, host_ports
from checks.environment.host import Expected, Subject
from checks.environment.host_backends import Network, TestinfraHost
from checks.suite import Check, collect

MODULES = (host, host_machine, host_engine, host_gpu, host_ports, host_hub)


def suite(expected: Mapping[str, Any]) -> tuple[tuple[Check, ...], Subject]:
    """The checks, and the host that `expected` (an `Expected` as JSON) is about.

    ssh keeps its shared connection in the current folder, which is the supervisor's and goes with it.
    """
    wanted = Expected.from_json(expected)
    return collect(*MODULES), Subject(wanted, TestinfraHost(wanted.connection, Path.cwd()), Network())
