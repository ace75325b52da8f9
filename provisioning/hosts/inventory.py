"""The inventory, as Ansible's own parser reads it, and whether a workshop can be made of it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from foundation.problem import wrong_input
from provisioning.here.place import Place
from provisioning.hosts.play import ANSIBLE
from provisioning.hosts.prices import Price

GROUP = "workshop_hosts"
EXAMPLE = ANSIBLE / "hosts.example.yml"
PREFIX = "workshop_"
NAME = r"[a-z][a-z0-9-]{0,39}"
READ_LIMIT_S = 60
BEGIN = "cp provisioning/ansible/hosts.example.yml hosts.yml, and fill in your hosts"


@dataclass(frozen=True, slots=True)
class WorkshopHost:
    """A host of the inventory, with the variables that Ansible gives it; templates in them are not filled in."""

    name: str
    variables: Mapping[str, Any]

    @property
    def address(self) -> str:
        """Where it is reached."""
        return str(self.variables.get("ansible_host") or self.name)

    def text(self, variable: str, default: str = "") -> str:
        """The value of `variable` as text."""
        value = self.variables.get(variable)
        return default if value is None else str(value)

    @property
    def price(self) -> Price | None:
        """What it costs an hour, where the inventory says it."""
        text = self.text("workshop_hourly_price")
        return Price.read(text) if text else None


@dataclass(frozen=True)
class Inventory:
    """One workshop's hosts, one or more, in the order of the file."""

    path: Path
    hosts: tuple[WorkshopHost, ...]

    @property
    def names(self) -> list[str]:
        """The hosts' names."""
        return [host.name for host in self.hosts]

    @cached_property
    def workshop(self) -> str:
        """workshop_name, the same on all hosts. Raises Problem where it is missing or cannot be part of other names."""
        return require_name(self.shared("workshop_name"), self.path)

    @cached_property
    def expires(self) -> datetime | None:
        """workshop_expires, with its zone; None if there is none."""
        return read_moment(self.shared("workshop_expires"), f"workshop_expires in {self.path}")

    def shared(self, variable: str) -> str:
        """The value that all hosts have of `variable`. Raises Problem if they differ."""
        values = {host.text(variable) for host in self.hosts}
        if len(values) > 1:
            raise wrong_input(
                f"{variable} is {' and '.join(repr(value) for value in sorted(values))}",
                "one value for all hosts: one inventory is one workshop",
                f"write {variable} once in {self.path}, below vars of {GROUP}",
            )
        return values.pop()

    @cached_property
    def secrets(self) -> Path:
        """The organiser's folder of this workshop, readable by this user only: seat codes, certificates, logs.

        In the state folder, or where workshop_controller_dir says.
        """
        own = self.shared("workshop_controller_dir")
        usual = Path("provision") / self.workshop
        folder = self.path.parent / Path(own).expanduser() if own else Place.from_environment().state / usual
        for each in reversed([folder, *folder.parents]):
            each.mkdir(mode=0o700, exist_ok=True)
        return folder


def read(path: Path | None) -> Inventory:
    """The inventory in the file `path`. Raises Problem if there is none, or no host of a workshop in it."""
    if path is None:
        raise wrong_input("no inventory was named", "-i and a file with your hosts", BEGIN)
    if not path.exists():
        raise wrong_input(f"{path}: no such file", "an Ansible inventory with your hosts", BEGIN)
    listed = _listed(path)
    variables = listed.get("_meta", {}).get("hostvars", {})
    names = list(dict.fromkeys(_members(listed, GROUP)))
    if not names:
        raise wrong_input(f"{path} has no host in a group {GROUP}", "the workshop's hosts in it", f"see {EXAMPLE.name}")
    return Inventory(path.absolute(), tuple(WorkshopHost(name, variables.get(name, {})) for name in names))


def judge(inventory: Inventory, now: datetime) -> None:
    """Raise Problem if this inventory cannot be applied, whatever its hosts are like."""
    given = {name for host in inventory.hosts for name in host.variables if name.startswith(PREFIX)}
    known = known_variables()
    unknown = sorted(given - known)
    if unknown:
        near = {name: get_close_matches(name, known, n=1) for name in unknown}
        meant = [f"{name}: did you mean {found[0]}?" for name, found in near.items() if found]
        raise wrong_input(
            f"{inventory.path.name} sets {', '.join(unknown)}, which nothing reads",
            "variables that a role has, see provisioning/ansible/roles/*/README.md",
            "\n".join(meant) or "remove it",
        )
    inventory.workshop  # noqa: B018 - raises if it cannot be
    if inventory.expires and inventory.expires <= now:
        raise wrong_input(
            f"the workshop {inventory.workshop} ended at {inventory.expires:%Y-%m-%d %H:%M %Z}",
            "workshop_expires in the future",
            f"./workshop provision extend 8h -i {inventory.path.name}",
        )


def known_variables() -> set[str]:
    """The names that the roles' argument_specs.yml declare."""
    files = ANSIBLE.glob("roles/*/meta/argument_specs.yml")
    specs = [yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]["main"] for file in files]
    return {name for spec in specs for name in spec.get("options") or {}}


def require_name(name: str, path: Path) -> str:
    """The workshop's `name`, which `path` says. Raises Problem if it cannot be part of other names."""
    if not re.fullmatch(NAME, name):
        raise wrong_input(
            f"workshop_name is {name!r}",
            "a letter a-z, then letters, digits and dashes, at most 40 in all",
            f"correct workshop_name in {path}",
        )
    return name


def read_moment(text: str, what: str) -> datetime | None:
    """The moment that `text` names in ISO 8601; None where it is empty. Raises Problem where it is none."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        example = datetime.now(UTC).replace(microsecond=0).isoformat()
        raise wrong_input(f"{what} is {text!r}", f"date, time and zone, such as {example}", "correct it, in quotes")
    return moment


def now() -> datetime:
    """This moment, with its zone."""
    return datetime.now(UTC)


def _listed(path: Path) -> dict[str, Any]:
    """What `ansible-inventory --list` says of `path`. Raises Problem if Ansible cannot read it."""
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "-i", str(path.absolute()), "--list"]
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "ANSIBLE_CONFIG": str(ANSIBLE / "ansible.cfg")}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=READ_LIMIT_S)
    if done.returncode:
        said = "\n".join(line for line in done.stderr.splitlines() if line.strip())
        raise wrong_input(
            f"{path} cannot be read as an inventory:\n{said}", "an Ansible inventory", f"see {EXAMPLE.name}"
        )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _members(listed: Mapping[str, Any], group: str) -> Iterator[str]:
    """The hosts of `group` and of the groups below it."""
    found = listed.get(group, {})
    yield from found.get("hosts", [])
    for child in found.get("children", []):
        yield from _members(listed, child)
