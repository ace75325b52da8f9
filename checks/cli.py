"""`workshop check`: is this session what the workshop needs?  [CODE...] [--list] [--json] [--ignore CODE]."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from checks import environment, supervisor
from checks.suite import Check, collect, select
from foundation import report
from foundation.model import Result, Status
from foundation.problem import ExitCode

_SUITE = "checks.environment:suite"


def main(arguments: Sequence[str]) -> ExitCode:
    """Run the environment checks that `arguments` name, all of them if none is named."""
    parser = argparse.ArgumentParser(prog="workshop check", description=__doc__)
    add_options(parser, example="gil, gpu")
    options = parser.parse_args(arguments)
    plan = supervisor.Plan(
        subject="this session",
        python=Path(sys.executable),
        suite=_SUITE,
        # The child's own environment is clean; judged is the one that the person has.
        arguments=[dict(os.environ), sys._xoptions.get("gil")],
        wanted=options.codes,
    )
    return run(plan, collect(*environment.MODULES), options)


def add_options(parser: argparse.ArgumentParser, *, example: str) -> None:
    """The words that every command has that runs checks: CODE..., --list, --json, --ignore."""
    parser.add_argument("codes", nargs="*", metavar="CODE", help=f"a check, or the beginning of its name: {example}.")
    parser.add_argument("--list", action="store_true", help="name the checks and run none")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="CODE", help="a failure of CODE is a warning only"
    )


def run(plan: supervisor.Plan, every: Sequence[Check], options: argparse.Namespace) -> ExitCode:
    """Run `plan`, whose suite is `every`, and show it as `options` ask; or list what it would run."""
    ignored = {each.code for code in options.ignore for each in select(every, [code]) if each.code.startswith(code)}
    chosen = select(every, options.codes)
    column = max(len(each.code) for each in chosen)
    if options.list:
        print("\n".join(f"{each.code:<{column}}  {each.title}" for each in chosen))
        return ExitCode.PASS
    colour = report.wants_colour(sys.stdout)

    def show(result: Result) -> None:
        if not options.json:
            print("\n".join(report.lines_of(_lenient(result, ignored), colour=colour, column=column)), flush=True)

    outcome = supervisor.run(plan, show)
    outcome = replace(outcome, results=tuple(_lenient(result, ignored) for result in outcome.results))
    print(outcome.to_json() if options.json else report.conclusion(outcome, colour=colour))
    return outcome.exit_code


def _lenient(result: Result, ignored: set[str]) -> Result:
    """`result`, a failure of an ignored check turned into a warning that counts for nothing."""
    if result.status is Status.FAIL and result.code in ignored:
        return replace(result, status=Status.SKIPPED, found=f"ignored: {result.found}")
    return result
