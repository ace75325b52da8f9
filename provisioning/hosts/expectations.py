"""What each host of an inventory should be, as one task of the play says it: the role `expectations`.

The play fills in the templates and takes the roles' defaults; here nothing of Ansible is read a second time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from foundation.problem import Problem, wrong_input
from provisioning.hosts.inventory import Inventory
from provisioning.hosts.play import SITE, PlayResult, run_play

TAG = "expectations"  # of the role, and the name under which it says what it says


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What one host should be. `host` holds what the inventory decides of `provisioning.hosts.checks.host.Expected`.

    files: variable -> the file of this machine that it names, "" if it names none.
    """

    name: str
    connection: str
    host: Mapping[str, Any]
    lab_memory: str
    spare_percent: int
    files: Mapping[str, str]

    @property
    def url(self) -> str:
        """Where attendees find the host's hub."""
        return str(self.host["url"])

    @property
    def gpu_slots(self) -> str:
        """In the form of GPU_SLOTS of compose.yaml."""
        return str(self.host["gpu_slots"])

    def as_json(self, *, sessions: int = 1, rehearse: int = 0) -> dict[str, Any]:
        """What `Expected` is made of, for a host with so many seats."""
        asked = {"sessions": sessions, "rehearse": rehearse}
        return {"name": self.name, "connection": self.connection, **self.host, **asked}


def expectations(inventory: Inventory) -> dict[str, Expectation]:
    """What each host should be, by name; it takes a second or two, and no host is connected to.

    Raises Problem if a variable has no value, or one that cannot be.
    """
    result = run_play(
        inventory.path,
        SITE,
        inventory.names,
        tags=[TAG],
        skip_tags=["always"],  # which would connect to the hosts
        variables={"workshop_controller_dir": str(inventory.secrets)},
    )
    if not result.is_success:
        raise _unclear(inventory, result)
    connections = quote(str(inventory.path))
    return {
        name: Expectation(
            name=name, connection=f"ansible://{name}?ansible_inventory={connections}", **result.told[TAG][name]
        )
        for name in inventory.names
    }


def _unclear(inventory: Inventory, result: PlayResult) -> Problem:
    said = [f"{failure.host}: {failure.reason}" for failure in result.failures] or [result.said]
    return wrong_input(
        f"{inventory.path.name} does not say what its hosts should be:\n" + "\n".join(said),
        "a value for each variable that the roles read",
        "correct the variable in the inventory",
    )
