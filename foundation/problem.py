"""A problem that the person at the keyboard can solve: what was found, what was expected, what to type next."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from enum import IntEnum

INTERRUPTED = 130  # what a shell says of a command that Ctrl-C ended
UNREAD = 141  # what a shell says of one whose output nobody reads on


class ExitCode(IntEnum):
    """What every command of the workshop returns to the shell."""

    PASS = 0
    FAIL = 1
    USAGE = 2
    COULD_NOT_CHECK = 3


class Problem(Exception):  # noqa: N818 - it is shown to people, and to them it is a problem
    """Raised if the person, not the program, has to act; shown without a traceback.

    found: what is the case, in one sentence. expected: what should be. do: what to type or change, one step a line.
    """

    def __init__(
        self, found: str, *, expected: str = "", do: str = "", exit_code: ExitCode = ExitCode.COULD_NOT_CHECK
    ) -> None:
        super().__init__(found)
        self.found = found
        self.expected = expected
        self.do = do
        self.exit_code = exit_code

    def __str__(self) -> str:
        """The lines to print: found, expected, do; the empty ones left out."""
        labelled = (("found", self.found), ("expected", self.expected), ("do this", self.do))
        return "\n".join(_hanging(label, text) for label, text in labelled if text)


def require_all(*requirements: Callable[[], None]) -> None:
    """Call `requirements`, each of which raises a Problem if it is not met. Raises one Problem about all of these."""
    problems = []
    for requirement in requirements:
        try:
            requirement()
        except Problem as problem:
            problems.append(problem)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        raise Problem(
            "\n".join(problem.found for problem in problems),
            expected="\n".join(problem.expected for problem in problems if problem.expected),
            do="\n".join(problem.do for problem in problems if problem.do),
            exit_code=problems[0].exit_code,
        )


def wrong_input(found: str, expected: str, do: str) -> Problem:
    """The problem with what was typed, or written into a file or a variable: exit code 2."""
    return Problem(found, expected=expected, do=do, exit_code=ExitCode.USAGE)


def _hanging(label: str, text: str) -> str:
    """`label` in a column of nine, the further lines of `text` under its first."""
    first, *rest = text.splitlines()
    return "\n".join([f"{label + ':':<10}{first}", *(" " * 10 + line for line in rest)])


def exit_code_of(command: Callable[[], int]) -> int:
    """What `command` returns; if it raises a Problem, that is shown on stderr and gives the code.

    Whoever stops reading what it prints (`| head`) never sees its end: the code is UNREAD then.
    """
    try:
        code = command()
        sys.stdout.flush()
    except Problem as problem:
        print(problem, file=sys.stderr)
        return problem.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # for what Python still flushes at its end
        return UNREAD
    return code
