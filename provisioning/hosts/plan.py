"""`plan` and `apply`: what would be done to the hosts of an inventory, and doing it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import yaml

from foundation.lock import locked
from foundation.problem import ExitCode
from foundation.steps import Steps, duration
from provisioning.hosts import prices, validator
from provisioning.hosts.expectations import Expectation, expectations
from provisioning.hosts.inventory import Inventory, judge
from provisioning.hosts.play import SITE, PlayResult, run_play
from provisioning.hosts.progress import PlayProgress

CONNECT_LIMIT_S = 5  # a plan does not wait long for a host that does not answer


def plan(inventory: Inventory, now: datetime, site: Path = SITE) -> ExitCode:
    """Say what `apply` would change on each host, what is missing, and what it costs. Nothing is touched.

    1 if `apply` cannot succeed as things are.
    """
    judge(inventory, now)
    print(heading(inventory, now), flush=True)
    lacking = missing(inventory, expectations(inventory).values())
    result = play(inventory, site, check=True)
    for host in inventory.hosts:
        print(f"\n{host.name} ({host.address})")
        print("\n".join(f"  {line}" for line in _would_change(host.name, result)))
    if lacking:
        print("\nMissing on this machine:\n" + "\n".join(f"  {line}" for line in lacking))
    print(f"\nCost:    {cost(inventory, now)}\nNothing was touched.")
    return ExitCode.PASS if result.is_success and not lacking else ExitCode.FAIL


def apply(inventory: Inventory, now: datetime, tags: Sequence[str] = ()) -> ExitCode:
    """Make the hosts of the inventory workshop hosts, and ask their checks. Not 0 if one of them is not ready."""
    judge(inventory, now)
    print(heading(inventory, now), flush=True)
    with locked(inventory.secrets / ".lock", waiting=lambda: print("another ./workshop provision works: waiting")):
        result = play(inventory, SITE, tags=tags)
    print("\n".join(outcome(inventory, result)), flush=True)
    if tags:
        return ExitCode.PASS if result.is_success else ExitCode.FAIL
    print("\nThe checks of the hosts:", flush=True)
    checked = validator.check(inventory)
    return checked if result.is_success else ExitCode.FAIL


def play(inventory: Inventory, site: Path, *, check: bool = False, tags: Sequence[str] = ()) -> PlayResult:
    """Run the roles, or with `check` only ask them, and show how far they are."""
    log = inventory.secrets / "provision.log"
    with PlayProgress(Steps(len(roles(site)) + 1, log, stream=sys.stderr)) as progress:
        return run_play(
            inventory.path,
            site,
            inventory.names,
            check=check,
            tags=tags,
            variables={"workshop_controller_dir": str(inventory.secrets)},
            connect_limit_s=CONNECT_LIMIT_S if check else None,
            on_event=progress.event,
        )


def roles(site: Path) -> list[str]:
    """The roles of the site's one play, in order; without one that runs only if it is asked for."""
    [found] = yaml.safe_load(site.read_text(encoding="utf-8"))
    return [str(each["role"]) for each in found["roles"] if "never" not in each.get("tags", ())]


def heading(inventory: Inventory, now: datetime) -> str:
    """Which workshop, how many hosts, until when."""
    count = f"{len(inventory.hosts)} host{'s' if len(inventory.hosts) > 1 else ''}"
    if inventory.expires is None:
        return f"Workshop {inventory.workshop}, {count}, with no end (workshop_expires)"
    return f"Workshop {inventory.workshop}, {count}, {until(inventory.expires, now)}"


def until(end: datetime, now: datetime) -> str:
    """A moment for people: "until Fri 2027-05-14 18:00 UTC+02:00, in 3 days"."""
    left_s = (end - now).total_seconds()
    left = f"in {left_s / 86400:.0f} days" if left_s > 2 * 86400 else f"in {duration(left_s)}"
    return f"until {end:%a %Y-%m-%d %H:%M %Z}, {left if left_s > 0 else 'which is over'}"


def cost(inventory: Inventory, now: datetime) -> str:
    """What all hosts cost, as far as anybody said it."""
    hours = (inventory.expires - now).total_seconds() / 3600 if inventory.expires else None
    return prices.in_words((host.price for host in inventory.hosts), hours)


def missing(inventory: Inventory, wanted: Iterable[Expectation]) -> list[str]:
    """What the inventory names and this machine does not have."""
    named = {(name, file) for each in wanted for name, file in each.files.items() if file}
    folder = inventory.path.parent
    return [
        f"{name}: {file}: no such file"
        for name, file in sorted(named)
        if not (folder / Path(file).expanduser()).exists()
    ]


def outcome(inventory: Inventory, result: PlayResult) -> Iterable[str]:
    """How an apply went, for people."""
    yield ""
    for host in inventory.hosts:
        if tally := result.hosts.get(host.name):
            failed = any(failure.host == host.name for failure in result.failures)
            done = f"{tally.changed} changed" if tally.changed else "nothing to change"
            yield f"{host.name}: {'failed, ' if failed else ''}{done}"
    yield from (f"{host}: was not tried" for host in result.missed)
    yield from (f"\n{failure}" for failure in result.failures)
    if result.said:
        yield f"\n{result.said}"


def _would_change(host: str, result: PlayResult) -> list[str]:
    """What a check of `host` told, by role."""
    if host in result.missed:
        return ["could not be asked", *result.said.splitlines()]
    by_role: dict[str, list[str]] = {}
    for change in result.changes:
        if change.host == host:
            by_role.setdefault(change.role, []).append(change.task)
    lines = [f"{role}: {'; '.join(dict.fromkeys(tasks))}" for role, tasks in by_role.items()]
    failed = [line for failure in result.failures if failure.host == host for line in failure.without_host.splitlines()]
    return [*lines, *failed] or ["nothing to change"]
