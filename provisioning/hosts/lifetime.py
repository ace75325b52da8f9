"""`create`, `list`, `extend` and `destroy`: for how long hosts run, what that costs, and their end."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import yaml

from foundation import files
from foundation.problem import ExitCode, Problem, wrong_input
from provisioning.hosts import cloud_file, inventory, plan, prices, renting
from provisioning.hosts.cloud_file import Cloud
from provisioning.hosts.inventory import GROUP, Inventory
from provisioning.hosts.prices import Price
from provisioning.hosts.providers import Provider, Refused, Rented

AHEAD = re.compile(r"(?P<count>[0-9]+)(?P<unit>[hd])")
UNITS = {"h": "hours", "d": "days"}


def create(cloud_path: Path, output: Path, *, ask: bool) -> ExitCode:
    """Rent what the cloud file says and write the inventory of it."""
    cloud = cloud_file.read(cloud_path)
    _require_future(cloud)
    if output.exists() and _rented_by(inventory.read(output)) is None:
        raise wrong_input(
            f"{output} is there, and not of rented hosts", "a file to write", "./workshop provision create -o"
        )
    provider = connect(cloud)
    with _in_words(cloud):
        price = cloud.given_price or provider.price(cloud.size)
        left_h = (cloud.expires - inventory.now()).total_seconds() / 3600
        print(f"{cloud.hosts} x {cloud.size} at {cloud.driver}, {plan.until(cloud.expires, inventory.now())}")
        print(f"Cost:    {prices.in_words([price] * cloud.hosts, left_h)}", flush=True)
        if ask and not _agreed("Rent them?", "yes"):
            return ExitCode.FAIL
        hosts = _rent(provider, cloud)
    files.write(output, inventory_of(cloud, hosts, price))
    print(f"\nFrom now on they cost {prices.in_words([price] * len(hosts), None)}.")
    print(f"{output} is their inventory. Next: ./workshop provision apply -i {output}")
    return ExitCode.PASS


def show(inventory_path: Path | None, cloud_path: Path | None) -> ExitCode:
    """List the hosts, until when they run, and what they cost."""
    cloud = _cloud(inventory_path, cloud_path)
    if cloud is None:
        own = inventory.read(inventory_path)
        print(plan.heading(own, inventory.now()))
        print("\n".join(f"{host.name:<20} {host.address:<16} {host.price or 'price not known'}" for host in own.hosts))
        print(f"Cost:    {plan.cost(own, inventory.now())}")
        return ExitCode.PASS
    with _in_words(cloud):
        provider = connect(cloud)
        hosts = sorted(provider.list(), key=lambda host: (host.workshop, host.name))
        costs = [_price(provider, cloud, host) for host in hosts]
    for host, price in zip(hosts, costs, strict=True):
        print(f"{host.workshop:<20} {host.name:<24} {host.address:<16} {_ends(host)}   {price or 'price not known'}")
    print(f"Cost:    {prices.in_words(costs, None)}" if hosts else "Nothing is rented that carries a label `workshop`.")
    return ExitCode.PASS


def extend(inventory_path: Path | None, cloud_path: Path | None, until: str) -> ExitCode:
    """Move the end of the workshop: in the labels of rented hosts, in the files that say it, on the hosts' timers."""
    cloud = _cloud(inventory_path, cloud_path)
    own = inventory.read(inventory_path) if inventory_path else None
    present = own.expires if own else cloud.expires if cloud else None
    end = moved(until, present, inventory.now())
    if cloud:  # first: a provider that refuses leaves all as it was
        with _in_words(cloud):
            count = len(renting.extend(connect(cloud), cloud.workshop_name, end))
        print(f"{count} rented hosts are labelled: {plan.until(end, inventory.now())}")
        rewrite_end(cloud.path, end)
    if own is None:
        return ExitCode.PASS
    rewrite_end(own.path, end)
    return plan.apply(inventory.read(own.path), inventory.now(), tags=["expiry"])


def destroy(inventory_path: Path | None, cloud_path: Path | None, *, ask: bool) -> ExitCode:
    """Give back all rented hosts of the workshop, found by their labels. 1 if some are left."""
    cloud = _cloud(inventory_path, cloud_path)
    if cloud is None:
        raise wrong_input(
            f"the hosts in {inventory_path} are not rented by this tool",
            "an inventory that `create` wrote, or a cloud file",
            "end what was rented by hand where you rented it, then look at the bill",
        )
    with _in_words(cloud):
        provider = connect(cloud)
        hosts = renting.rented(provider, cloud.workshop_name)
        print("\n".join(f"{host.name} ({host.id}) {host.address}" for host in hosts) or "Nothing is left to give back.")
        if hosts and ask and not _agreed("All of them end, with what is on them.", cloud.workshop_name):
            return ExitCode.FAIL
        left = renting.give_back(provider, cloud.workshop_name, _say)
    if left:
        print(f"STILL THERE, and still paid for: {', '.join(f'{host.name} ({host.id})' for host in left)}")
        return ExitCode.FAIL
    if hosts:
        print(f"All hosts of {cloud.workshop_name} are given back: none is left.")
    return ExitCode.PASS


