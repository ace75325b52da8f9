"""A verdict as it is shown below a notebook's cell: one line a check, the figures drawn, the next step.

It is well-formed XML, so that nothing of an attendee's text can get out of its place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from foundation.model import Report, Result, Status
from foundation.report import SYMBOL
from labs.attendee import actions
from labs.attendee.workspace import Record
from labs.catalogue import Lab
from labs.drawing import picture

_TONE = {
    Status.PASS: "good",
    Status.FAIL: "bad",
    Status.SKIPPED: "soft",
    Status.BLOCKED: "idle",
    Status.ERROR: "broken",
    Status.INCONCLUSIVE: "unsure",
}
_DRAWN: dict[Status, picture.Tone] = {Status.PASS: "good", Status.FAIL: "bad"}
_DEVICE = {"cpu": "on the CPU", "gpu": "on the GPU", "simulator": "on Numba's simulator"}
_MOST_TEXT = 1500  # an exception may quote a whole array
STYLE = """<style>
.ws{--ws-ink:#1f2328;--ws-soft:#59636e;--ws-line:#d1d9e0;--ws-card:#fff;--ws-code:#eff2f5;--ws-note:#fff8c5;
--ws-good:#1a7f37;--ws-bad:#cf222e;--ws-unsure:#9a6700;--ws-broken:#8250df;--ws-idle:#afb8c1}
body[data-jp-theme-light="false"] .ws{--ws-ink:#e6edf3;--ws-soft:#9da7b3;--ws-line:#3d444d;--ws-card:#151b23;
--ws-code:#2a313c;--ws-note:#3b2e0a;--ws-good:#3fb950;--ws-bad:#ff7b72;--ws-unsure:#d29922;--ws-broken:#bc8cff;
--ws-idle:#6e7681}
.ws{font:14px/1.5 system-ui,sans-serif;color:var(--ws-ink);background:var(--ws-card);max-width:780px;
border:1px solid var(--ws-line);border-left:5px solid var(--ws-tone);border-radius:6px;padding:12px 16px;
overflow-wrap:anywhere}
.ws .ws-head{display:flex;flex-wrap:wrap;align-items:center;gap:4px 10px;margin-bottom:8px}
.ws .ws-status{background:var(--ws-tone);color:var(--ws-card);font-weight:700;border-radius:4px;padding:1px 9px}
.ws .ws-lab{font-weight:600;font-size:15px}
.ws .ws-where{margin-left:auto}
.ws .ws-where,.ws .ws-found,.ws .ws-label,.ws summary{color:var(--ws-soft)}
.ws .ws-row{display:grid;grid-template-columns:22px 1fr;margin-top:5px}
.ws .ws-symbol{color:var(--ws-tone);font-weight:700}
.ws .ws-idle{color:var(--ws-soft)}
.ws .ws-title{font-weight:600}
.ws .ws-why{display:grid;grid-template-columns:76px 1fr;gap:2px 8px;margin:3px 0 6px}
.ws code{background:var(--ws-code);color:inherit;border-radius:4px;padding:1px 4px;font-size:90%}
.ws pre{background:var(--ws-code);color:inherit;border-radius:4px;padding:8px;margin:4px 0;font-size:12px;
white-space:pre-wrap;max-height:20em;overflow:auto}
.ws svg{display:block;margin:6px 0}
.ws details{margin-top:8px}
.ws .ws-note{background:var(--ws-note);border-radius:4px;padding:6px 10px;margin:6px 0}
.ws .ws-next{margin-top:12px;border-top:1px solid var(--ws-line);padding-top:8px}
</style>"""


def growing(lab: Lab, results: Sequence[Result]) -> str:
    """While results come in, and before the first."""
    head = (
        f'<div class="ws-head"><span class="ws-lab">Lab {lab.number}</span> is being checked in a fresh process …</div>'
    )
    return _card("idle", head + "".join(map(_row, results)))


def final(lab: Lab, report: Report, record: Record, stale: Sequence[str]) -> str:
    """The whole verdict. stale: names that the kernel ran in a newer form than the saved file holds."""
    head = (
        f'<div class="ws-head"><span class="ws-status">{report.status.upper()}</span>'
        f'<span class="ws-lab">{lab.number} · {picture.clean(lab.title)}</span>'
        f'<span class="ws-where">{picture.clean(_where(report))}</span></div>'
    )
    rows = "".join(map(_row, report.results))
    printed = "" if report.status is Status.PASS else _folded("what your code printed", report.facts.get("output", ""))
    step = actions.next_step(lab, report, record, actions.IN_NOTEBOOK)
    then = f'<div class="ws-next">{_words(step)}</div>' if step else ""
    return _card(_TONE[report.status], head + _stale(stale) + rows + printed + then)


def _card(tone: str, content: str) -> str:
    return f'<div class="workshop-verdict ws" style="--ws-tone:var(--ws-{tone})">{STYLE}{content}</div>'


def _where(report: Report) -> str:
    facts = report.facts
    cores = facts.get("cores")
    known = (
        f"Python {facts['python']}" if "python" in facts else "",
        f"GIL {facts['gil']}" if "gil" in facts else "",
        f"{cores} core{'s' * (cores != 1)}" if cores else "",
        _DEVICE.get(str(facts.get("device")), ""),
    )
    return " · ".join(filter(None, known))


def _stale(names: Sequence[str]) -> str:
    if not names:
        return ""
    which = ", ".join(f"<code>{picture.clean(name)}</code>" for name in names)
    return (
        f'<div class="ws-note"><b>Not saved:</b> the kernel ran a newer {which} than the file on disk holds, and the '
        "file is what was judged. Save (Ctrl+S) and run <code>%check</code> again.</div>"
    )


def _row(result: Result) -> str:
    tone = _TONE[result.status]
    is_open = result.status in (Status.FAIL, Status.ERROR, Status.INCONCLUSIVE)
    if is_open:
        body = f'<span class="ws-title">{_words(result.title)}</span>{_why(result)}'
    else:
        body = f'{_words(result.title)}<span class="ws-found"> · {_words(result.found)}</span>'
    quiet = " ws-idle" if result.status in (Status.BLOCKED, Status.SKIPPED) else ""
    return (
        f'<div class="ws-row{quiet}" style="--ws-tone:var(--ws-{tone})">'
        f'<span class="ws-symbol" title="{result.status.value}">{SYMBOL[result.status]}</span>'
        f"<div>{body}{_figure(result)}</div></div>"
    )


def _why(result: Result) -> str:
    lines = (("found", result.found), ("expected", result.expected), ("do this", result.do))
    cells = "".join(f'<span class="ws-label">{name}</span><span>{_words(text)}</span>' for name, text in lines if text)
    return f'<div class="ws-why">{cells}</div>{_folded("trace, for the instructor", result.details.get("trace", ""))}'


def _figure(result: Result) -> str:
    drawn = ""
    if speed := result.details.get("speed"):
        tone = _DRAWN.get(result.status, "unsure")
        drawn += picture.speed(speed["gain"], speed["ceiling"], speed["required"], tone)
    if bars := result.details.get("timeline"):
        drawn += picture.timeline([tuple(bar) for bar in bars], "what the check saw")
    return drawn


def _folded(summary: str, text: Any) -> str:
    text = str(text).strip()
    return f"<details><summary>{summary}</summary><pre>{picture.clean(text)}</pre></details>" if text else ""


def _words(text: str) -> str:
    short = text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]} …"
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", picture.clean(short))
