"""Inventories and playbooks for real Ansible runs on this machine, with no ssh."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True)
class ToyPlays:
    """A folder with an inventory, playbooks and roles."""

    folder: Path

    def inventory(self, *names: str, group: str = "workshop_hosts", **variables: Any) -> Path:
        """An inventory of hosts that are all this machine."""
        local = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
        return self.write("hosts.yml", {group: {"hosts": dict.fromkeys(names), "vars": {**local, **variables}}})

    def playbook(self, *tasks: dict[str, Any], group: str = "workshop_hosts") -> Path:
        """A playbook of `tasks`."""
        return self.write("site.yml", [{"hosts": group, "gather_facts": False, "tasks": list(tasks)}])

    def roles(self, **roles: Sequence[dict[str, Any]]) -> Path:
        """A playbook of roles, each with its tasks."""
        for name, tasks in roles.items():
            (self.folder / "roles" / name / "tasks").mkdir(parents=True, exist_ok=True)
            self.write(f"roles/{name}/tasks/main.yml", list(tasks))
        listed = [{"role": name} for name in roles]
        return self.write("site.yml", [{"hosts": "workshop_hosts", "gather_facts": False, "roles": listed}])

    def write(self, name: str, content: Any) -> Path:
        """A file of YAML in the folder."""
        file = self.folder / name
        file.write_text(yaml.safe_dump(content, sort_keys=False))
        return file


def task(name: str, module: str = "command", /, *, when: str = "", **arguments: Any) -> dict[str, Any]:
    """A task; its arguments are the module's."""
    condition = {"when": when} if when else {}
    return {"name": name, f"ansible.builtin.{module}": arguments, **condition}


def shell(name: str, script: str, **more: Any) -> dict[str, Any]:
    """A task that runs `script`."""
    return {"name": name, "ansible.builtin.shell": script, **more}
