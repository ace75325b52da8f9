"""A session that nobody uses ends by itself, after a warning; so does one that has run for as long as it may.

An extension of the session's Jupyter server. Used means: a kernel computes, a command runs in a terminal, something is
printed, a file is saved, or somebody answers the warning. An open browser tab alone is no use.

    WORKSHOP_IDLE_S     ends after so many seconds without use; 0 or unset: never
    WORKSHOP_LONGEST_S  the hub ends it after so many, used or not: here that is announced only; 0 or unset: never

jupyter/labextensions/gilfree-session-end shows the warning in JupyterLab.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

WARN_S = 600.0
LOOKS_PER_WARNING = 20
FILES = "https://events.jupyter.org/jupyter_server/contents_service/v1"


@dataclass
class SessionEnd:
    """When a session ends that began at `began`, and what to say about it. All times are seconds since 1970."""

    idle_s: float
    longest_s: float
    began: float
    touched: float = field(init=False)  # the last use that no kernel and no terminal knows of

    def __post_init__(self) -> None:
        self.touched = self.began

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> SessionEnd:
        """As the hub has set it."""
        idle_s, longest_s = (float(environment.get(f"WORKSHOP_{name}_S") or 0) for name in ("IDLE", "LONGEST"))
        return cls(idle_s, longest_s, time.time())

    @property
    def is_limited(self) -> bool:
        """Whether the session ever ends by itself."""
        return bool(self.idle_s or self.longest_s)

    @property
    def warn_s(self) -> float:
        """How long before the end one is warned: ten minutes, or half of a shorter time."""
        return min(WARN_S, *(limit / 2 for limit in (self.idle_s, self.longest_s) if limit))

    @property
    def look_every_s(self) -> float:
        """How exact the end and the warning are."""
        return self.warn_s / LOOKS_PER_WARNING

    def is_idle(self, used: float, now: float) -> bool:
        """Whether the time without use is up; `used` is when a kernel or terminal was last used."""
        return bool(self.idle_s) and now - max(used, self.touched) >= self.idle_s

    def notice(self, used: float, now: float) -> dict[str, Any]:
        """What JupyterLab is to show now, and when to ask again; `message` is "" while there is nothing to say."""
        ends = {
            "idle": max(used, self.touched) + self.idle_s - now if self.idle_s else None,
            "longest": self.began + self.longest_s - now if self.longest_s else None,
        }
        why, left_s = min(((why, left) for why, left in ends.items() if left is not None), key=lambda each: each[1])
        message = "" if left_s > self.warn_s else f"{self._words(why, left_s)} Your files are kept."
        return {"message": message, "can_stay": why == "idle", "ask_again_s": self.look_every_s}

    def _words(self, why: str, left_s: float) -> str:
        if why == "idle":
            return f"This session ends in {_in_words(left_s)}: nothing has happened in it for a long time."
        return f"This session ends in {_in_words(left_s)}: it has run for as long as one may. Start a new one then."


def last_use(server: Any, now: float) -> float:
    """When a kernel or a terminal of the Jupyter server `server` was last used; `now` if one works."""
    return max([0.0, *_kernels(server, now), *_terminals(server, now)])


def _kernels(server: Any, now: float) -> Iterator[float]:
    for number in server.kernel_manager.list_kernel_ids():
        kernel = server.kernel_manager.get_kernel(number)
        yield now if kernel.execution_state == "busy" else kernel.last_activity.timestamp()


def _terminals(server: Any, now: float) -> Iterator[float]:
    """A terminal works while something else than its shell is in the foreground."""
    manager = server.web_app.settings.get("terminal_manager")
    for terminal in manager.terminals.values() if manager else ():
        shell = terminal.ptyproc
        with suppress(OSError):  # it has just ended
            yield now if os.tcgetpgrp(shell.fd) != shell.pid else terminal.last_activity.timestamp()


def _in_words(left_s: float) -> str:
    minutes = round(left_s / 60)
    return f"{minutes} minute{'s' * (minutes != 1)}" if minutes else "less than a minute"


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]


def _load_jupyter_server_extension(server: Any) -> None:
    """Watch over the session, where it is limited."""
    end = SessionEnd.from_environment()
    if not end.is_limited:
        return
    from tornado.ioloop import PeriodicCallback  # noqa: PLC0415 - the server's Python has it, others import this too

    async def changed(data: Mapping[str, Any], **_: Any) -> None:
        if data["action"] != "get":  # an open file browser gets all the time
            end.touched = time.time()

    def look() -> None:
        now = time.time()
        if end.is_idle(last_use(server, now), now):
            server.log.warning("nobody has used this session for %.0f s: it ends", end.idle_s)
            server.stop()

    server.event_logger.add_listener(schema_id=FILES, listener=changed)
    server.web_app.add_handlers(".*$", [(f"{server.base_url}gilfree/session-end", _page(server, end))])
    PeriodicCallback(look, end.look_every_s * 1000).start()


def _page(server: Any, end: SessionEnd) -> type:
    """GET: what to show. POST: the attendee wants to stay."""
    from jupyter_server.base.handlers import APIHandler  # noqa: PLC0415 - as above
    from tornado.web import authenticated  # noqa: PLC0415

    class Page(APIHandler):
        _track_activity = False

        @authenticated
        def get(self) -> None:
            """The notice, as JSON."""
            now = time.time()
            self.finish(end.notice(last_use(server, now), now))

        @authenticated
        def post(self) -> None:
            """Counts as use."""
            end.touched = time.time()
            self.get()

    return Page
