"""A matrix of hosts x checks as one HTML page, to show on a wall or to send: no script, no other file."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from html import escape

from foundation.model import Result, Status
from foundation.report import SYMBOL
from provisioning.hosts.matrix import Matrix
from provisioning.hosts.matrix_text import conclusion

STYLE = """
:root { color-scheme: light dark; --ink: #1c2733; --soft: #5d6b7a; --page: #f6f7f9; --card: #fff; --line: #dfe4ea;
  --pass: #1d7f4e; --pass-bg: #e3f4ea; --fail: #b3261e; --fail-bg: #fbe4e2; --other: #8a5a00; --other-bg: #fdf0d5; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --soft: #93a1b0; --page: #12171d; --card: #1a2129;
  --line: #2c3641; --pass: #6fd6a0; --pass-bg: #163526; --fail: #ff9d94; --fail-bg: #45201d; --other: #f2c46d;
  --other-bg: #3f3114; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2rem clamp(1rem, 4vw, 4rem); background: var(--page); color: var(--ink);
  font: 16px/1.45 system-ui, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; } h1 + p { margin: .2rem 0 1.4rem; color: var(--soft); }
.conclusion { display: inline-block; margin: 0 0 1.4rem;
  padding: .55rem .9rem; border-radius: .5rem; font-weight: 600; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: .42rem .8rem; border-bottom: 1px solid var(--line); text-align: center; }
tbody tr:last-child > * { border-bottom: 0; }
thead th { font-size: .95rem; white-space: nowrap; }
tbody th { text-align: left; font-weight: 400; white-space: nowrap; }
tbody th small { color: var(--soft); margin-left: .6rem; }
td span { display: inline-block; width: 1.9rem; line-height: 1.9rem; border-radius: .4rem; font-weight: 700; }
.pass { color: var(--pass); background: var(--pass-bg); }
.fail, .error { color: var(--fail); background: var(--fail-bg); }
.inconclusive { color: var(--other); background: var(--other-bg); } .skipped, .blocked { color: var(--soft); }
section { margin-top: 1.6rem; } section h2 { font-size: 1.15rem; margin: 0 0 .6rem; }
article { background: var(--card); border: 1px solid var(--line); border-left: .35rem solid var(--fail);
  border-radius: .5rem; padding: .7rem 1rem; margin-bottom: .7rem; }
article p { margin: .15rem 0; } article .do { color: var(--soft); } code { font-family: ui-monospace, monospace; }
footer { margin-top: 1.4rem; color: var(--soft); font-size: .9rem; }
"""


def html_of(matrix: Matrix, now: datetime) -> str:
    """The page."""
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(matrix.workshop)}: hosts and checks</title>
<style>{STYLE}</style>
<h1>{escape(matrix.workshop)}</h1>
<p>{len(matrix.reports)} hosts, {len(matrix.codes)} checks, asked {now:%Y-%m-%d %H:%M %Z}</p>
<p class="conclusion {matrix.status.value}">{escape(conclusion(matrix))}</p>
<div class="scroll"><table>
<thead><tr><th></th>{"".join(f'<th scope="col">{escape(host)}</th>' for host in matrix.reports)}</tr></thead>
<tbody>
{"".join(_row(matrix, code) for code in matrix.codes)}</tbody>
</table></div>
{_faults(matrix)}
<footer>{" ".join(_legend())}</footer>
</html>
"""


def _row(matrix: Matrix, code: str) -> str:
    """One check, with what each host says to it."""
    results = [matrix.result(host, code) for host in matrix.reports]
    title = next(result.title for result in results if result)
    head = f'<th scope="row"><code>{escape(code)}</code><small>{escape(title)}</small></th>'
    return f"<tr>{head}{''.join(_cell(result) for result in results)}</tr>\n"


def _cell(result: Result | None) -> str:
    if result is None:
        return "<td></td>"
    said = f"{result.status.value}: {result.found}" if result.found else result.status.value
    return f'<td><span class="{result.status.value}" title="{escape(said)}">{SYMBOL[result.status]}</span></td>'


def _faults(matrix: Matrix) -> str:
    """What stands in the way, and what to do about it."""
    articles = [
        f"<article><p><strong>{escape(host)}</strong> <code>{escape(result.code)}</code></p>"
        f'<p>{escape(result.found)}</p><p class="do">{escape(result.do)}</p></article>'
        for host, result in matrix.faults()
    ]
    return f"<section><h2>What stands in the way</h2>{''.join(articles)}</section>" if articles else ""


def _legend() -> Iterator[str]:
    for status in Status:
        yield f"{SYMBOL[status]} {status.value}"
