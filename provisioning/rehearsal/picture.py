"""A picture of a rehearsal: a row for each attendee, a bar for each phase, in seconds from the beginning."""

from __future__ import annotations

from html import escape

from provisioning.rehearsal.model import Phase, Rehearsal, Step
from provisioning.rehearsal.table import conclusion

COLOURS = {
    Phase.LOG_IN: "#8c959f",
    Phase.START: "#0969da",
    Phase.CELL: "#1a7f37",
    Phase.CHECK: "#8250df",
    Phase.STOP: "#bf8700",
}
QUEUED, FAILED, INK, SOFT, LINE = "#b6d7ff", "#cf222e", "#1f2328", "#59636e", "#d1d9e0"
WIDTH, LEFT, RIGHT, TOP, BOTTOM = 960, 118, 24, 78, 34
ROW, BAR = 18, 12
STEPS_S = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600)
MOST_LINES = 10


def picture(rehearsal: Rehearsal) -> str:
    """The SVG."""
    rows = {name: number for number, name in enumerate(rehearsal.attendees)}
    end_s = max((step.ended_s for step in rehearsal.steps), default=1.0) or 1.0
    scale = (WIDTH - LEFT - RIGHT) / end_s
    height = TOP + ROW * len(rows) + BOTTOM
    bars = [bar for step in rehearsal.steps for bar in _bars(step, TOP + ROW * rows[step.attendee], scale)]
    parts = [_heading(rehearsal), _legend(), *_grid(end_s, scale, height), *_names(rehearsal), *bars]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        'font-family="system-ui, sans-serif" font-size="12">'
    )
    ground = f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>'
    return "\n".join([head, ground, *parts, "</svg>", ""])


def _heading(rehearsal: Rehearsal) -> str:
    title = f"{len(rehearsal.attendees)} attendees at once"
    said = conclusion(rehearsal).partition(" ")[2]
    return (
        f'<text x="{LEFT}" y="24" font-size="16" font-weight="600" fill="{INK}">{escape(title)}</text>'
        f'<text x="{WIDTH - RIGHT}" y="24" text-anchor="end" fill="{SOFT}">{escape(said)}</text>'
    )


def _legend() -> str:
    known = [(COLOURS[Phase.LOG_IN], Phase.LOG_IN.value), (QUEUED, "in the queue")]
    known += [(COLOURS[phase], phase.value) for phase in list(Phase)[1:]] + [(FAILED, "failed")]
    drawn, x = [], float(LEFT)
    for colour, words in known:
        drawn.append(f'<rect x="{x:.0f}" y="38" width="12" height="12" rx="2" fill="{colour}"/>')
        drawn.append(f'<text x="{x + 17:.0f}" y="48" fill="{INK}">{escape(words)}</text>')
        x += 40 + 6.6 * len(words)
    return "".join(drawn)


def _grid(end_s: float, scale: float, height: int) -> list[str]:
    every = next((step for step in STEPS_S if end_s / step <= MOST_LINES), STEPS_S[-1])
    lines = []
    for second in range(0, int(end_s) + 1, every):
        x = LEFT + second * scale
        lines.append(f'<line x1="{x:.1f}" y1="{TOP - 8}" x2="{x:.1f}" y2="{height - BOTTOM}" stroke="{LINE}"/>')
        lines.append(
            f'<text x="{x:.1f}" y="{height - BOTTOM + 16}" text-anchor="middle" fill="{SOFT}">{second} s</text>'
        )
    return lines


def _names(rehearsal: Rehearsal) -> list[str]:
    return [
        f'<text x="{LEFT - 8}" y="{TOP + ROW * number + BAR - 2}" text-anchor="end" fill="{SOFT}">{escape(name)}</text>'
        for number, name in enumerate(rehearsal.attendees)
    ]


def _bars(step: Step, y: float, scale: float) -> list[str]:
    """The bar of one step; of a start in two parts, before and after the attendee's turn came."""
    said = f"{step.attendee}, {step.phase.value}: {step.seconds:.1f} s" + (f". {step.failure}" if step.failure else "")
    colour = FAILED if step.failure else COLOURS[step.phase]
    own_s = step.seconds - step.queued_s
    parts = [(step.began_s, step.queued_s, QUEUED), (step.began_s + step.queued_s, own_s, colour)]
    return [
        f'<rect x="{LEFT + began_s * scale:.1f}" y="{y:.0f}" width="{max(seconds * scale, 1.0):.1f}" height="{BAR}" '
        f'rx="2" fill="{fill}"><title>{escape(said)}</title></rect>'
        for began_s, seconds, fill in parts
        if fill != QUEUED or seconds
    ]
