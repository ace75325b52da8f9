"""What variables the roles read, and which of the given ones none reads."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import yaml


def role_options(roles: str) -> list[dict[str, Any]]:
    """Of each role in the folder `roles` its name and, from its meta/argument_specs.yml, its options."""
    files = sorted(Path(roles).glob("*/meta/argument_specs.yml"))
    return [{"role": file.parent.parent.name, "options": _options(file)} for file in files]


def unknown_variables(given: Iterable[str], roles: Iterable[Mapping[str, Any]]) -> list[str]:
    """Those of the `given` names that no role reads, with a name that was probably meant."""
    known = {name for role in roles for name in role["options"]}
    return [_with_near_name(name, known) for name in sorted(set(given) - known)]


def _options(file: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))["argument_specs"]["main"].get(
        "options", {}
    )
    return found


def _with_near_name(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.8)
    return f"{name} (is {near[0]} meant?)" if near else name


class FilterModule:
    """What Ansible asks for filters."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """Their names in playbooks."""
        return {"role_options": role_options, "unknown_variables": unknown_variables}
