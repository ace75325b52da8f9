"""A report as lines of text for a terminal: one line a check, what to do under what failed, the conclusion last."""

from __future__ import annotations

import os
import textwrap
from collections import Counter
from collections.abc import Iterator
from typing import TextIO

from foundation.model import Report, Result, Status

SYMBOL = {
    Status.PASS: "✔",
    Status.FAIL: "✘",
    Status.SKIPPED: "–",
    Status.BLOCKED: "·",
    Status.ERROR: "!",
    Status.INCONCLUSIVE: "?",
}
_COLOUR = {
    Status.PASS: "32",
    Status.FAIL: "31;1",
    Status.SKIPPED: "2",
    Status.BLOCKED: "2",
    Status.ERROR: "35;1",
    Status.INCONCLUSIVE: "33",
}
_WIDTH = 100
_INDENT = " " * 4


def wants_colour(stream: TextIO) -> bool:
    """Whether `stream` is a terminal and nobody set NO_COLOR (no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def lines_of(result: Result, *, colour: bool = False, column: int = 18) -> Iterator[str]:
    """The lines for one result: its symbol, code and finding; if it did not pass, expected and what to do."""
    symbol = paint(SYMBOL[result.status], result.status) if colour else SYMBOL[result.status]
    timing = f"  {result.duration_s:.1f} s" if result.duration_s >= 1 else ""
    yield f"  {symbol} {result.code:<{column}} {result.found or result.title}{timing}"
    if result.status in (Status.PASS, Status.SKIPPED, Status.BLOCKED):
        return
    for label, text in (("expected", result.expected), ("do this", result.do)):
        yield from _labelled(label, text)
    yield from _labelled("trace", str(result.details.get("trace", "")), wrap=False)


def conclusion(report: Report, *, colour: bool = False) -> str:
    """The last line: the status of the whole, and how many checks ended how."""
    count = Counter(result.status for result in report.results)
    parts = [f"{number} {status.value}" for status in Status if (number := count[status])]
    word = report.status.value.upper()
    return f"{paint(word, report.status) if colour else word}  {report.subject}: {', '.join(parts) or 'nothing ran'}"


def text_of(report: Report, *, colour: bool = False) -> str:
    """The whole report."""
    column = max((len(result.code) for result in report.results), default=0)
    lines = [line for result in report.results for line in lines_of(result, colour=colour, column=column)]
    return "\n".join([*lines, conclusion(report, colour=colour)])


def _labelled(label: str, text: str, *, wrap: bool = True) -> Iterator[str]:
    if not text:
        return
    head = f"{_INDENT}{label + ':':<10}"
    body = textwrap.wrap(" ".join(text.split()), _WIDTH - len(head)) if wrap else text.rstrip().splitlines()
    for number, line in enumerate(body):
        yield (head if number == 0 else " " * len(head)) + line


def paint(text: str, status: Status) -> str:
    """`text` in the terminal's colour for `status`."""
    return f"\x1b[{_COLOUR[status]}m{text}\x1b[0m"
