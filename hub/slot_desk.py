"""Where a start waits for its GPU slot: the ledger's word, kept up to date from the engine."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from hub.engine import Engine
from hub.slots import Availability, Lease, Ledger, Session

LOOK_EVERY_S = 2.0  # while somebody waits
REST_S = 20.0  # while nobody does: GPUs may come and go, containers be left over
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
        self._next: asyncio.Task[None] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._somebody_waits = asyncio.Event()
        self._told: Availability | None = None

    async def acquire(self, owner: str) -> Lease:
        """Wait for a slot; then `ledger.end_start` must follow, once the start has ended."""
        self.ledger.request(owner)
        turn: asyncio.Future[Lease] = asyncio.get_running_loop().create_future()
        self._turns[owner] = turn
        self._somebody_waits.set()
        self.watch()
        try:
            return await turn
        except asyncio.CancelledError:
            self._turns.pop(owner, None)
            self.ledger.withdraw(owner)
            if turn.done() and not turn.cancelled():
                self.ledger.end_start(turn.result())
            raise

    def watch(self) -> None:
        """From now on look again and again, by itself."""
        if self._watching is None or self._watching.done():
            self._watching = asyncio.create_task(self._keep_looking())

    async def look(self) -> None:
        """Ask the engine, after this call, once for all who wait: serve who waits, remove what was left over.

        No answer changes nothing but our trust.
        """
        if self._next is None:
            self._next = asyncio.create_task(self._look())
        await asyncio.shield(self._next)

    async def _look(self) -> None:
        async with self._one_at_a_time:
            self._next = None  # it begins: whoever asks from now on wants a later one
            began = self.ledger.begin_observation()
            try:
                slots = await self._on_thread(self._engine.slots)
                sessions = await self._on_thread(self._engine.sessions)
            except Exception:
                self.ledger.lose_sight()
                log.warning("no GPU slot is given out: the Docker engine, or CDI, cannot be asked", exc_info=True)
                return
            self.ledger.replace_slots(slots)
            for lease in self.ledger.observe(began, sessions, time.time()):
                self._serve(lease)
            self._tell()
            await self._sweep(sessions)

    def _tell(self) -> None:
        """Write down how many slots there are, and whose GPU has gone, whenever that changes."""
        now, before = self.ledger.availability(), self._told
        if before is None or (now.total, now.stranded) != (before.total, before.stranded):
            log.info("%s GPU slots are offered", now.total)
            for owner, device in now.stranded:
                log.warning("the GPU %s has gone, and the session of %s is still on it", device, owner)
        self._told = now

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

    async def _keep_looking(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._somebody_waits.wait(), REST_S)
            await self.look()
            if self._turns:
                await asyncio.sleep(LOOK_EVERY_S)
            else:
                self._somebody_waits.clear()

    async def _on_thread(self, call: Callable[..., Any], *arguments: object) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, call, *arguments)
