"""Where a start waits for its GPU slot: the ledger's word, kept up to date from the engine."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from hub.engine import Engine
from hub.slots import Lease, Ledger, Session

LOOK_EVERY_S = 2.0
log = logging.getLogger("jupyterhub.slots")


class SlotDesk:
    """Hands out leases in order. Its methods are called on one event loop; the engine is asked on a thread of its own.

    `active` names the owners whose session the hub knows of: starting, running or stopping.
    """

    def __init__(self, ledger: Ledger, engine: Engine, active: Callable[[], Collection[str]]):
        self.ledger = ledger
        self._engine = engine
        self._active = active
        self._turns: dict[str, asyncio.Future[Lease]] = {}
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="slots")
        self._one_at_a_time = asyncio.Lock()
        self._watch: asyncio.Task[None] | None = None

    async def acquire(self, owner: str) -> Lease:
        """Wait for a slot; then `ledger.end_start` must follow, once the start has ended."""
        self.ledger.request(owner)
        turn: asyncio.Future[Lease] = asyncio.get_running_loop().create_future()
        self._turns[owner] = turn
        if self._watch is None or self._watch.done():
            self._watch = asyncio.create_task(self._look_while_somebody_waits())
        try:
            return await turn
        except asyncio.CancelledError:
            self._turns.pop(owner, None)
            self.ledger.withdraw(owner)
            if turn.done() and not turn.cancelled():
                self.ledger.end_start(turn.result())
            raise

    async def look(self) -> None:
        """Ask the engine once: serve who waits, remove what was left over. No answer changes nothing but our trust."""
        async with self._one_at_a_time:
            began = self.ledger.begin_observation()
            try:
                sessions = await self._on_thread(self._engine.sessions)
            except Exception:
                self.ledger.lose_sight()
                log.warning("the Docker engine does not answer: no GPU slot is given out", exc_info=True)
                return
            for lease in self.ledger.observe(began, sessions, time.time()):
                self._serve(lease)
            await self._sweep(sessions)

    def _serve(self, lease: Lease) -> None:
        turn = self._turns.pop(lease.owner, None)
        if turn is None or turn.done():
            self.ledger.end_start(lease)
        else:
            turn.set_result(lease)

    async def _sweep(self, sessions: list[Session]) -> None:
        for session in self.ledger.stale(sessions, self._active()):
            log.warning("removing %s of %s: it was left over", session.container[:12], session.owner)
            try:
                await self._on_thread(self._engine.remove, session.container)
            except Exception:
                log.warning("it could not be removed; another attempt follows", exc_info=True)

    async def _look_while_somebody_waits(self) -> None:
        while self._turns:
            await self.look()
            if self._turns:
                await asyncio.sleep(LOOK_EVERY_S)

    async def _on_thread(self, call: Callable[..., Any], *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)
