"""What each command of `./workshop provision` does."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence

from foundation.problem import ExitCode
from provisioning.hosts import lifetime, plan, seating, validator
from provisioning.hosts.inventory import now, read
from provisioning.hosts.words import parse


def _check(options: Namespace) -> ExitCode:
    inventory = read(options.inventory)
    if options.list:
        return validator.list_checks(inventory, options.codes)
    return validator.check(
        inventory, options.codes, ignore=options.ignore, as_json=options.json, rehearse=options.rehearse
    )


def _seats(options: Namespace) -> ExitCode:
    inventory = read(options.inventory)
    seating.hand_out(inventory, options.roster, options.again)
    return plan.apply(inventory, now(), tags=["seats"])


COMMANDS: dict[str, Callable[[Namespace], ExitCode]] = {
    "plan": lambda options: plan.plan(read(options.inventory), now()),
    "apply": lambda options: plan.apply(read(options.inventory), now()),
    "check": _check,
    "seats": _seats,
    "create": lambda options: lifetime.create(options.cloud, options.output, ask=not options.yes),
    "list": lambda options: lifetime.show(options.inventory, options.cloud),
    "extend": lambda options: lifetime.extend(options.inventory, options.cloud, options.until),
    "destroy": lambda options: lifetime.destroy(options.inventory, options.cloud, ask=not options.yes),
}


def main(arguments: Sequence[str]) -> ExitCode:
    """Run the command that `arguments` name."""
    options = parse(arguments)
    return COMMANDS[options.command](options)
