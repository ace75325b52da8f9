"""`python -m provisioning.hosts.checks EXPECTED.json [CODE...] [--list] [--json] [--ignore CODE]`: is that host ready?

EXPECTED.json says which host, how to reach it and what it should be (`host.Expected`). It may hold a seat's code: it is
a file, and not a word of the command line, so that nobody else on this machine reads it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from checks import cli, supervisor
from checks.suite import collect
from foundation.problem import ExitCode, Problem, exit_code_of
from provisioning.hosts.checks import suite
from provisioning.hosts.checks.host import Expected

_SUITE = "provisioning.hosts.checks.suite:suite"


def main(arguments: Sequence[str]) -> ExitCode:
    """Run the checks that `arguments` name on one host."""
    parser = argparse.ArgumentParser(prog="python -m provisioning.hosts.checks", description=__doc__)
    parser.add_argument("expected", type=Path, metavar="EXPECTED.json", help="which host, and what it should be")
    cli.add_options(parser, example="host.gpu, host.ports")
    options = parser.parse_args(arguments)
    try:
        said = json.loads(options.expected.read_text(encoding="utf-8"))
        subject = Expected.from_json(said).name
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Problem(f"{options.expected} cannot be read: {error}", exit_code=ExitCode.USAGE) from error
    plan = supervisor.Plan(
        subject=subject, python=Path(sys.executable), suite=_SUITE, arguments=[said], wanted=options.codes
    )
    return cli.run(plan, collect(*suite.MODULES), options)


if __name__ == "__main__":
    sys.exit(exit_code_of(lambda: main(sys.argv[1:])))
