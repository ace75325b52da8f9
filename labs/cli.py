"""`workshop lab ...`: for attendees list, check, hint, reset, solution; for authors new, sync, verify."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from foundation import report
from foundation.model import Result
from foundation.problem import ExitCode
from labs import catalogue
from labs.attendee import actions, course_page, workspace
from labs.author import writing
from labs.author.mutation import count_mutants
from labs.author.verify import verify


def main(arguments: Sequence[str]) -> ExitCode:
    """Run one `lab` command."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], ExitCode] = options.command
    return command(options)


def _list(_options: argparse.Namespace) -> ExitCode:
    print(course_page.text(catalogue.labs(), workspace.here_or_none()))
    return ExitCode.PASS


def _check(options: argparse.Namespace) -> ExitCode:
    lab, space = catalogue.find(options.lab), workspace.here()
    colour = report.wants_colour(sys.stdout)

    def show(result: Result) -> None:
        if not options.json:
            print("\n".join(report.lines_of(result, colour=colour, column=14)), flush=True)

    outcome, record = actions.check(lab, space, show)
    if options.json:
        print(outcome.to_json())
    else:
        print(report.conclusion(outcome, colour=colour))
        print(f"proved on: {outcome.facts.get('device', 'cpu')}")
        if step := actions.next_step(lab, outcome, record, actions.in_terminal(lab)):
            print(step)
        if workspace.is_proved(outcome):
            print(f"\n{lab.after}")
    return outcome.exit_code


def _hint(options: argparse.Namespace) -> ExitCode:
    heading, text = actions.hint(catalogue.find(options.lab), workspace.here())
    print(f"{heading}\n\n{text}")
    return ExitCode.PASS


def _reset(options: argparse.Namespace) -> ExitCode:
    lab, space = catalogue.find(options.lab), workspace.here()
    backup = space.reset(lab)
    print(f"{lab.name} is as it was handed out" + (f"\nyours is kept in {backup}" if backup else ""))
    return ExitCode.PASS


def _solution(options: argparse.Namespace) -> ExitCode:
    lab, space = catalogue.find(options.lab), workspace.here()
    print(actions.solution(lab, space, actions.in_terminal(lab), give_up=options.give_up))
    return ExitCode.PASS


def _deliver(_options: argparse.Namespace) -> ExitCode:
    space, labs = workspace.here(), catalogue.labs()
    done = space.deliver(labs)
    course_page.write(labs, space)
    for word, names in (("new", done.new), ("updated", done.updated), ("kept as you edited it", done.kept)):
        for name in names:
            print(f"{word}: {name}")
    return ExitCode.PASS


def _new(options: argparse.Namespace) -> ExitCode:
    print(f"written: {writing.new(options.name)}\nnext: edit solution.py and check.py there, then workshop lab sync")
    return ExitCode.PASS


def _sync(_options: argparse.Namespace) -> ExitCode:
    changed = writing.sync(catalogue.labs())
    print("\n".join(f"written: {name}" for name in changed) or "every exercise.py is what its solution.py makes")
    return ExitCode.PASS


def _verify(options: argparse.Namespace) -> ExitCode:
    labs = list(dict.fromkeys(catalogue.find(each) for each in options.labs)) or catalogue.labs()
    return count_mutants(labs) if options.mutants else verify(labs, repeat=options.repeat, brief=options.brief)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="workshop lab", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(
        name: str, run: Callable[[argparse.Namespace], ExitCode], about: str, *, lab: bool = False
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=about, description=about)
        command.set_defaults(command=run)
        if lab:
            command.add_argument("lab", metavar="LAB", help="lab03, 03, or its name")
        return command

    add("list", _list, "the labs, and which of them you have passed")
    check = add("check", _check, "judge your answer, in a fresh process", lab=True)
    check.add_argument("--json", action="store_true", help="one JSON document on standard output")
    add("hint", _hint, "the next hint: a direction, a place, almost the code", lab=True)
    add("reset", _reset, "the exercise as it was handed out; yours is kept", lab=True)
    solution = add("solution", _solution, "an answer, once you have passed", lab=True)
    solution.add_argument("--give-up", action="store_true", help="show it although the lab has not passed")
    add("deliver", _deliver, "put new and newer labs into the attendee's folder; edits are kept")
    new = add("new", _new, "begin a lab: a folder that passes verify")
    new.add_argument("name", metavar="NAME", help="say lab34_work_stealing")
    add("sync", _sync, "write each exercise.py from its solution.py")
    proof = add("verify", _verify, "prove that each lab accepts right answers and rejects wrong ones")
    proof.add_argument("labs", nargs="*", metavar="LAB")
    proof.add_argument("--repeat", type=_times, default=1, metavar="N", help="N times: the same verdict in every run")
    proof.add_argument("--mutants", action="store_true", help="small faults made by machine: which are not caught")
    proof.add_argument("--brief", action="store_true", help="one answer for each verdict, in place of all")
    return parser


def _times(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} times would prove nothing")
    return number
