"""The course at a glance: index.md in the attendee's folder, and the same for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from checks.model import Status
from labs.catalogue import PARTS, Lab
from labs.workspace import Record, Workspace

_MARK = {"passed": "✔", "tried": "…", "new": " "}

_HEAD = """# GIL-free Python and the GPU

![{passed} of {total} labs passed](progress.svg)

Open a lab below. Run its cells from the top, change the one that says **Your turn**, and run `%check`: it judges your
saved file in a fresh process and says what it proved, or what to do next.
"""

_FOOT = """
**Stuck?** `%hint` gives one of three hints at a time, `%solution` an answer (after PASS, or with `--give-up`).
In a terminal (*File > New > Terminal*), `workshop lab reset 03` brings an exercise back as it was; yours is kept.

**Two kernels, one Python.** *Kernel > Change Kernel…* switches between **GIL off** and **GIL on**: the same
free-threaded CPython, with one flag of difference. Every lab is worth running under both.

**Is this machine all right?** `workshop check` in a terminal tells.
"""


def state_of(record: Record) -> str:
    """Where an attendee is with a lab: "passed", "tried" or "new"."""
    if record.is_passed:
        return "passed"
    return "tried" if record.attempts else "new"


def text(labs: Sequence[Lab], space: Workspace | None) -> str:
    """One line a lab, in parts, with what is done where a workspace is known."""
    lines: list[str] = []
    for part, members in _by_part(labs):
        lines.append(f"{part}  {PARTS[members[0].part]}")
        for lab in members:
            record = space.record(lab) if space else Record()
            last = f"   last: {record.last_status}" if record.last_status not in ("", Status.PASS) else ""
            lines.append(f"  {_MARK[state_of(record)]} {lab.number}  {lab.title:<34} {lab.minutes:>3} min{last}")
    return "\n".join(lines)


def write(labs: Sequence[Lab], space: Workspace) -> None:
    """Make index.md and its picture anew."""
    records = {lab.name: space.record(lab) for lab in labs}
    passed = sum(record.is_passed for record in records.values())
    rows: list[str] = []
    for part, members in _by_part(labs):
        rows.append(f"\n## {part} · {PARTS[members[0].part]}\n")
        rows.append("| | Lab | Learn to | Minutes |\n|---|---|---|---|")
        for lab in members:
            link = f"[{lab.number} {lab.title}]({lab.name}/exercise.py)"
            rows.append(f"| {_MARK[state_of(records[lab.name])]} | {link} | {lab.goal} | {lab.minutes} |")
    space.write_page("progress.svg", _progress(labs, records))
    space.write_page("index.md", _HEAD.format(passed=passed, total=len(labs)) + "\n".join(rows) + "\n" + _FOOT)


def _by_part(labs: Sequence[Lab]) -> Iterator[tuple[str, list[Lab]]]:
    for part in PARTS:
        if members := [lab for lab in labs if lab.part == part]:
            yield part, members


def _progress(labs: Sequence[Lab], records: dict[str, Record]) -> str:
    """One square a lab, filled where it has passed."""
    size, gap = 34, 6
    fill = {"passed": ("#1a7f37", "#ffffff"), "tried": ("#fff8c5", "#24292f"), "new": ("#f6f8fa", "#57606a")}
    squares = []
    for place, lab in enumerate(labs):
        colour, ink = fill[state_of(records[lab.name])]
        x = 2 + place * (size + gap)
        squares.append(
            f'<rect x="{x}" y="2" width="{size}" height="{size}" rx="6" fill="{colour}" stroke="#d0d7de"/>'
            f'<text x="{x + size / 2}" y="24" text-anchor="middle" font-size="14" fill="{ink}">{lab.number}</text>'
        )
    width = 4 + len(labs) * (size + gap)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{size + 4}" '
        f'font-family="system-ui, sans-serif">{"".join(squares)}</svg>'
    )
