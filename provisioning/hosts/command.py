"""What each command of `./workshop provision` does."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Sequence

from checks.problem import ExitCode
from provisioning.hosts import lifetime, plan
from provisioning.hosts.inventory import read
from provisioning.hosts.words import parse

COMMANDS: dict[str, Callable[[Namespace], ExitCode]] = {
    "plan": lambda options: plan.plan(read(options.inventory), plan.now()),
    "apply": lambda options: plan.apply(read(options.inventory), plan.now()),
    "create": lambda options: lifetime.create(options.cloud, options.output, ask=not options.yes),
    "list": lambda options: lifetime.show(options.inventory, options.cloud),
    "extend": lambda options: lifetime.extend(options.inventory, options.cloud, options.until),
    "destroy": lambda options: lifetime.destroy(options.inventory, options.cloud, ask=not options.yes),
}


def main(arguments: Sequence[str]) -> ExitCode:
    """Run the command that `arguments` name."""
    options = parse(arguments)
    return COMMANDS[options.command](options)