def inventory_of(cloud: Cloud, hosts: Sequence[Rented], price: Price | None) -> str:
    """The inventory of rented hosts, as text."""
    variables = {
        "workshop_name": cloud.workshop_name,
        "workshop_expires": cloud.expires.isoformat(),
        "workshop_expiry_poweroff": True,
        "workshop_cloud": str(cloud.path),
        **({"workshop_hourly_price": f"{price.amount} {price.currency}"} if price else {}),
        **cloud.variables,
    }
    members = {host.name: {"ansible_host": host.address} for host in hosts}
    text = yaml.safe_dump({GROUP: {"hosts": members, "vars": variables}}, sort_keys=False)
    return f"# Written by ./workshop provision create from {cloud.path.name}.\n{text}"


def moved(until: str, end: datetime | None, now: datetime) -> datetime:
    """The moment that `until` names: itself, or so long after `end`, at least after now."""
    ahead = AHEAD.fullmatch(until)
    if ahead:
        moment = max(end or now, now) + timedelta(**{UNITS[ahead["unit"]]: int(ahead["count"])})
        return moment.replace(microsecond=0)
    named = inventory.read_moment(until, "the new end")
    if named is None or named <= now:
        raise wrong_input(f"the new end is {until!r}", "a moment in the future, or 2h, or 1d", "correct it")
    return named


def rewrite_end(path: Path, end: datetime) -> None:
    """Write the new end into the file that says the old one; all else in it stays as it is."""
    text = path.read_text(encoding="utf-8")
    written, count = re.subn(
        r"^(\s*workshop_expires:)[^#\n]*?( *#.*)?$", rf'\1 "{end.isoformat()}"\2', text, flags=re.MULTILINE
    )
    if count != 1:
        raise wrong_input(
            f"{path} has {count} lines workshop_expires",
            "one, which can be rewritten",
            f'set workshop_expires to "{end.isoformat()}" yourself, then: ./workshop provision apply -i {path.name}',
        )
    files.write(path, written)


def connect(cloud: Cloud) -> Provider:
    """The provider of the cloud file. Only here libcloud is needed, and only from here on."""
    from provisioning.hosts.providers import cloud as by_libcloud  # noqa: PLC0415

    return by_libcloud.connect(cloud)


def _rent(provider: Provider, cloud: Cloud) -> list[Rented]:
    """The hosts that the cloud file asks for. Where this ends early, what is paid for is told, and how to end it."""
    try:
        return renting.rent(provider, cloud.workshop_name, cloud.hosts, cloud.expires, _say)
    except (KeyboardInterrupt, Refused):
        exists = renting.rented(provider, cloud.workshop_name)
        words = ", ".join(f"{host.name} ({host.id})" for host in exists) or "nothing"
        print(f"\nrented so far, and paid for: {words}", file=sys.stderr)
        print("the rest:      the same command again\n"
              f"give it back:  ./workshop provision destroy -c {cloud.path}", file=sys.stderr, flush=True)  # fmt: skip
        raise


@contextmanager
def _in_words(cloud: Cloud) -> Iterator[None]:
    """What the provider refuses, as a Problem."""
    try:
        yield
    except Refused as refused:
        raise Problem(
            f"{cloud.driver} refused: {refused}",
            expected="an account, a size and an image that exist there",
            do=f"look at {cloud.path} and at its credentials, then run the same command again",
        ) from refused


def _cloud(inventory_path: Path | None, cloud_path: Path | None) -> Cloud | None:
    """The cloud file that is named, or that the inventory names; None for hosts that were not rented by this tool."""
    if cloud_path:
        return cloud_file.read(cloud_path)
    named = _rented_by(inventory.read(inventory_path))
    return cloud_file.read(named) if named else None


def _rented_by(own: Inventory) -> Path | None:
    named = own.shared("workshop_cloud")
    return own.path.parent / Path(named).expanduser() if named else None


def _price(provider: Provider, cloud: Cloud, host: Rented) -> Price | None:
    own = host.workshop == cloud.workshop_name and host.size in ("", cloud.size)
    return (cloud.given_price if own else None) or provider.price(host.size or cloud.size)


def _ends(host: Rented) -> str:
    """Until when a rented host is labelled to run."""
    try:
        return plan.until(datetime.fromisoformat(host.expires), inventory.now())
    except (ValueError, TypeError):
        return f"expires {host.expires!r}"


def _require_future(cloud: Cloud) -> None:
    if cloud.expires <= inventory.now():
        raise wrong_input(f"workshop_expires in {cloud.path} is over", "a moment in the future", "correct it")


def _agreed(what: str, word: str) -> bool:
    """Whether the person typed `word`. Raises Problem if nobody can."""
    if not sys.stdin.isatty():
        raise wrong_input("nobody is here to ask", "a terminal", "say --yes")
    try:
        return input(f"{what} Type {word} to go on: ").strip() == word
    except EOFError:
        return False


def _say(text: str) -> None:
    print(text, flush=True)
