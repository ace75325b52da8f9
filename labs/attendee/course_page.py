"""The course at a glance: index.md in the attendee's folder, and the same for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from foundation.model import Status
from labs.attendee.workspace import Record, Workspace
from labs.catalogue import PARTS, Lab
from labs.drawing import picture

_MARK = {"passed": "✔", "tried": "…", "new": " "}

_FILL = {  # inside, figures, edge
    "passed": ("#1a7f37", "#ffffff", "#1a7f37"),
    "tried": ("#fff8c5", "#633c01", "#d4a72c"),
    "new": ("#f6f8fa", "#57606a", "#d0d7de"),
}
_SIZE, _GAP, _PART_GAP, _PAGE = 34, 6, 12, 720

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
    """One line a lab, in parts, with what is done if a workspace is known."""
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
    rows = ["| | Lab | Learn to | Minutes |", "|---|---|---|---|"]
    for part, members in _by_part(labs):
        rows.append(f"| | **{part} · {PARTS[members[0].part]}** | | |")
        for lab in members:
            link = f"[{lab.number} {_cell(lab.title)}]({lab.name}/{lab.attendee_file})"
            rows.append(f"| {_MARK[state_of(records[lab.name])]} | {link} | {_cell(lab.goal)} | {lab.minutes} |")
    space.write_page("progress.svg", _progress(labs, records))
    space.write_page("index.md", _HEAD.format(passed=passed, total=len(labs)) + "\n" + "\n".join(rows) + "\n" + _FOOT)


def _by_part(labs: Sequence[Lab]) -> Iterator[tuple[str, list[Lab]]]:
    for part in PARTS:
        if members := [lab for lab in labs if lab.part == part]:
            yield part, members


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _progress(labs: Sequence[Lab], records: dict[str, Record]) -> str:
    """One square a lab, filled if it has passed; a wider gap between the parts, a new row if the page ends."""
    squares: list[str] = []
    x, y = 1, 1
    for part_number, (_part, members) in enumerate(_by_part(labs)):
        x += _PART_GAP * (part_number > 0)
        for lab in members:
            if x + _SIZE > _PAGE:
                x, y = 1, y + _SIZE + _GAP
            squares.append(_square(lab, state_of(records[lab.name]), x, y))
            x += _SIZE + _GAP
    width = _PAGE if y > 1 else x - _GAP + 1
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{y + _SIZE + 1}" '
        f'font-family="system-ui, sans-serif">{"".join(squares)}</svg>'
    )


def _square(lab: Lab, state: str, x: int, y: int) -> str:
    fill, ink, edge = _FILL[state]
    return (
        f"<g><title>{picture.clean(lab.title)}: {state}</title>"
        f'<rect x="{x}" y="{y}" width="{_SIZE}" height="{_SIZE}" rx="6" fill="{fill}" stroke="{edge}"/>'
        f'<text x="{x + _SIZE / 2}" y="{y + 22}" text-anchor="middle" font-size="14" fill="{ink}">{lab.number}</text>'
        "</g>"
    )
