"""Every command line that version 0.1 had is still understood: by the parser of today's command, which stops there.

tests/fixtures/commands_0_1.txt is what `./workshop --help` and the `--help` of each of its commands printed then.
"""

from __future__ import annotations

import argparse
import itertools
import re
from collections.abc import Callable, Iterator, Mapping

import pytest

from checks import cli as checks_cli
from hub import seats
from labs import cli as labs_cli
from provisioning.here import choice
from provisioning.here.rehearse import rehearse
from provisioning.hosts import words
from tests.bench.__main__ import BENCHMARKS
from tests.conftest import ROOT

HELP = (ROOT / "tests" / "fixtures" / "commands_0_1.txt").read_text()
IN_THE_HELP = re.compile(r"^  (?!provision)([a-z].*?)(?:  .*)?$", re.MULTILINE)  # of `provision` the words only
IN_A_USAGE = re.compile(r"^usage: workshop (.*)$", re.MULTILINE)
PIECE = re.compile(r"\[[^\]]*\]|\S+")
TYPED = {"PORT": "8001", "N": "2", "LAB": "01", "CODE": "gil", "NAME": "ada", "UNTIL": "2h", "URL": "http://x.example"}
PARSERS: Mapping[str, Callable[[list[str]], object]] = {
    "up": choice.up,
    "status": choice.status,
    "down": choice.down,
    "check": checks_cli.main,
    "lab": labs_cli.main,
    "seats": seats.main,
    "rehearse": rehearse,
    "provision": words.parse,
}


class UnderstoodError(Exception):
    """A parser was content with what it was given."""


def command_lines(usage: str) -> Iterator[tuple[str, ...]]:
    """What somebody may type by `usage`: without options, and with each of them, in each of its alternatives."""
    pieces = [piece for piece in PIECE.findall(usage) if piece != "[-h]"]
    needed = [piece.split("|") for piece in pieces if not piece.startswith("[")]
    options = [piece[1:-1].split("|") for piece in pieces if piece.startswith("[")]
    for command in itertools.product(*needed):
        for more in ("", *itertools.chain(*options)):
            yield tuple(typed(word) for word in [*command, *more.replace("...", "").split()])


def typed(word: str) -> str:
    """A value in the place of a name in capitals."""
    return TYPED.get(word, f"{word}.txt") if word.isupper() else word


def old_command_lines() -> list[tuple[str, ...]]:
    usages = [*IN_THE_HELP.findall(HELP), *IN_A_USAGE.findall(HELP)]
    lines = dict.fromkeys(itertools.chain(*map(command_lines, usages)))
    return [line for line in lines if line[0] in PARSERS]  # `test` and `bench` hand on whatever they get


def test_the_lines_are_read_from_the_help() -> None:
    lines = old_command_lines()
    assert ("up", "--port", "8001") in lines
    assert ("rehearse", "2", "--url", "http://x.example", "--access", "FILE.txt") in lines
    assert ("lab", "solution", "01", "--give-up") in lines
    assert ("provision", "check", "-i", "HOSTS.yml") in lines
    assert {line[0] for line in lines} == set(PARSERS)


@pytest.mark.parametrize("line", old_command_lines(), ids=" ".join)
def test_a_command_line_of_version_0_1_is_understood(line: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    real = argparse.ArgumentParser.parse_args

    def parse_and_stop(parser: argparse.ArgumentParser, arguments: list[str]) -> None:
        real(parser, arguments)
        raise UnderstoodError

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_and_stop)
    with pytest.raises(UnderstoodError):
        PARSERS[line[0]](list(line[1:]))


def test_the_benchmarks_of_version_0_1_are_there() -> None:
    then = {"start", "memory", "selfcheck", "verdicts", "mandelbrot", "hub", "interpreter", "plan", "provision"}
    assert then <= BENCHMARKS.keys()
