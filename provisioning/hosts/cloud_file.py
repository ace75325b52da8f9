"""The cloud file: what to rent, where, for which workshop. It names a file of credentials and holds none."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml

from foundation.problem import wrong_input
from provisioning.hosts.inventory import read_moment, require_name
from provisioning.hosts.play import ANSIBLE
from provisioning.hosts.prices import Price

EXAMPLE = ANSIBLE / "cloud.example.yml"
MOST_HOSTS = 50
BEGIN = "cp provisioning/ansible/cloud.example.yml cloud.yml, and fill it in"


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """What the file says. `driver` is libcloud's name of a provider, `options` are its driver's, `create` are those of
    its create_node; `variables` go to the inventory."""

    path: Path
    workshop_name: str
    workshop_expires: str
    hosts: int
    driver: str
    size: str
    image: str
    credentials: str
    options: Mapping[str, Any] = field(default_factory=dict)
    create: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, Any] = field(default_factory=dict)
    price: str = ""

    @property
    def expires(self) -> datetime:
        """The end of the workshop."""
        moment = read_moment(self.workshop_expires, f"workshop_expires in {self.path}")
        if moment is None:
            raise wrong_input(
                f"{self.path} has no workshop_expires", "when the hosts are given back at the latest", BEGIN
            )
        return moment

    @property
    def given_price(self) -> Price | None:
        """What a host costs an hour, where the file says it."""
        return Price.read(self.price) if self.price else None

    def secrets(self) -> Mapping[str, str]:
        """The credentials: arguments of the driver. Raises Problem if others on this machine can read them."""
        file = self.path.parent / Path(self.credentials).expanduser()
        try:
            mode = file.stat().st_mode
            found = yaml.safe_load(file.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no YAML"  # a parser quotes what it reads
            raise wrong_input(f"{file} cannot be read: {why}", "a file with `key:` and `secret:`", BEGIN) from None
        if mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise wrong_input(
                f"{file} can be read by others", "a file of credentials with mode 0600", f"chmod 600 {file}"
            )
        if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()):
            raise wrong_input(f"{file} holds no credentials", "lines such as `key: ...` and `secret: ...`", BEGIN)
        return found


def read(path: Path) -> Cloud:
    """The cloud file `path`. Raises Problem where it is none."""
    try:
        said = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise wrong_input(f"{path}: no such file", "a cloud file", BEGIN) from error
    except (OSError, yaml.YAMLError) as error:
        raise wrong_input(f"{path} cannot be read: {error}", "a cloud file", f"see {EXAMPLE.name}") from error
    if not isinstance(said, dict):
        raise wrong_input(f"{path} holds no settings", "a cloud file", f"see {EXAMPLE.name}")
    known = [each.name for each in fields(Cloud) if each.name != "path"]
    for name in said.keys() - set(known):
        near = get_close_matches(str(name), known, n=1)
        raise wrong_input(
            f"{path} sets {name}, which nothing reads", f"one of {', '.join(known)}", *near or ["remove it"]
        )
    try:
        cloud = Cloud(path=path.absolute(), **{**said, "workshop_expires": str(said["workshop_expires"])})
    except (TypeError, KeyError) as error:
        lacking = str(error).partition("argument")[2].lstrip("s: ") or error
        raise wrong_input(f"{path} lacks {lacking}", "all that the example has", f"see {EXAMPLE}") from error
    require_name(cloud.workshop_name, path)
    if not isinstance(cloud.hosts, int) or not 1 <= cloud.hosts <= MOST_HOSTS:
        raise wrong_input(f"hosts is {cloud.hosts!r} in {path}", f"a number from 1 to {MOST_HOSTS}", "correct it")
    return cloud
