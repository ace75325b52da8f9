"""A rehearsal in words: while it runs, and at its end."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from typing import TextIO

from provisioning.rehearsal.attendee import Attendee
from provisioning.rehearsal.model import Phase, Rehearsal, counted, percentile

LINE_EVERY_S = 5.0


class Ticker:
    """Says how far the crowd is: on a terminal in one live line, elsewhere a line now and then."""

    def __init__(self, stream: TextIO | None = None, line_every_s: float = LINE_EVERY_S) -> None:
        self._stream = stream = stream or sys.stderr
        self._line_every_s = line_every_s
        self._live = stream.isatty()
        self._last, self._at = "", time.monotonic()

    def __call__(self, now_s: float, crowd: Sequence[Attendee]) -> None:
        """Show `crowd` as it is `now_s` seconds after the beginning."""
        line = how_far(crowd)
        if self._live:
            self._stream.write(f"\r\x1b[K{now_s:4.0f} s  {line}")
        elif line != self._last and time.monotonic() - self._at >= self._line_every_s:
            self._last, self._at = line, time.monotonic()
            self._stream.write(f"{now_s:4.0f} s  {line}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the terminal's line to what follows."""
        if self._live:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def how_far(crowd: Sequence[Attendee]) -> str:
    """ "start 18, ready 1, failed 1": how many are where."""
    busy = [f"{phase.value} {count}" for phase in Phase if (count := sum(each.doing is phase for each in crowd))]
    failed = sum(not each.is_in for each in crowd)
    done = sum(each.is_in and each.doing is None for each in crowd)
    return ", ".join(busy + [f"{word} {count}" for word, count in (("done", done), ("failed", failed)) if count])


def table(rehearsal: Rehearsal) -> str:
    """Seconds of each phase, who failed and why, and a last line that says it all."""
    lines = [f"{'':<16}{'p50':>9}{'p95':>9}{'longest':>9}{'good':>7}{'failed':>8}"]
    for phase in Phase:
        times = rehearsal.seconds(phase)
        failed = sum(step.phase is phase for step in rehearsal.failures)
        figures = (percentile(times, 50), percentile(times, 95), times[-1]) if times else ()
        shown = "".join(f"{figure:>7.1f} s" for figure in figures) or f"{'-':>7}  " * 3
        lines.append(f"{phase.value:<16}{shown}{len(times):>7}{failed or '-':>8}")
    return "\n".join([*lines, "", *_failures(rehearsal), conclusion(rehearsal)])


def conclusion(rehearsal: Rehearsal) -> str:
    """The last line: how many attendees came through, and when their sessions were ready."""
    through, all_of_them = len(rehearsal.came_through), len(rehearsal.attendees)
    ready = rehearsal.ready_s()
    sessions = f"; first session ready after {ready[0]:.1f} s, last after {ready[-1]:.1f} s" if ready else ""
    return f"{'✔' if rehearsal.is_good else '✘'} {through} of {all_of_them} came through{sessions}"


def _failures(rehearsal: Rehearsal) -> list[str]:
    return [
        f"✘ {phase.value}: {reason}\n  {len(names)} of {len(rehearsal.attendees)}: {counted(names)}"
        for (phase, reason), names in rehearsal.reasons().items()
    ]
