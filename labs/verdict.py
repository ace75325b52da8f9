"""A verdict as it is shown below a notebook's cell: one line a check, the figures drawn, the next step."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from typing import Any

from checks.model import Report, Result, Status
from checks.report import SYMBOL
from labs import picture
from labs.catalogue import Lab
from labs.workspace import Record

_COLOUR = {
    Status.PASS: "#1a7f37",
    Status.FAIL: "#cf222e",
    Status.SKIPPED: "#57606a",
    Status.BLOCKED: "#8c959f",
    Status.ERROR: "#8250df",
    Status.INCONCLUSIVE: "#9a6700",
}
_DEVICE = {"cpu": "on the CPU", "gpu": "on the GPU", "simulator": "on Numba's simulator: there is no GPU here"}
_BOX = (
    "font-family:system-ui,sans-serif;font-size:14px;line-height:1.45;color:#24292f;background:#fff;"
    "border:1px solid #d0d7de;border-left:5px solid {colour};border-radius:6px;padding:10px 14px;max-width:760px"
)


def waiting(lab: Lab) -> str:
    """Before the first result."""
    return _box("#8c959f", f"<b>Lab {lab.number}</b> is being checked in a fresh process …")


def growing(lab: Lab, results: Sequence[Result]) -> str:
    """While results come in."""
    return _box("#8c959f", f"<b>Lab {lab.number}</b> is being checked …" + "".join(map(_row, results)))


def final(lab: Lab, report: Report, record: Record, stale: Sequence[str]) -> str:
    """The whole verdict. stale: names that the kernel ran in a newer form than the saved file holds."""
    where = _DEVICE.get(str(report.machine.get("device")), "")
    head = (
        f'<span style="color:{_COLOUR[report.status]};font-weight:700;font-size:17px">{report.status.upper()}</span> '
        f'&nbsp;Lab {lab.number} · {escape(lab.title)} <span style="color:#57606a">· {where}</span>'
    )
    body = "".join(map(_row, report.results))
    printed = _printed(report) if report.status is Status.FAIL else ""
    return _box(_COLOUR[report.status], head + _stale(stale) + body + printed + _next(lab, report, record))


def _box(colour: str, content: str) -> str:
    return f'<div class="workshop-verdict" style="{_BOX.format(colour=colour)}">{content}</div>'


def _stale(names: Sequence[str]) -> str:
    if not names:
        return ""
    which = ", ".join(f"<code>{escape(name)}</code>" for name in names)
    return (
        '<div style="background:#fff8c5;border-radius:4px;padding:6px 8px;margin:6px 0"><b>Not saved:</b> the kernel '
        f"ran a newer {which} than the file on disk holds. Save (Ctrl+S) and run <code>%check</code> again.</div>"
    )


def _row(result: Result) -> str:
    colour = _COLOUR[result.status]
    line = (
        f'<div style="margin-top:5px"><span style="color:{colour};font-weight:700;display:inline-block;width:1.3em">'
        f"{SYMBOL[result.status]}</span>{escape(result.title)}"
        f'<span style="color:#57606a"> · {_code_spans(result.found)}</span></div>'
    )
    if result.status in (Status.FAIL, Status.ERROR):
        for label, text in (("expected", result.expected), ("do this", result.do)):
            if text:
                name = f'<span style="color:#57606a;display:inline-block;width:5.2em">{label}</span>'
                line += f'<div style="margin-left:1.3em">{name}{_code_spans(text)}</div>'
    return line + _figure(result.details)


def _figure(details: Any) -> str:
    drawn = ""
    if speed := details.get("speed"):
        drawn += picture.speed(speed["gain"], speed["ceiling"], speed["required"])
    if bars := details.get("timeline"):
        drawn += picture.timeline([tuple(bar) for bar in bars], "what the check saw: one lane a thread")
    return f'<div style="margin:4px 0 4px 1.3em">{drawn}</div>' if drawn else ""


def _printed(report: Report) -> str:
    output = str(report.machine.get("output", "")).strip()
    if not output:
        return ""
    return (
        f'<details style="margin-top:6px"><summary>what your code printed</summary><pre style="margin:4px 0">'
        f"{escape(output)}</pre></details>"
    )


def _next(lab: Lab, report: Report, record: Record) -> str:
    if report.status is Status.PASS:
        return ""
    if report.status is Status.INCONCLUSIVE:
        text = "Your answer is right. How much faster it is cannot be measured on this machine now."
    elif report.status is Status.ERROR:
        text = "The lab is broken, not your answer: show this to the instructor."
    elif record.hints_shown < len(lab.hints):
        text = f"A hint? Run <code>%hint</code> in a new cell ({record.hints_shown} of {len(lab.hints)} shown)."
    else:
        text = "All hints are shown. <code>%solution --give-up</code> shows an answer."
    return f'<div style="margin-top:10px;border-top:1px solid #d0d7de;padding-top:8px">{text}</div>'


def _code_spans(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))
