"""Starts one after another, so many at a time: a class that arrives at once is served in order, and nobody times out.

A start costs seconds of CPU. Twenty at once on two cores are all too late; two by two, the first is ready as if alone.
"""

from __future__ import annotations

import asyncio


class StartQueue:
    """First come, first served; `width` starts at a time. All methods are called on the hub's event loop."""

    def __init__(self, width: int):
        if width < 1:
            raise ValueError(f"a queue of width {width} serves nobody")
        self.width = width
        self._starting: set[str] = set()
        self._waiting: dict[str, asyncio.Future[None]] = {}

    async def enter(self, owner: str) -> None:
        """Return when it is `owner`'s turn; then `leave` must follow, once the start has ended."""
        if owner in self._starting or owner in self._waiting:
            raise ValueError(f"{owner} is in the queue already")
        turn = self._waiting[owner] = asyncio.get_running_loop().create_future()
        self._call_next()
        try:
            await turn
        except asyncio.CancelledError:
            self.leave(owner)
            raise

    def leave(self, owner: str) -> None:
        """Make room for the next. Nothing happens to somebody who is not there."""
        self._waiting.pop(owner, None)
        self._starting.discard(owner)
        self._call_next()

    def position(self, owner: str) -> int | None:
        """1 for the next to be called; None for somebody who does not wait."""
        return list(self._waiting).index(owner) + 1 if owner in self._waiting else None

    def _call_next(self) -> None:
        while self._waiting and len(self._starting) < self.width:
            owner = next(iter(self._waiting))
            turn = self._waiting.pop(owner)
            self._starting.add(owner)
            if not turn.done():
                turn.set_result(None)
