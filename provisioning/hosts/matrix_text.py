"""A matrix of hosts x checks for a terminal: the table, one line of reason for each fault, the conclusion."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from foundation.model import Report, Result, Status
from foundation.report import SYMBOL, paint
from provisioning.hosts.matrix import Matrix

GAP = 2


def text_of(matrix: Matrix, *, width: int = 100, colour: bool = False) -> str:
    """The whole of it, in lines of at most `width`, with as many hosts side by side as fit."""
    codes = matrix.codes
    first = max((len(code) for code in codes), default=0) + GAP
    lines = []
    for hosts in _blocks(list(matrix.reports), width - first):
        lines += [*_table(matrix, codes, hosts, first, colour=colour), ""]
    for host, result in matrix.faults():
        lines += _reason(host, result, width)
    return "\n".join([*lines, conclusion(matrix, colour=colour)])


def conclusion(matrix: Matrix, *, colour: bool = False) -> str:
    """The last line: the status of the whole, and which hosts are not ready."""
    word = matrix.status.value.upper()
    not_ready = [host for host in matrix.reports if host not in matrix.ready]
    rest = f"; not ready: {', '.join(not_ready)}" if not_ready else ""
    said = f"{matrix.workshop}: {len(matrix.ready)} of {_hosts(len(matrix.reports))} ready{rest}"
    return f"{paint(word, matrix.status) if colour else word}  {said}"


def summary(host: str, report: Report) -> str:
    """One host's line while the others are still asked."""
    faults = [result.code for result in report.results if result.status in (Status.FAIL, Status.ERROR)]
    return f"{host}: {report.status.value}{' (' + ', '.join(faults) + ')' if faults else ''}"


def _blocks(hosts: Sequence[str], room: int) -> Iterator[list[str]]:
    """`hosts` in groups that fit side by side into `room`."""
    block: list[str] = []
    for host in hosts:
        if block and sum(len(each) + GAP for each in [*block, host]) > room:
            yield block
            block = []
        block.append(host)
    if block:
        yield block


def _table(matrix: Matrix, codes: Sequence[str], hosts: Sequence[str], first: int, *, colour: bool) -> Iterator[str]:
    yield (" " * first + (" " * GAP).join(hosts)).rstrip()
    for code in codes:
        cells = [_cell(matrix.result(host, code), len(host), colour=colour) for host in hosts]
        yield (f"{code:<{first}}" + (" " * GAP).join(cells)).rstrip()


def _cell(result: Result | None, width: int, *, colour: bool) -> str:
    if result is None:
        return " " * width
    symbol = SYMBOL[result.status]
    return symbol.center(width).replace(symbol, paint(symbol, result.status) if colour else symbol)


def _reason(host: str, result: Result, width: int) -> Iterator[str]:
    """What was found in a line; what to do in as many as it takes."""
    yield f"{host}  {result.code}: {result.found}"
    if result.do:
        yield from textwrap.wrap(
            " ".join(result.do.split()), width, initial_indent="    do this: ", subsequent_indent=" " * 13
        )
    yield ""


def _hosts(count: int) -> str:
    return "1 host" if count == 1 else f"{count} hosts"
