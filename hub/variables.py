"""What the variables of compose.yaml ask for, checked at the hub's start: one message for whoever has mistyped one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network

from foundation.problem import ExitCode, Problem
from hub.gpus import require_sense
from hub.session_networks import ROOM

TARGETS = ("cpu", "gpu")
MEMORY = re.compile(r"[1-9][0-9]*[MG]")
NUMBER = re.compile(r"[0-9]+(\.[0-9]+)?")
MINUTE_S, HOUR_S = 60, 3600


@dataclass(frozen=True, slots=True)
class Variables:
    """The settings of one hub. `idle_s` and `longest_s` are 0 if sessions do not end by themselves."""

    name: str
    target: str
    image: str
    memory: str
    gpu_slots: str
    addresses: str
    idle_s: float
    longest_s: float

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Variables:
        """Raises Problem, which names the variable, where a value makes no sense."""
        target = _one_of(TARGETS, "LAB_TARGET", environment.get("LAB_TARGET") or "gpu")
        slots = environment.get("GPU_SLOTS") or ("" if target == "gpu" else "none")
        require_sense(slots)
        return cls(
            name=environment.get("WORKSHOP_NAME") or "gilfree",
            target=target,
            image=_given("LAB_IMAGE", environment),
            memory=_like(MEMORY, "LAB_MEMORY", environment.get("LAB_MEMORY") or "2G", "2G or 1500M"),
            gpu_slots=slots,
            addresses=_addresses(environment.get("LAB_ADDRESSES") or "10.213.0.0/16"),
            idle_s=_number("LAB_IDLE_MINUTES", environment.get("LAB_IDLE_MINUTES") or "240") * MINUTE_S,
            longest_s=_number("LAB_MAX_HOURS", environment.get("LAB_MAX_HOURS") or "12") * HOUR_S,
        )


def _given(name: str, environment: Mapping[str, str]) -> str:
    if not environment.get(name):
        raise Problem(
            f"{name} is not set",
            expected="the name of the labs' image, which compose.yaml gives",
            do="start the hub by ./workshop up or docker compose up",
            exit_code=ExitCode.USAGE,
        )
    return environment[name]


def _one_of(known: tuple[str, ...], name: str, value: str) -> str:
    if value not in known:
        raise _problem(name, value, f"one of {', '.join(known)}", f"{name}={known[0]}")
    return value


def _like(pattern: re.Pattern[str], name: str, value: str, example: str) -> str:
    if not pattern.fullmatch(value):
        raise _problem(name, value, f"something like {example}", f"{name}={example.partition(' ')[0]}")
    return value


def _number(name: str, value: str) -> float:
    return float(_like(NUMBER, name, value, "90 or 0.5; 0: never"))


def _addresses(value: str) -> str:
    try:
        fits = IPv4Network(value).prefixlen <= ROOM
    except ValueError:
        fits = False
    if not fits:
        raise _problem("LAB_ADDRESSES", value, f"a network of at most /{ROOM}", "LAB_ADDRESSES=10.213.0.0/16")
    return value


def _problem(name: str, value: str, expected: str, do: str) -> Problem:
    return Problem(
        f"{name} is {value!r}",
        expected=expected,
        do=f"in the environment, or in .env beside compose.yaml: {do}",
        exit_code=ExitCode.USAGE,
    )
