"""`workshop check`: is this session what the workshop needs?  [CODE...] [--list] [--json] [--ignore CODE]."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from checks import environment, report, supervisor
from checks.model import Result, Status
from checks.problem import ExitCode
from checks.suite import collect, select

_SUITE = "checks.environment:suite"


def main(arguments: Sequence[str]) -> ExitCode:
    """Run the environment checks that `arguments` name, all of them where none is named."""
    options = _parser().parse_args(arguments)
    every = collect(*environment.MODULES)
    chosen = select(every, options.codes)
    ignored = {each.code for code in options.ignore for each in select(every, [code]) if each.code.startswith(code)}
    if options.list:
        column = max(len(each.code) for each in chosen)
        print("\n".join(f"{each.code:<{column}}  {each.title}" for each in chosen))
        return ExitCode.PASS
    return _check(options.codes, ignored, as_json=options.json)


def _check(codes: Sequence[str], ignored: set[str], *, as_json: bool) -> ExitCode:
    colour = report.wants_colour(sys.stdout)

    def show(result: Result) -> None:
        if not as_json:
            print("\n".join(report.lines_of(_lenient(result, ignored), colour=colour)), flush=True)

    plan = supervisor.Plan(
        subject="this session",
        python=Path(sys.executable),
        suite=_SUITE,
        # The child's own environment is clean; judged is the one that the person has.
        arguments=[dict(os.environ), sys._xoptions.get("gil")],
        wanted=codes,
    )
    outcome = supervisor.run(plan, show)
    outcome = replace(outcome, results=tuple(_lenient(result, ignored) for result in outcome.results))
    print(outcome.to_json() if as_json else report.verdict(outcome, colour=colour))
    return outcome.exit_code


def _lenient(result: Result, ignored: set[str]) -> Result:
    """`result`, a failure of an ignored check turned into a warning that counts for nothing."""
    if result.status is Status.FAIL and result.code in ignored:
        return replace(result, status=Status.SKIPPED, found=f"ignored: {result.found}")
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="workshop check", description=__doc__)
    parser.add_argument("codes", nargs="*", metavar="CODE", help="a check, or the beginning of its name: gil, gpu.")
    parser.add_argument("--list", action="store_true", help="name the checks and run none")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.add_argument(
        "--ignore", action="append", default=[], metavar="CODE", help="a failure of CODE is a warning only"
    )
    return parser
